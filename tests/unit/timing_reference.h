/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * timing_reference.h - the memory hierarchy once more, as plainly as it can be written
 *
 * Linear searches and explicit time stamps, no filter, no residence of blocks, no lists. It shares
 * nothing with cpu/ but the parameters and the names of the events; docs/cost-model.md describes
 * what both do. The tests hold the two against each other on random traces.
 */
#ifndef XENOLITH_TESTS_TIMING_REFERENCE_H
#define XENOLITH_TESTS_TIMING_REFERENCE_H

#include "cpu/model/timing.h"

struct reference;

/* `first` is the first processor on the same bus, or NULL. */
struct reference *reference_open(const struct machine_costs *costs, timing_page_of *page_of,
                                 void *cpu, struct reference *first);
void reference_close(struct reference *r);

void reference_fetch(struct reference *r, uint32_t linear, unsigned bytes, uint32_t frame0,
                     uint32_t frame1);
void reference_access(struct reference *r, uint32_t linear, uint32_t physical, bool write);
void reference_flush(struct reference *r, bool global_too, bool paging);
void reference_flush_page(struct reference *r, uint32_t linear);
/* A device reads or writes memory. */
void reference_device(struct reference *r, uint32_t physical, uint32_t bytes, bool write,
                      struct cpu_device_lines *lines);
/* Issue cycles of a block. */
void reference_issue(struct reference *r, uint64_t cycles);

uint64_t reference_clock(const struct reference *r);
const uint64_t *reference_counts(const struct reference *r);

#endif
