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

#include "cpu/costs.h"
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

/* Whether a timing mode models an event: the `model` column of events.def. */
bool timing_models(enum cpu_timing mode, enum cpu_event event);

#endif
