/* SPDX-License-Identifier: GPL-2.0-only */
/* result.c - visits a run: its values, in their order; counters.def describes them */
#include "sim/account/result.h"

#include <string.h>

/* ---- how it ended ---------------------------------------------------------------------------- */

static const char *end_name(enum machine_end end)
{
    static const char *const names[] = {
        [MACHINE_RUNNING] = "time",   [MACHINE_TIME] = "time",   [MACHINE_POWER_OFF] = "power_off",
        [MACHINE_DEAD] = "halted",    [MACHINE_RESET] = "reset", [MACHINE_REFUSED] = "refused",
        [MACHINE_STOPPED] = "stopped"};

    return names[end];
}

static void end(struct visit *visit, const struct machine *machine, bool partial)
{
    bool off = machine->end == MACHINE_POWER_OFF;

    visit_open(visit, "end", SECTION_MEMBERS);
    visit_value(visit, "how", value_text(end_name(machine->end)));
    visit_value(visit, "exit_value", value_number_if(off, machine->exit_value));
    visit_value(visit, "sentence", value_text(*machine->sentence ? machine->sentence : NULL));
    visit_value(visit, "partial", value_flag(partial));
    visit_close(visit);
}

static void clocks(struct visit *visit, const struct account *account)
{
    const struct machine *machine = account->machine;
    uint64_t cycles[CPU_MAX], window[CPU_MAX];

    for (unsigned i = 0; i < machine->config.processors; i++) {
        cycles[i] = cpu_clock(machine->cpu[i]);
        window[i] = cycles[i] - account->cpu[i].start_clock;
    }
    visit_open(visit, "clock", SECTION_MEMBERS);
    visit_value(visit, "hz", value_number(machine->config.costs->clock_hz));
    visit_value(visit, "cycles", value_numbers(cycles, machine->config.processors));
    if (account->window)
        visit_value(visit, "window_cycles", value_numbers(window, machine->config.processors));
    else
        visit_value(visit, "window_cycles", value_absent());
    visit_close(visit);
}

static void masked(struct visit *visit, const struct account *account)
{
    unsigned processors = account->machine->config.processors, reason[CPU_MAX];
    uint64_t cycles[CPU_MAX];
    char name[48];

    for (unsigned i = 0; i < processors; i++)
        cycles[i] = account_masked(account, i, &reason[i]);
    visit_open(visit, "masked", SECTION_MEMBERS);
    visit_value(visit, "longest_cycles", value_numbers(cycles, processors));
    visit_open(visit, "reasons", SECTION_LIST);
    for (unsigned i = 0; i < processors; i++) {
        reason_name(reason[i], name, sizeof(name));
        visit_member(visit, value_text(name));
    }
    visit_close(visit);
    visit_close(visit);
}

/* ---- counts ---------------------------------------------------------------------------------- */

static void work(struct visit *visit, const struct account *account, enum span span)
{
    struct work_figures work;
    uint64_t hz = account->machine->config.costs->clock_hz;

    work_figures(&work, account, span);
    visit_open(visit, "work", SECTION_MEMBERS);
    visit_value(visit, "units", value_number(work.units));
    visit_value(visit, "units_per_second", value_decimal(work.units * hz, work.window_cycles, 3));
    visit_value(
        visit, "instructions_per_second",
        value_number_if(work.window_cycles,
                        work.window_cycles ? scale(work.instructions, hz, work.window_cycles) : 0));
    visit_value(visit, "contexts", value_number(work.contexts));
    visit_value(visit, "smallest_share",
                value_decimal(work.smallest * work.contexts, work.cycles, 4));
    visit_value(visit, "largest_share",
                value_decimal(work.largest * work.contexts, work.cycles, 4));
    visit_close(visit);
}

static void groups(struct visit *visit, const struct result_request *request,
                   const struct account *account, enum span span)
{
    uint64_t hz = account->machine->config.costs->clock_hz;
    struct group_figures figures;
    struct work_figures work;

    work_figures(&work, account, span);
    visit_open(visit, "groups", SECTION_LIST);
    for (unsigned i = 0; i < request->groups; i++) {
        const struct result_group *group = &request->group[i];
        uint64_t weight = group->weight ? group->weight : EVERYBODYS_WEIGHT;

        group_figures(&figures, account, group->first, group->copies, span);
        visit_open(visit, NULL, SECTION_MEMBERS);
        visit_value(visit, "name", value_text(group->name));
        visit_value(visit, "program", value_text(group->program));
        visit_value(visit, "copies", value_number(group->copies));
        visit_value(visit, "memory_bytes", value_number_if(group->memory, group->memory));
        visit_value(visit, "weight", value_number_if(group->memory, weight));
        visit_value(visit, "units", value_number(figures.units));
        visit_value(visit, "units_per_second",
                    value_decimal(figures.units * hz, work.window_cycles, 3));
        visit_value(visit, "cycles", value_number(figures.cycles));
        visit_value(visit, "instructions", value_number(figures.instructions));
        visit_close(visit);
    }
    visit_close(visit);
}

