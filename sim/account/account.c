/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * account.c - following the processors
 *
 * The reason for being in ring 0 is a small stack: the entry from an outer ring lies at its bottom,
 * interrupts taken within ring 0 above it. An exit to an outer ring empties it. A kernel that
 * switches stacks within ring 0 leaves by another way than it came; its time goes on under the
 * reason of the last entry until it leaves, which is where the work was asked for.
 */
#include "sim/account/account.h"

#include <stdlib.h>
#include <string.h>

struct context *account_context(struct account *account, uint32_t id)
{
    struct context *context = account->by_id[id];

    if (context)
        return context;
    context = calloc(1, sizeof(*context));
    if (!context) {
        fprintf(stderr, "xenolith: no memory for the counts of context %u\n", id);
        abort();
    }
    context->id = id;
    account->by_id[id] = context;
    if (id > account->highest)
        account->highest = id;
    return context;
}

/* ---- reasons --------------------------------------------------------------------------------- */

/* Charges the time since the last charge; true if the processor is in ring 0. */
static void charge(struct account *account, unsigned cpu)
{
    struct account_cpu *at = &account->cpu[cpu];
    uint64_t now = cpu_clock(account->machine->cpu[cpu]);

    if (at->inside)
        at->context->now.reason[at->reason[at->depth]].cycles += now - at->since;
    else
        at->outside += now - at->since;
    at->since = now;
}

static uint16_t reason_of(const struct cpu_crossing *crossing)
{
    if (crossing->kind != CPU_GATE_SOFTWARE || crossing->vector != HYPERCALL_VECTOR ||
        crossing->from == 0)
        return (uint16_t)(REASON_VECTOR + crossing->vector);
    if (crossing->eax >= HYPERCALL_MAX)
        return REASON_COUNT - 1;
    return (uint16_t)(REASON_HYPERCALL + crossing->eax);
}

static bool is_return(enum cpu_gate_kind kind)
{
    return kind == CPU_GATE_IRET || kind == CPU_GATE_FAR_RETURN || kind == CPU_GATE_SYSEXIT;
}

static void crossed(void *owner, unsigned cpu, const struct cpu_crossing *crossing)
{
    struct account *account = owner;
    struct account_cpu *at = &account->cpu[cpu];

    if (crossing->kind == CPU_GATE_SOFTWARE && crossing->vector == SYSCALL_VECTOR &&
        crossing->from == 3)
        at->context->now.syscalls[crossing->eax < SYSCALL_MAX ? crossing->eax : SYSCALL_MAX - 1]++;
    if (crossing->from != 0 && crossing->to != 0)
        return;
    charge(account, cpu);
    if (crossing->to != 0) {
        at->inside = false;
        return;
    }
    if (is_return(crossing->kind)) {
        if (at->depth > 0)
            at->depth--;
        return;
    }
    if (crossing->kind == CPU_GATE_FAR_CALL && crossing->from == 0)
        return;
    if (crossing->from != 0)
        at->depth = 0;
    else if (at->depth + 1 < REASON_DEPTH)
        at->depth++;
    at->inside = true;
    at->reason[at->depth] = reason_of(crossing);
    at->context->now.reason[at->reason[at->depth]].entries++;
}

static void masked(void *owner, unsigned cpu)
{
    struct account *account = owner;
    struct account_cpu *at = &account->cpu[cpu];

    at->masked_for = at->reason[at->depth];
}

uint64_t account_masked(const struct account *account, unsigned cpu, unsigned *reason)
{
    const struct machine *machine = account->machine;
    const struct account_cpu *at = &account->cpu[cpu];
    uint64_t known = cpu_longest_masked(machine->cpu[cpu], false);
    uint64_t all = cpu_longest_masked(machine->cpu[cpu], machine->end != MACHINE_POWER_OFF);

    *reason = all > known ? at->reason[at->depth] : at->masked_for;
    return all;
}

/* ---- announcements --------------------------------------------------------------------------- */

void account_work(struct account *account, struct context *context, uint32_t units)
{
    if (units == 0 || context->id >= ANNOUNCE_CONTEXT_BOOT)
        return;
    if (context->now.units == 0 && ++account->working == account->expected)
        machine_stop(account->machine);
    context->now.units += units;
}

