/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * machine.c - runs: until a time, until something ends them, or until a stop
 *
 * Events fire when every clock has reached their time, processors run in between (schedule.c). A
 * stop is for whoever looks at the machine or saves it: it may fall within a turn, and the run that
 * goes on has the same result as one that never stopped.
 */
#include "sim/machine/wiring.h"

#include <stdio.h>

void machine_end_run(struct machine *machine, enum machine_end end, const char *sentence)
{
    if (machine->end != MACHINE_RUNNING)
        return; /* the first reason is the reason */
    machine->end = end;
    snprintf(machine->sentence, sizeof(machine->sentence), "%s", sentence);
    schedule_interrupt(machine);
}

void machine_stop(struct machine *machine)
{
    machine_end_run(machine, MACHINE_STOPPED, "");
}

void machine_stop_at(struct machine *machine, uint64_t clock)
{
    machine->stop_at = clock;
}

void machine_stop_after(struct machine *machine, uint64_t instructions)
{
    machine->schedule.steps = instructions;
}

enum machine_end machine_run(struct machine *machine, uint64_t until)
{
    if (machine->end == MACHINE_STOPPED)
        machine->end = MACHINE_RUNNING;
    while (machine->end == MACHINE_RUNNING) {
        uint64_t now = machine_clock_min(machine);

        if (schedule_within_block(machine)) {
            schedule_step(machine, event_next(&machine->events), until, machine->stop_at);
        } else if (now >= machine->stop_at) {
            machine->stop_at = EVENT_NEVER;
            machine_stop(machine);
        } else if (event_next(&machine->events) <= now) {
            event_fire_due(&machine->events, now);
        } else if (now >= until) {
            return MACHINE_TIME;
        } else {
            schedule_step(machine, event_next(&machine->events), until, machine->stop_at);
        }
    }
    return machine->end;
}

void machine_report_unclaimed(const struct machine *machine, FILE *out, const char *prefix)
{
    const struct bus *bus = &machine->bus;

    for (unsigned i = 0; i < bus->unclaimed_count; i++) {
        const struct bus_unclaimed *at = &bus->unclaimed[i];

        fprintf(out, "%snobody answers %s 0x%x: %llu reads, %llu writes\n", prefix,
                at->memory ? "address" : "port", at->address, (unsigned long long)at->reads,
                (unsigned long long)at->writes);
    }
    if (bus->unclaimed_more)
        fprintf(out, "%sand %llu accesses elsewhere\n", prefix,
                (unsigned long long)bus->unclaimed_more);
}