static const char *group_of(const struct result_request *request, uint64_t copy)
{
    for (unsigned i = 0; i < request->groups; i++)
        if (copy - request->group[i].first < request->group[i].copies)
            return request->group[i].name;
    return NULL;
}

static void copies(struct visit *visit, const struct result_request *request,
                   const struct copies *copies)
{
    visit_open(visit, "copies", SECTION_LIST);
    for (unsigned i = 0; i < copies->expected; i++) {
        const struct copy *copy = &copies->copy[i];
        unsigned signal = copy->status & 0x7f;
        bool complete = copy->end != 0;

        visit_open(visit, NULL, SECTION_MEMBERS);
        visit_value(visit, "context",
                    value_number_if(copy->starter, copy->starter ? copy->starter->id : 0));
        visit_value(visit, "group", value_text(group_of(request, i)));
        visit_value(visit, "begin_cycles", value_number_if(copy->begun, copy->begin));
        visit_value(visit, "end_cycles", value_number_if(complete, copy->end));
        visit_value(visit, "runs", value_number(copy->runs));
        visit_value(visit, "exit_status", value_number_if(complete && !signal, copy->status >> 8));
        visit_value(visit, "signal", value_number_if(complete && signal, signal));
        visit_value(visit, "lost", value_flag(copy->lost));
        visit_close(visit);
    }
    visit_close(visit);
}

static void event_row(struct visit *visit, const struct account *account, enum cpu_event event,
                      const uint64_t rings[4])
{
    bool modelled = cpu_models(account->machine->engine, event);

    visit_any(visit, event_names[event], event_units[event],
              modelled ? value_numbers(rings, 4) : value_absent());
}

static void by_ring(uint64_t rings[4], const struct account *account, enum cpu_event event,
                    enum span span)
{
    const struct context *context;

    memset(rings, 0, 4 * sizeof(*rings));
    for (uint32_t id = 0; (context = context_from(account, id)); id = context->id + 1)
        for (unsigned cpu = 0; cpu < CPU_MAX; cpu++)
            for (unsigned ring = 0; ring < 4; ring++)
                rings[ring] += context_event(context, cpu, ring, event, span);
}

static void events(struct visit *visit, const struct account *account, enum span span)
{
    visit_open(visit, "events", SECTION_MEMBERS);
    for (int event = 0; event < CPU_NR_EVENTS; event++) {
        uint64_t rings[4];

        by_ring(rings, account, (enum cpu_event)event, span);
        event_row(visit, account, (enum cpu_event)event, rings);
    }
    visit_close(visit);
}

static void crossings(struct visit *visit, const struct account *account, enum span span)
{
    visit_open(visit, "crossings", SECTION_MEMBERS);
    for (unsigned from = 0; from < 4; from++)
        for (unsigned to = 0; to < 4; to++) {
            enum cpu_event event = (enum cpu_event)(CPU_cross_0_0 + 4 * from + to);
            char name[8];

            snprintf(name, sizeof(name), "%u>%u", from, to);
            visit_any(visit, name, NULL, value_number(total_event(account, event, span)));
        }
    visit_close(visit);
}

/* System calls of a context, or of all. */
static void syscalls(struct visit *visit, const struct account *account, const struct context *only,
                     enum span span)
{
    uint64_t count[SYSCALL_MAX] = {0};
    const struct context *each;
    char name[48];

    for (uint32_t id = 0; (each = context_from(account, id)); id = each->id + 1)
        for (unsigned i = 0; (!only || only == each) && i < SYSCALL_MAX; i++)
            count[i] += each->now.syscalls[i] - (span == SPAN_WINDOW ? each->start.syscalls[i] : 0);
    visit_open(visit, "syscalls", SECTION_MEMBERS);
    for (unsigned i = 0; i < SYSCALL_MAX; i++) {
        if (!count[i])
            continue;
        syscall_name(i, name, sizeof(name));
        visit_any(visit, name, NULL, value_number(count[i]));
    }
    visit_close(visit);
}

