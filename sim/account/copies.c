/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * copies.c - the copies of a program that is measured from its start to its end
 *
 * What starts a copy (workloads/dom0/init/copy.h) says when it is ready, when the program begins
 * and how it ended. Anybody in the machine can say so; nothing but the record hangs on it.
 *
 * On the bare kernel a program is a context of its own, and each run of it another one. When a run
 * is over its counts are added to those of the context that started it. So a copy is one context on
 * both systems, and a program that is run ten thousand times is not ten thousand contexts.
 */
#include "sim/account/account.h"

#include <stdlib.h>

bool copies_expect(struct account *account, unsigned count, bool repeat)
{
    account->copies = (struct copies){
        .copy = calloc(count, sizeof(struct copy)), .repeat = repeat, .expected = count};
    return account->copies.copy != NULL;
}

void copies_free(struct copies *copies)
{
    free(copies->copy);
    *copies = (struct copies){0};
}

/* ---- one context a copy ---------------------------------------------------------------------- */

static void add_counts(struct context_counts *to, const struct context_counts *from)
{
    for (unsigned cpu = 0; cpu < CPU_MAX; cpu++)
        for (unsigned ring = 0; ring < 4; ring++)
            for (int event = 0; event < CPU_NR_EVENTS; event++)
                to->tally[cpu][ring].n[event] += from->tally[cpu][ring].n[event];
    for (unsigned reason = 0; reason < REASON_COUNT; reason++) {
        to->reason[reason].entries += from->reason[reason].entries;
        to->reason[reason].cycles += from->reason[reason].cycles;
    }
    for (unsigned number = 0; number < SYSCALL_MAX; number++)
        to->syscalls[number] += from->syscalls[number];
    to->units += from->units;
}

/* Adds a context to another, and forgets it; not while a processor runs it. */
static void merge(struct account *account, struct context *from, struct context *into)
{
    static struct cpu_tally aside[4];
    struct machine *machine = account->machine;

    for (unsigned i = 0; i < machine->config.processors; i++)
        if (account->cpu[i].context == from)
            return;
    /* A processor reckons from what its tally held last: the tally must not grow under it. */
    for (unsigned i = 0; i < machine->config.processors; i++)
        if (account->cpu[i].context == into)
            cpu_charge_to(machine->cpu[i], aside);
    regions_merge(account, from->id, into->id);
    add_counts(&into->now, &from->now);
    add_counts(&into->start, &from->start);
    for (unsigned i = 0; i < machine->config.processors; i++)
        if (account->cpu[i].context == into)
            cpu_charge_to(machine->cpu[i], into->now.tally[i]);
    account->by_id[from->id] = NULL;
    counter_table_free(&from->table);
    free(from);
}

static void program_over(struct account *account, struct copy *copy)
{
    if (copy->program && copy->program != copy->starter)
        merge(account, copy->program, copy->starter);
    copy->program = NULL;
}

void copies_settle(struct account *account)
{
    for (unsigned i = 0; i < account->copies.expected; i++) {
        struct copy *copy = &account->copies.copy[i];

        for (unsigned cpu = 0; copy->program && cpu < account->machine->config.processors; cpu++)
            if (account->cpu[cpu].context == copy->program) {
                cpu_charge_to(account->machine->cpu[cpu], copy->starter->now.tally[cpu]);
                account->cpu[cpu].context = copy->starter;
            }
        program_over(account, copy);
    }
}

/* ---- what is told ---------------------------------------------------------------------------- */

static void ended(struct account *account, struct copy *copy)
{
    copy->ended = true;
    if (++account->copies.ended == account->copies.expected || account->copies.repeat)
        machine_stop(account->machine);
}

/* Whether a context has a part in a copy: it can have none in another. */
static bool is_taken(const struct account *account, const struct context *context)
{
    for (unsigned i = 0; i < account->copies.expected; i++) {
        const struct copy *copy = &account->copies.copy[i];

        if (copy->starter == context || copy->program == context)
            return true;
    }
    return context->id >= ANNOUNCE_CONTEXT_BOOT;
}

static void ready(struct account *account, unsigned cpu, struct copy *copy)
{
    if (copy->starter || is_taken(account, account->cpu[cpu].context))
        return;
    copy->starter = account->cpu[cpu].context;
    copy->late = account->copies.begun > 0;
}

static void begin(struct account *account, unsigned cpu, struct copy *copy)
{
    struct context *context = account->cpu[cpu].context;

    if (!copy->starter || copy->ended || copy->program ||
        (context != copy->starter && is_taken(account, context)))
        return;
    copy->program = context;
    if (copy->begun)
        return;
    copy->begun = true;
    copy->begin = cpu_clock(account->machine->cpu[cpu]);
    if (account->copies.begun++ == 0 && !account->copies.repeat)
        machine_stop(account->machine);
}

static void run_ended(struct account *account, unsigned cpu, struct copy *copy, uint16_t status)
{
    if (account->cpu[cpu].context != copy->starter || !copy->begun || copy->ended)
        return;
    program_over(account, copy);
    copy->end = cpu_clock(account->machine->cpu[cpu]);
    copy->status = status;
    copy->runs += status == 0;
    if (!account->copies.repeat || status != 0)
        ended(account, copy);
    else
        account_work(account, copy->starter, 1);
}

void copies_announced(struct account *account, unsigned cpu, uint32_t leaf, uint32_t argument)
{
    uint32_t number = argument & 0xffff;
    struct copy *copy;

    if (number >= account->copies.expected)
        return;
    copy = &account->copies.copy[number];
    if (leaf == ANNOUNCE_LEAF_COPY_READY)
        ready(account, cpu, copy);
    else if (leaf == ANNOUNCE_LEAF_COPY_BEGIN)
        begin(account, cpu, copy);
    else
        run_ended(account, cpu, copy, (uint16_t)(argument >> 16));
}

void copies_context_ended(struct account *account, const struct context *context)
{
    for (unsigned i = 0; i < account->copies.expected; i++) {
        struct copy *copy = &account->copies.copy[i];

        if (copy->starter != context || copy->ended)
            continue;
        copy->lost = true;
        ended(account, copy);
    }
}
