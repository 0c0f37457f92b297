/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * timing.h - how the processor's code charges cycles
 *
 * One meter a processor. Whatever takes time is charged through it, once, to one of the cycles_*
 * events: that moves the clock and the tally together, so that the sums equal the clock. The
 * issue cycles of whole blocks are the one exception: translated code adds those to the clock
 * itself, and they reach cycles_issue when the fast counters are settled.
 *
 * A meter always has costs: in the unit mode they are timing_no_costs, all zero, so callers charge
 * `meter->costs->cost_cr3_load` without asking for the mode.
 */
#ifndef XENOLITH_CPU_TIMING_H
#define XENOLITH_CPU_TIMING_H

#include "cpu/model/block.h"
#include "cpu/costs/costs.h"
#include "cpu/cpu.h"

struct meter {
    uint64_t *clock; /* the processor's, in cycles */
    uint64_t *n;     /* the tally of the context and ring that run now, by enum cpu_event */
    const struct machine_costs *costs;
};

/* Every cost zero, every component disabled; clock_hz too, so ask the machine for that. */
extern const struct machine_costs timing_no_costs;

static inline void meter_charge(struct meter *meter, enum cpu_event cause, uint64_t cycles)
{
    *meter->clock += cycles;
    meter->n[cause] += cycles;
}

static inline void meter_count(struct meter *meter, enum cpu_event event, uint64_t number)
{
    meter->n[event] += number;
}

/* What delivering through a gate, or leaving by one, costs beside its memory accesses. */
uint64_t timing_crossing(const struct machine_costs *costs, enum cpu_gate_kind kind, unsigned from,
                         unsigned to);

/* ---- caches and TLBs, in the full mode ------------------------------------------------------- */

struct timing; /* those of one processor */

/* Where an access came from, for the filter. */
struct filter_site {
    uintptr_t host;     /* of the first byte of the line; 0: the line may not enter */
    uint32_t table;     /* privilege index */
    bool inline_stores; /* stores need no other attention, such as a page of code does */
};

/* What a page walk finds, as far as the TLB is concerned. */
struct timing_page {
    uint32_t entry[2]; /* physical addresses of the page-table entries it reads, in order */
    uint8_t entries;
    uint8_t shift; /* 12, 21 or 22: log2 of the page's size */
    bool global;   /* marked so, and CR4.PGE is on */
};
typedef void timing_page_of(void *cpu, uint32_t linear, struct timing_page *page);

/*
 * Opens the model of one processor, everything empty. `meter` and its costs outlive it; page_of()
 * is asked about linear addresses that are mapped, while paging is on. With `no_filter`
 * it is notified of every access: slow, and the oracle of the fast path. NULL: no memory.
 */
struct timing *timing_open(struct meter *meter, bool no_filter, timing_page_of *page_of, void *cpu);
void timing_close(struct timing *t);

/* Puts a processor that is on no bus yet on the bus of `first`, as its last. */
void timing_join(struct timing *t, struct timing *first);

/* dma.c: a device moves a range of memory over the bus that `t` is on; see cpu_device_access(). */
void timing_device(struct timing *t, uint32_t physical, uint32_t bytes, bool write,
                   struct cpu_device_lines *lines);

/*
 * Code. timing_fetch() notifies of a block that is about to run, before its issue cycles are on the
 * clock, unless none of its lines has a negative timing_recency(): then it is enough to advance
 * the sequence number and to store it, plus the line's number within the block, in each.
 * timing_prepare() comes once before.
 */
void timing_fetch(struct timing *t, const struct block *block);
void timing_prepare(struct timing *t, const struct block *block);
int64_t *timing_recency(struct timing *t, uint32_t vline);

/* The linear lines a block lies on. */
static inline uint32_t timing_first_line(const struct block *block)
{
    return block->pc >> COSTS_LINE_BITS;
}
static inline uint32_t timing_lines(const struct block *block)
{
    uint64_t last = (uint64_t)block->pc + (block->bytes ? block->bytes - 1u : 0);

    return (uint32_t)(last >> COSTS_LINE_BITS) - timing_first_line(block) + 1;
}

/*
 * One access within a line of 64 bytes. An access that crosses a line is two: the upper line
 * first. `site` says how later ones may take the fast path.
 */
void timing_load(struct timing *t, uint32_t linear, uint32_t physical, struct filter_site site);
void timing_store(struct timing *t, uint32_t linear, uint32_t physical, struct filter_site site);
static inline void timing_access(struct timing *t, uint32_t linear, uint32_t physical, bool write,
                                 struct filter_site site)
{
    (write ? timing_store : timing_load)(t, linear, physical, site);
}
/* The same to device memory, which is translated but not cached. */
void timing_access_device(struct timing *t, uint32_t linear);

/* The TLBs are flushed; `paging`: whether linear addresses are translated from now on. */
void timing_flush(struct timing *t, bool global_too, bool paging);
void timing_flush_page(struct timing *t, uint32_t linear);

/* Empties the filter: rights or hooks have changed that the model does not know of. What is
 * counted stays the same. */
void timing_empty_filter(struct timing *t);

/* ---- modes ----------------------------------------------------------------------------------- */

/* Whether a timing mode models an event: the `model` column of events.def. */
bool timing_models(enum cpu_timing mode, enum cpu_event event);

#endif