static void region(struct visit *visit, const struct account *account, const struct region *region)
{
    uint64_t rings[4];

    visit_open(visit, NULL, SECTION_MEMBERS);
    visit_value(visit, "name", value_text(region->name));
    visit_value(visit, "context", value_number_if(!region->machine, region->context));
    visit_value(visit, "times", value_number(region->times));
    visit_value(visit, "open", value_flag(region->depth > 0));
    visit_value(visit, "elapsed_cycles", value_number(region->elapsed));
    visit_open(visit, "events", SECTION_MEMBERS);
    for (int event = 0; event < CPU_NR_EVENTS; event++) {
        for (unsigned ring = 0; ring < 4; ring++)
            rings[ring] = region->counted[ring].n[event];
        event_row(visit, account, (enum cpu_event)event, rings);
    }
    visit_close(visit);
    visit_close(visit);
}

static void table(struct visit *visit, const char *key, const struct counter_table *counters,
                  enum span span)
{
    if (!counters->present) {
        visit_value(visit, key, value_absent());
        return;
    }
    visit_open(visit, key, SECTION_MEMBERS);
    for (uint32_t i = 0; i < counters->count; i++) {
        uint64_t value = counters->now[i] - (span == SPAN_WINDOW ? counters->start[i] : 0);

        /* There are hundreds of operations, and a run uses a few. */
        if (value || strncmp(counters->names[i], "op.", 3) != 0)
            visit_any(visit, counters->names[i], NULL, value_number(value));
    }
    visit_close(visit);
}

static void reason_row(struct visit *visit, unsigned number, struct reason reason)
{
    char name[48];

    if (!reason.entries && !reason.cycles)
        return;
    reason_name(number, name, sizeof(name));
    visit_open_any(visit, name);
    visit_value(visit, "entries", value_number(reason.entries));
    visit_value(visit, "cycles", value_number(reason.cycles));
    visit_close(visit);
}

static void context_events(struct visit *visit, const struct account *account,
                           const struct context *context, unsigned cpu, enum span span)
{
    visit_open(visit, "events", SECTION_MEMBERS);
    for (int event = 0; event < CPU_NR_EVENTS; event++) {
        uint64_t rings[4];

        for (unsigned ring = 0; ring < 4; ring++)
            rings[ring] = context_event(context, cpu, ring, (enum cpu_event)event, span);
        event_row(visit, account, (enum cpu_event)event, rings);
    }
    visit_close(visit);
}

static void context(struct visit *visit, const struct account *account,
                    const struct context *context, const char *kind, enum span span)
{
    char name[32];

    context_name(context->id, kind, name, sizeof(name));
    visit_open(visit, NULL, SECTION_MEMBERS);
    visit_value(visit, "id", value_number(context->id));
    visit_value(visit, "name", value_text(name));
    visit_value(visit, "ended", value_flag(context->ended));
    visit_value(
        visit, "units",
        value_number(context->now.units - (span == SPAN_WINDOW ? context->start.units : 0)));
    visit_open(visit, "processors", SECTION_LIST);
    for (unsigned cpu = 0; cpu < account->machine->config.processors; cpu++) {
        if (!context_cycles(context, cpu, span))
            continue;
        visit_open(visit, NULL, SECTION_MEMBERS);
        visit_value(visit, "processor", value_number(cpu));
        context_events(visit, account, context, cpu, span);
        visit_close(visit);
    }
    visit_close(visit);
    visit_open(visit, "reasons", SECTION_MEMBERS);
    for (unsigned reason = 0; reason < REASON_COUNT; reason++)
        reason_row(visit, reason, context_reason(context, reason, span));
    visit_close(visit);
    syscalls(visit, account, context, span);
    table(visit, "counters", &context->table, span);
    visit_close(visit);
}

static void check_row(struct visit *visit, const struct check *check)
{
    visit_open(visit, NULL, SECTION_MEMBERS);
    visit_value(visit, "name", value_text(check->name));
    visit_value(visit, "left", value_number_if(check->made, check->left));
    visit_value(visit, "right", value_number_if(check->made, check->right));
    visit_value(visit, "in_flight", value_number_if(check->made, check->in_flight));
    if (check->made)
        visit_value(visit, "holds", value_flag(check_holds(check)));
    else
        visit_value(visit, "holds", value_absent());
    visit_close(visit);
}

