/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * counted.c - runs to where a counter grows, or reaches a value
 *
 * A straight stretch of code is charged as a whole (cpu/walk.c), so that a stop is before the first
 * instruction that runs with the new count. All contexts are summed only when the processor's own
 * part has changed, or runs another context.
 */
#include "sim/inspect/run.h"

static uint64_t sum(const struct inspect *inspect)
{
    const struct machine *machine = inspect->machine;

    for (unsigned i = 0; i < machine->config.processors; i++)
        cpu_settle(machine->cpu[i]);
    return total_event(inspect->account, (enum cpu_event)inspect->number, SPAN_ALL);
}

void counted_begin(struct inspect *inspect)
{
    inspect->counted = (struct inspect_counted){.total = sum(inspect)};
}

bool counted_look(struct inspect *inspect, unsigned cpu)
{
    const struct context *context = inspect->account->cpu[cpu].context;
    struct inspect_counted *counted = &inspect->counted;
    uint64_t own = 0, total;

    cpu_settle(inspect->machine->cpu[cpu]);
    for (unsigned ring = 0; ring < 4; ring++)
        own += context_event(context, cpu, ring, (enum cpu_event)inspect->number, SPAN_ALL);
    if (counted->of[cpu] == context->id + 1 && counted->own[cpu] == own)
        return false;
    counted->of[cpu] = context->id + 1;
    counted->own[cpu] = own;
    total = sum(inspect);
    if (total == counted->total)
        return false;
    counted->total = total;
    return total >= inspect->until;
}