/* Ring 0 speaks for the machine, ring 1 for its context; others have no counters. */
static void counters(struct account *account, unsigned cpu, uint32_t linear)
{
    struct context *context = account->cpu[cpu].context;
    struct cpu_registers registers;
    struct counter_table *table;

    cpu_registers(account->machine->cpu[cpu], &registers);
    table = registers.ring == 0 ? &account->supervisor : &context->table;
    if (registers.ring > 1) {
        account->tables_refused++;
        return;
    }
    if (linear == 0) { /* withdrawn: its last values stand */
        if (table->present)
            counter_table_read(table, account->machine);
        table->physical = 0;
        return;
    }
    if (!counter_table_take(table, account->machine, cpu, registers.ring, linear))
        account->tables_refused++;
}

static void ramdisk(struct account *account, unsigned cpu, uint32_t linear)
{
    struct cpu_registers registers;

    cpu_registers(account->machine->cpu[cpu], &registers);
    if (registers.ring > 1 || !ramdisk_take(&account->ramdisk, account->machine, cpu, linear))
        account->tables_refused++;
}

static void announce(void *owner, unsigned cpu, uint32_t leaf, uint32_t argument)
{
    struct account *account = owner;

    switch (leaf) {
    case ANNOUNCE_LEAF_WORK:
        account_work(account, account->cpu[cpu].context, argument);
        break;
    case ANNOUNCE_LEAF_COUNTERS:
        counters(account, cpu, argument);
        break;
    case ANNOUNCE_LEAF_RAMDISK:
        ramdisk(account, cpu, argument);
        break;
    case ANNOUNCE_LEAF_COPY_READY:
    case ANNOUNCE_LEAF_COPY_BEGIN:
    case ANNOUNCE_LEAF_COPY_END:
        copies_announced(account, cpu, leaf, argument);
        break;
    case ANNOUNCE_LEAF_REGION:
        region_announced(account, cpu, argument);
        break;
    default:
        break;
    }
}

static void switch_to(void *owner, unsigned cpu, uint32_t id)
{
    struct account *account = owner;
    struct account_cpu *at = &account->cpu[cpu];

    charge(account, cpu);
    at->context = account_context(account, id);
    at->context->ended = false;
    cpu_charge_to(account->machine->cpu[cpu], at->context->now.tally[cpu]);
}

static void end_context(void *owner, unsigned cpu, uint32_t id)
{
    struct account *account = owner;
    struct context *context = account_context(account, id);

    (void)cpu;
    counter_table_end(&context->table, account->machine);
    context->ended = true;
    copies_context_ended(account, context);
}

/* ---- life ------------------------------------------------------------------------------------ */

void account_attach(struct account *account, struct machine *machine, unsigned expected)
{
    *account = (struct account){.machine = machine, .expected = expected};
    machine->observer = (struct machine_observer){.owner = account,
                                                  .announce = announce,
                                                  .context = switch_to,
                                                  .context_ended = end_context,
                                                  .crossed = crossed,
                                                  .masked = masked};
    for (unsigned i = 0; i < machine->config.processors; i++) {
        struct account_cpu *at = &account->cpu[i];

        at->context = account_context(account, ANNOUNCE_CONTEXT_BOOT);
        at->inside = true;
        at->since = cpu_clock(machine->cpu[i]);
        cpu_charge_to(machine->cpu[i], at->context->now.tally[i]);
    }
}

void account_free(struct account *account)
{
    for (uint32_t id = 0; id <= account->highest; id++) {
        if (!account->by_id[id])
            continue;
        counter_table_free(&account->by_id[id]->table);
        free(account->by_id[id]);
    }
    counter_table_free(&account->supervisor);
    ramdisk_free(&account->ramdisk);
    copies_free(&account->copies);
    regions_free(&account->regions);
}

void account_settle(struct account *account)
{
    struct context *context;

    for (unsigned i = 0; i < account->machine->config.processors; i++) {
        charge(account, i);
        cpu_settle(account->machine->cpu[i]);
    }
    counter_table_read(&account->supervisor, account->machine);
    for (uint32_t id = 0; (context = context_from(account, id)); id = context->id + 1)
        counter_table_read(&context->table, account->machine);
}

static void start_table(struct counter_table *table)
{
    if (table->present)
        memcpy(table->start, table->now, table->count * sizeof(*table->start));
}

void account_start_window(struct account *account)
{
    struct context *context;

    account_settle(account);
    account->window = true;
    for (unsigned i = 0; i < account->machine->config.processors; i++)
        account->cpu[i].start_clock = cpu_clock(account->machine->cpu[i]);
    start_table(&account->supervisor);
    for (uint32_t id = 0; (context = context_from(account, id)); id = context->id + 1) {
        context->start = context->now;
        start_table(&context->table);
    }
}