static void disk(struct visit *visit, const struct ide_disk *disk)
{
    const struct ide_counts *counts = &disk->counts;
    const struct mechanics_counts *arm = &disk->mechanics.counts;

    visit_open(visit, NULL, SECTION_MEMBERS);
    visit_value(visit, "commands", value_number(counts->commands));
    visit_value(visit, "errors", value_number(counts->errors));
    visit_value(visit, "interrupts", value_number(counts->interrupts));
    visit_value(visit, "sectors_read", value_number(counts->sectors_read));
    visit_value(visit, "sectors_written", value_number(counts->sectors_written));
    visit_value(visit, "buffer_hits", value_number(arm->buffer_hits));
    visit_value(visit, "seeks", value_number(arm->seeks));
    visit_value(visit, "cycles_seek", value_number(arm->cycles_seek));
    visit_value(visit, "cycles_rotation", value_number(arm->cycles_rotation));
    visit_value(visit, "cycles_transfer", value_number(arm->cycles_transfer));
    visit_close(visit);
}

static void disks(struct visit *visit, const struct machine *machine)
{
    visit_open(visit, "disks", SECTION_LIST);
    for (unsigned i = 0; i < DISKS_MAX; i++)
        if (machine->disks.ide.channel[0].disk[i].image)
            disk(visit, &machine->disks.ide.channel[0].disk[i]);
    visit_close(visit);
}

static void gauges(struct visit *visit, const struct account *account)
{
    uint64_t bytes = 0;
    bool there = counter_value(&account->supervisor, "bytes_per_domain", &bytes, NULL);

    visit_open(visit, "supervisor_gauges", SECTION_MEMBERS);
    visit_value(visit, "bytes_per_domain", value_number_if(there, bytes));
    visit_close(visit);
}

void result_visit(const struct result *result, const struct result_writer *writer)
{
    const struct result_request *request = result->request;
    const struct account *account = result->account;
    struct visit whole = {.writer = writer}, *visit = &whole;
    enum span span = account->window ? SPAN_WINDOW : SPAN_ALL;
    const char *kind = request->system && !strcmp(request->system, "native") ? "process" : "domain";
    const struct context *each;

    visit_open(visit, NULL, SECTION_MEMBERS);
    visit_value(visit, "schema", value_text(RESULT_SCHEMA));
    visit_value(visit, "version", value_text(XENOLITH_VERSION));
    visit_value(visit, "revision", value_text(*xenolith_revision ? xenolith_revision : NULL));
    visit_value(visit, "command", value_text(request->command));
    result_configuration(visit, request);
    end(visit, account->machine, request->partial);
    clocks(visit, account);
    masked(visit, account);
    visit_value(visit, "span", value_text(span == SPAN_WINDOW ? "window" : "run"));
    work(visit, account, span);
    groups(visit, request, account, span);
    copies(visit, request, &account->copies);
    events(visit, account, span);
    crossings(visit, account, span);
    syscalls(visit, account, NULL, span);
    visit_open(visit, "regions", SECTION_LIST);
    for (unsigned i = 0; i < account->regions.count; i++)
        region(visit, account, account->regions.region[i]);
    visit_close(visit);
    visit_value(visit, "regions_refused", value_number(account->regions.refused));
    table(visit, "supervisor", &account->supervisor, span);
    gauges(visit, account);
    visit_open(visit, "reasons", SECTION_MEMBERS);
    for (unsigned reason = 0; reason < REASON_COUNT; reason++)
        reason_row(visit, reason, total_reason(account, reason, span));
    visit_close(visit);
    visit_open(visit, "contexts", SECTION_LIST);
    for (uint32_t id = 0; (each = context_from(account, id)); id = each->id + 1)
        context(visit, account, each, kind, span);
    visit_close(visit);
    disks(visit, account->machine);
    result_network(visit, account->machine);
    visit_open(visit, "checks", SECTION_LIST);
    for (unsigned i = 0; i < result->checks->count; i++)
        check_row(visit, &result->checks->check[i]);
    visit_close(visit);
    visit_value(visit, "unclaimed_addresses", value_number(account->machine->bus.unclaimed_count));
    visit_value(visit, "tables_refused", value_number(account->tables_refused));
    visit_close(visit);
}
