/* SPDX-License-Identifier: GPL-2.0-only */
/* timing.c - what crossings cost, and which mode models what */
#include "cpu/model/timing.h"

const struct machine_costs timing_no_costs = {.name = "no costs"};

uint64_t timing_crossing(const struct machine_costs *costs, enum cpu_gate_kind kind, unsigned from,
                         unsigned to)
{
    bool same = from == to;

    switch (kind) {
    case CPU_GATE_EXCEPTION:
        return same ? costs->cost_same_ring : costs->cost_exception;
    case CPU_GATE_SOFTWARE:
        return same ? costs->cost_same_ring : costs->cost_software_interrupt;
    case CPU_GATE_INTERRUPT:
        return same ? costs->cost_same_ring : costs->cost_interrupt;
    case CPU_GATE_IRET:
        return same ? costs->cost_iret_same : costs->cost_iret_outer;
    case CPU_GATE_FAR_CALL:
        return same ? costs->cost_far_call_same : costs->cost_far_call_inner;
    case CPU_GATE_FAR_RETURN:
        return same ? costs->cost_far_return_same : costs->cost_far_return_outer;
    case CPU_GATE_SYSENTER:
        return costs->cost_sysenter;
    case CPU_GATE_SYSEXIT:
        return costs->cost_sysexit;
    }
    return 0;
}

bool timing_models(enum cpu_timing mode, enum cpu_event event)
{
    enum { UNIT = CPU_TIMING_UNIT, FAST = CPU_TIMING_FAST, FULL = CPU_TIMING_FULL };
    static const unsigned char least[CPU_NR_EVENTS] = {
#define EVENT(name, unit, model, description) [CPU_##name] = model,
#include "cpu/events.def"
#undef EVENT
    };

    return least[event] <= (unsigned char)mode;
}
