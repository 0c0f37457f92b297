/* SPDX-License-Identifier: GPL-2.0-only */
/* processor.h - the parts of a processor's saved state */
#ifndef XENOLITH_CPU_SAVED_PROCESSOR_H
#define XENOLITH_CPU_SAVED_PROCESSOR_H

#include "cpu/saved/saved.h"
#include "cpu/state.h"

/* unicorn_saved.c: registers, clock and mode; what the software TLB holds. */
void lib_saved_registers(struct cpu *cpu, struct saved *saved);
void lib_saved_tlb(struct cpu *cpu, struct saved *saved);

/* model.c: caches and TLBs of the full mode. Lines leave the fast path first, which changes no
 * count. */
void timing_saved(struct timing *t, struct saved *saved);

/* Every table of cpu/, for tests; each list ends with NULL. */
extern const struct saved_table *const lib_saved_tables[], *const cpu_saved_tables[],
                                                               *const timing_saved_tables[];

#endif
