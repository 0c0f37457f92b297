/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * replay.c - runs that come again to where a run was
 *
 * A position is met exactly: fast until every clock is shortly before it, then instruction by
 * instruction. Of a position that is only a number of instructions the clock is not known; a
 * quarter of what is left, as cycles, never passes it, for no processor completes four instructions
 * a cycle.
 */
#include "sim/inspect/history.h"
#include "sim/inspect/run.h"

#include <inttypes.h>
#include <stdio.h>

#define WALKED          UINT64_C(10000) /* cycles before a position, which are walked */
#define WALKED_STEPS    UINT64_C(20000)
#define PER_CYCLE_BELOW 4

static void clear_breaks(struct inspect *inspect)
{
    for (unsigned i = 0; i < inspect->session.kept_count; i++)
        for (unsigned cpu = 0; cpu < inspect->machine->config.processors; cpu++)
            cpu_break_clear(inspect->machine->cpu[cpu], inspect->session.kept[i]);
}

void inspect_set_breaks(struct inspect *inspect, bool set)
{
    clear_breaks(inspect);
    inspect_set_watches(inspect, set);
    for (unsigned i = 0; set && i < inspect->session.kept_count; i++)
        for (unsigned cpu = 0; cpu < inspect->machine->config.processors; cpu++)
            cpu_break_set(inspect->machine->cpu[cpu], inspect->session.kept[i]);
}

void inspect_abandon(struct inspect *inspect)
{
    run_prepare(inspect, false);
    inspect_set_breaks(inspect, false);
    run_begin(inspect, INSPECT_END, 0);
}

/* ---- by level -------------------------------------------------------------------------------- */

uint64_t inspect_count(struct inspect *inspect, enum inspect_level level, uint64_t number,
                       const struct inspect_position *bound)
{
    uint64_t beyond = bound->clock_min + 4 * inspect->machine->config.quantum, count = 0;

    run_begin(inspect, level, number);
    run_prepare(inspect, true);
    while (run_on(inspect, beyond) == RUN_FOUND) {
        struct inspect_position at = inspect_position(inspect);

        if (!inspect_before(&at, bound))
            break;
        count++;
        inspect->found = false;
    }
    run_prepare(inspect, false);
    return count;
}

void inspect_pass(struct inspect *inspect, enum inspect_level level, uint64_t number,
                  uint64_t count)
{
    run_begin(inspect, level, number);
    run_prepare(inspect, true);
    for (; count && run_on(inspect, EVENT_NEVER) == RUN_FOUND; count--)
        inspect->found = false;
    run_prepare(inspect, false);
    run_begin(inspect, INSPECT_END, 0);
}

/* ---- by instructions ------------------------------------------------------------------------- */

void inspect_run_to(struct inspect *inspect, uint64_t clock)
{
    run_begin(inspect, INSPECT_CLOCK, clock);
    run_prepare(inspect, true);
    run_on(inspect, EVENT_NEVER);
    run_prepare(inspect, false);
    run_begin(inspect, INSPECT_END, 0);
}

static bool has_ended(const struct inspect *inspect)
{
    return inspect->machine->end != MACHINE_STOPPED && inspect->machine->end != MACHINE_RUNNING;
}

void inspect_step_silently(struct inspect *inspect, uint64_t count)
{
    run_begin(inspect, INSPECT_INSTRUCTION, count);
    run_prepare(inspect, true);
    if (run_on(inspect, EVENT_NEVER) == RUN_FOUND)
        inspect->cpu = inspect->machine->schedule.turn.cpu;
    run_prepare(inspect, false);
    run_begin(inspect, INSPECT_END, 0);
}

uint64_t inspect_walk_to(struct inspect *inspect, const struct inspect_position *target)
{
    struct inspect_position at = inspect_position(inspect);
    uint64_t steps = 0;

    while (inspect_before(&at, target)) {
        uint64_t left = target->instructions - at.instructions;

        if (!left && at.clock_min < target->clock_min) /* everybody waits */
            inspect_run_to(inspect, target->clock_min);
        at = inspect_position(inspect);
        if (!inspect_before(&at, target))
            break;
        left = left ? left : 1; /* one that does not complete */
        inspect_step_silently(inspect, left);
        steps += left;
        at = inspect_position(inspect);
        if (has_ended(inspect))
            break;
    }
    if (target->clocks && inspect_before(target, &at))
        return UINT64_MAX;
    return inspect_before(&at, target) ? UINT64_MAX : steps;
}

/* Near a number of instructions. */
static void come_near(struct inspect *inspect, uint64_t instructions)
{
    struct machine *machine = inspect->machine;

    for (;;) {
        uint64_t now = inspect_position(inspect).instructions, left;

        if (now >= instructions || instructions - now < WALKED_STEPS)
            return;
        left = instructions - now;
        inspect_run_to(inspect, machine_clock_min(machine) +
                                    left / PER_CYCLE_BELOW / machine->config.processors);
        if (has_ended(inspect))
            return;
    }
}

static void say_position(struct inspect *inspect, const char *what)
{
    struct inspect_position at = inspect_position(inspect);
    char name[SYMBOL_BYTES], who[64];
    struct cpu_registers r;

    cpu_registers(inspect->machine->cpu[inspect->cpu], &r);
    inspect_context(inspect, inspect->context[inspect->cpu], who, sizeof(who));
    snprintf(inspect->sentence, INSPECT_SENTENCE,
             "%s at instruction %" PRIu64 ": at %s, ring %u, %s", what, at.instructions,
             symbols_name(&inspect->symbols, r.ring, r.base[1] + r.eip, name), r.ring, who);
}

void inspect_go_to(struct inspect *inspect, const struct inspect_position *target)
{
    uint64_t steps;

    if (target->clock_min > WALKED)
        inspect_run_to(inspect, target->clock_min - WALKED);
    else if (!target->clock_min)
        come_near(inspect, target->instructions);
    steps = inspect_walk_to(inspect, target);
    run_settle(inspect);
    say_position(inspect, steps == UINT64_MAX ? "the run does not come there; it is" : "now");
}

void inspect_go_on_to(struct inspect *inspect, const struct inspect_position *target)
{
    inspect_set_breaks(inspect, false);
    inspect_go_to(inspect, target);
    inspect_set_breaks(inspect, true);
}

void inspect_say_back(struct inspect *inspect, uint64_t count)
{
    char what[64];

    run_settle(inspect);
    snprintf(what, sizeof(what), "%" PRIu64 " instruction%s back,", count, count == 1 ? "" : "s");
    say_position(inspect, what);
}
