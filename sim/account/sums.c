/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/account/account.h"

#include <stdio.h>
#include <string.h>

const char *const event_names[CPU_NR_EVENTS] = {
#define EVENT(name, unit, model, description) [CPU_##name] = #name,
#include "cpu/events.def"
#undef EVENT
};

const char *const event_units[CPU_NR_EVENTS] = {
#define EVENT(name, unit, model, description) [CPU_##name] = unit,
#include "cpu/events.def"
#undef EVENT
};

bool is_cycles(enum cpu_event event)
{
    return !strncmp(event_names[event], "cycles_", 7);
}

uint64_t tally_cycles(const struct cpu_tally *tally)
{
    uint64_t sum = 0;

    for (int event = 0; event < CPU_NR_EVENTS; event++)
        if (is_cycles((enum cpu_event)event))
            sum += tally->n[event];
    return sum;
}

struct context *context_from(const struct account *account, uint32_t id)
{
    for (; id <= account->highest; id++)
        if (account->by_id[id])
            return account->by_id[id];
    return NULL;
}

uint64_t context_event(const struct context *context, unsigned cpu, unsigned ring,
                       enum cpu_event event, enum span span)
{
    uint64_t value = context->now.tally[cpu][ring].n[event];

    return span == SPAN_ALL ? value : value - context->start.tally[cpu][ring].n[event];
}

uint64_t total_event(const struct account *account, enum cpu_event event, enum span span)
{
    const struct context *context;
    uint64_t sum = 0;

    for (uint32_t id = 0; (context = context_from(account, id)); id = context->id + 1)
        for (unsigned cpu = 0; cpu < CPU_MAX; cpu++)
            for (unsigned ring = 0; ring < 4; ring++)
                sum += context_event(context, cpu, ring, event, span);
    return sum;
}

uint64_t context_cycles(const struct context *context, unsigned cpu, enum span span)
{
    uint64_t sum = 0;

    for (unsigned ring = 0; ring < 4; ring++) {
        sum += tally_cycles(&context->now.tally[cpu][ring]);
        if (span == SPAN_WINDOW)
            sum -= tally_cycles(&context->start.tally[cpu][ring]);
    }
    return sum;
}

struct reason context_reason(const struct context *context, unsigned reason, enum span span)
{
    struct reason value = context->now.reason[reason];

    if (span == SPAN_WINDOW) {
        value.entries -= context->start.reason[reason].entries;
        value.cycles -= context->start.reason[reason].cycles;
    }
    return value;
}

struct reason total_reason(const struct account *account, unsigned reason, enum span span)
{
    const struct context *context;
    struct reason sum = {0};

    for (uint32_t id = 0; (context = context_from(account, id)); id = context->id + 1) {
        struct reason value = context_reason(context, reason, span);

        sum.entries += value.entries;
        sum.cycles += value.cycles;
    }
    return sum;
}

static uint64_t busy_cycles(const struct context *context, enum span span)
{
    uint64_t sum = 0;

    for (unsigned cpu = 0; cpu < CPU_MAX; cpu++) {
        sum += context_cycles(context, cpu, span);
        for (unsigned ring = 0; ring < 4; ring++)
            sum -= context_event(context, cpu, ring, CPU_cycles_halted, span);
    }
    return sum;
}

void work_figures(struct work_figures *work, const struct account *account, enum span span)
{
    const struct context *context;

    *work = (struct work_figures){.smallest = UINT64_MAX};
    if (account->window)
        work->window_cycles = cpu_clock(account->machine->cpu[0]) - account->cpu[0].start_clock;
    for (uint32_t id = 0; (context = context_from(account, id)); id = context->id + 1) {
        uint64_t busy = busy_cycles(context, span);

        if (!context->now.units)
            continue;
        work->contexts++;
        work->units += context->now.units - (span == SPAN_WINDOW ? context->start.units : 0);
        work->cycles += busy;
        work->smallest = busy < work->smallest ? busy : work->smallest;
        work->largest = busy > work->largest ? busy : work->largest;
        for (unsigned cpu = 0; cpu < CPU_MAX; cpu++)
            work->instructions += context_event(context, cpu, 3, CPU_instructions, span);
    }
    if (!work->contexts)
        work->smallest = 0;
}

void group_figures(struct group_figures *group, const struct account *account, uint64_t first,
                   uint64_t copies, enum span span)
{
    *group = (struct group_figures){0};
    for (uint64_t i = first; i < first + copies && i < account->copies.expected; i++) {
        const struct context *context = account->copies.copy[i].starter;

        if (!context)
            continue;
        group->units += context->now.units - (span == SPAN_WINDOW ? context->start.units : 0);
        group->cycles += busy_cycles(context, span);
        for (unsigned cpu = 0; cpu < CPU_MAX; cpu++)
            group->instructions += context_event(context, cpu, 3, CPU_instructions, span);
    }
}

void context_name(uint32_t id, const char *kind, char *name, size_t bytes)
{
    if (id == ANNOUNCE_CONTEXT_IDLE)
        snprintf(name, bytes, "idle");
    else if (id == ANNOUNCE_CONTEXT_BOOT)
        snprintf(name, bytes, "boot");
    else
        snprintf(name, bytes, "%s %u", kind, id);
}
