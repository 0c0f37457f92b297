/* SPDX-License-Identifier: GPL-2.0-only */
/* result.c - a run as JSON; counters.def says what every value is */
#include "sim/account/result.h"

#include "sim/account/json.h"

#include <string.h>

static void string_or_null(struct json *json, const char *key, const char *value)
{
    if (value)
        json_string(json, key, value);
    else
        json_null(json, key);
}

static void number_or_null(struct json *json, const char *key, bool there, uint64_t value)
{
    if (there)
        json_number(json, key, value);
    else
        json_null(json, key);
}

/* ---- configuration -------------------------------------------------------------------------- */

static void parameter(void *context, const char *key, const char *value, const char *unit)
{
    (void)unit;
    json_string(context, key, value);
}

static void image(struct json *json, const struct boot_item *item)
{
    const char *slash = strrchr(item->file.path, '/');
    char hash[17];

    snprintf(hash, sizeof hash, "%016llx", (unsigned long long)file_hash(&item->file));
    json_open_object(json, NULL);
    json_string(json, "name", slash ? slash + 1 : item->file.path);
    json_string(json, "arguments", item->arguments);
    json_number(json, "bytes", item->file.size);
    json_string(json, "fnv1a64", hash);
    json_close_object(json);
}

static void configuration(struct json *json, const struct result_request *request)
{
    const struct setup *setup = request->setup;
    const struct machine_config *machine = &setup->machine;

    json_open_object(json, "configuration");
    string_or_null(json, "system", request->system);
    string_or_null(json, "workload", request->workload);
    number_or_null(json, "domains", request->system, request->domains);
    number_or_null(json, "slice_ns", request->slice_ns, request->slice_ns);
    number_or_null(json, "domain_memory_bytes", request->domain_memory, request->domain_memory);
    number_or_null(json, "for_ns", setup->for_ns, setup->for_ns);
    json_number(json, "processors", machine->processors);
    json_number(json, "memory_bytes", machine->ram_bytes);
    json_string(json, "timing", timing_name(machine->timing));
    json_number(json, "quantum_cycles", machine->quantum);
    json_signed(json, "date", machine->date);
    json_open_object(json, "machine");
    json_string(json, "name", setup->costs.name);
    costs_visit(&setup->costs, parameter, json);
    json_close_object(json);
    json_open_array(json, "images");
    image(json, &request->images->kernel);
    for (unsigned i = 0; i < request->images->modules; i++)
        image(json, &request->images->module[i]);
    json_close_array(json);
    json_close_object(json);
}

/* ---- how it ended --------------------------------------------------------------------------- */

static const char *end_name(enum machine_end end)
{
    static const char *const names[] = {
        [MACHINE_RUNNING] = "time",   [MACHINE_TIME] = "time",   [MACHINE_POWER_OFF] = "power_off",
        [MACHINE_DEAD] = "halted",    [MACHINE_RESET] = "reset", [MACHINE_REFUSED] = "refused",
        [MACHINE_STOPPED] = "stopped"};

    return names[end];
}

static void end(struct json *json, const struct machine *machine)
{
    bool off = machine->end == MACHINE_POWER_OFF;

    json_open_object(json, "end");
    json_string(json, "how", end_name(machine->end));
    number_or_null(json, "exit_value", off, machine->exit_value);
    string_or_null(json, "sentence", *machine->sentence ? machine->sentence : NULL);
    json_close_object(json);
}

static void clocks(struct json *json, const struct account *account)
{
    const struct machine *machine = account->machine;
    uint64_t cycles[CPU_MAX], window[CPU_MAX];

    for (unsigned i = 0; i < machine->config.processors; i++) {
        cycles[i] = cpu_clock(machine->cpu[i]);
        window[i] = cycles[i] - account->cpu[i].start_clock;
    }
    json_open_object(json, "clock");
    json_number(json, "hz", machine->config.costs->clock_hz);
    json_numbers(json, "cycles", cycles, machine->config.processors);
    if (account->window)
        json_numbers(json, "window_cycles", window, machine->config.processors);
    else
        json_null(json, "window_cycles");
    json_close_object(json);
}

static void masked(struct json *json, const struct account *account)
{
    unsigned processors = account->machine->config.processors, reason[CPU_MAX];
    uint64_t cycles[CPU_MAX];
    char name[48];

    for (unsigned i = 0; i < processors; i++)
        cycles[i] = account_masked(account, i, &reason[i]);
    json_open_object(json, "masked");
    json_numbers(json, "longest_cycles", cycles, processors);
    json_open_array(json, "reasons");
    for (unsigned i = 0; i < processors; i++) {
        reason_name(reason[i], name, sizeof name);
        json_string(json, NULL, name);
    }
    json_close_array(json);
    json_close_object(json);
}

/* ---- counts --------------------------------------------------------------------------------- */

static void work(struct json *json, const struct account *account, enum span span)
{
    struct work_figures work;
    uint64_t hz = account->machine->config.costs->clock_hz;

    work_figures(&work, account, span);
    json_open_object(json, "work");
    json_number(json, "units", work.units);
    json_ratio(json, "units_per_second", work.units * hz, work.window_cycles, 3);
    number_or_null(json, "instructions_per_second", work.window_cycles,
                   work.window_cycles ? scale(work.instructions, hz, work.window_cycles) : 0);
    json_number(json, "contexts", work.contexts);
    json_ratio(json, "smallest_share", work.smallest * work.contexts, work.cycles, 4);
    json_ratio(json, "largest_share", work.largest * work.contexts, work.cycles, 4);
    json_close_object(json);
}

static void by_ring(uint64_t rings[4], const struct account *account, enum cpu_event event,
                    enum span span)
{
    const struct context *context;

    memset(rings, 0, 4 * sizeof *rings);
    for (uint32_t id = 0; (context = context_from(account, id)); id = context->id + 1)
        for (unsigned cpu = 0; cpu < CPU_MAX; cpu++)
            for (unsigned ring = 0; ring < 4; ring++)
                rings[ring] += context_event(context, cpu, ring, event, span);
}

static void events(struct json *json, const struct account *account, enum span span)
{
    json_open_object(json, "events");
    for (int i = 0; i < CPU_NR_EVENTS; i++) {
        enum cpu_event event = (enum cpu_event)i;
        uint64_t rings[4];

        by_ring(rings, account, event, span);
        if (cpu_models(account->machine->engine, event))
            json_numbers(json, event_names[event], rings, 4);
        else
            json_null(json, event_names[event]);
    }
    json_close_object(json);
}

static void crossings(struct json *json, const struct account *account, enum span span)
{
    json_open_object(json, "crossings");
    for (unsigned from = 0; from < 4; from++)
        for (unsigned to = 0; to < 4; to++) {
            enum cpu_event event = (enum cpu_event)(CPU_cross_0_0 + 4 * from + to);
            char name[8];

            snprintf(name, sizeof name, "%u>%u", from, to);
            json_number(json, name, total_event(account, event, span));
        }
    json_close_object(json);
}

static void table(struct json *json, const char *key, const struct counter_table *counters,
                  enum span span)
{
    if (!counters->present) {
        json_null(json, key);
        return;
    }
    json_open_object(json, key);
    for (uint32_t i = 0; i < counters->count; i++) {
        uint64_t value = counters->now[i] - (span == SPAN_WINDOW ? counters->start[i] : 0);

        /* There are hundreds of operations, and a run uses a few. */
        if (value || strncmp(counters->names[i], "op.", 3) != 0)
            json_number(json, counters->names[i], value);
    }
    json_close_object(json);
}

static void reason_row(struct json *json, unsigned number, struct reason reason)
{
    char name[48];

    if (!reason.entries && !reason.cycles)
        return;
    reason_name(number, name, sizeof name);
    json_open_object(json, name);
    json_number(json, "entries", reason.entries);
    json_number(json, "cycles", reason.cycles);
    json_close_object(json);
}

static void context_events(struct json *json, const struct account *account,
                           const struct context *context, unsigned cpu, enum span span)
{
    json_open_object(json, "events");
    for (int i = 0; i < CPU_NR_EVENTS; i++) {
        enum cpu_event event = (enum cpu_event)i;
        uint64_t rings[4];

        for (unsigned ring = 0; ring < 4; ring++)
            rings[ring] = context_event(context, cpu, ring, event, span);
        if (cpu_models(account->machine->engine, event))
            json_numbers(json, event_names[event], rings, 4);
        else
            json_null(json, event_names[event]);
    }
    json_close_object(json);
}

static void context(struct json *json, const struct account *account, const struct context *context,
                    const char *kind, enum span span)
{
    char name[32];

    context_name(context->id, kind, name, sizeof name);
    json_open_object(json, NULL);
    json_number(json, "id", context->id);
    json_string(json, "name", name);
    json_bool(json, "ended", context->ended);
    json_number(json, "units",
                context->now.units - (span == SPAN_WINDOW ? context->start.units : 0));
    json_open_array(json, "processors");
    for (unsigned cpu = 0; cpu < account->machine->config.processors; cpu++) {
        if (!context_cycles(context, cpu, span))
            continue;
        json_open_object(json, NULL);
        json_number(json, "processor", cpu);
        context_events(json, account, context, cpu, span);
        json_close_object(json);
    }
    json_close_array(json);
    json_open_object(json, "reasons");
    for (unsigned reason = 0; reason < REASON_COUNT; reason++)
        reason_row(json, reason, context_reason(context, reason, span));
    json_close_object(json);
    table(json, "counters", &context->table, span);
    json_close_object(json);
}

static void check_row(struct json *json, const struct check *check)
{
    json_open_object(json, NULL);
    json_string(json, "name", check->name);
    number_or_null(json, "left", check->made, check->left);
    number_or_null(json, "right", check->made, check->right);
    number_or_null(json, "in_flight", check->made, check->in_flight);
    if (check->made)
        json_bool(json, "holds", check_holds(check));
    else
        json_null(json, "holds");
    json_close_object(json);
}

static void gauges(struct json *json, const struct account *account)
{
    uint64_t bytes = 0;
    bool there = counter_value(&account->supervisor, "bytes_per_domain", &bytes, NULL);

    json_open_object(json, "supervisor_gauges");
    number_or_null(json, "bytes_per_domain", there, bytes);
    json_close_object(json);
}

void result_write(FILE *out, const struct result_request *request, const struct account *account,
                  const struct checks *checks)
{
    struct json json = {.out = out, .first = true};
    enum span span = account->window ? SPAN_WINDOW : SPAN_ALL;
    const char *kind = request->system && !strcmp(request->system, "native") ? "process" : "domain";
    const struct context *each;

    json_open_object(&json, NULL);
    json_string(&json, "schema", "xenolith-result/1");
    json_string(&json, "version", XENOLITH_VERSION);
    json_string(&json, "command", request->command);
    configuration(&json, request);
    end(&json, account->machine);
    clocks(&json, account);
    masked(&json, account);
    json_string(&json, "span", span == SPAN_WINDOW ? "window" : "run");
    work(&json, account, span);
    events(&json, account, span);
    crossings(&json, account, span);
    table(&json, "supervisor", &account->supervisor, span);
    gauges(&json, account);
    json_open_object(&json, "reasons");
    for (unsigned reason = 0; reason < REASON_COUNT; reason++)
        reason_row(&json, reason, total_reason(account, reason, span));
    json_close_object(&json);
    json_open_array(&json, "contexts");
    for (uint32_t id = 0; (each = context_from(account, id)); id = each->id + 1)
        context(&json, account, each, kind, span);
    json_close_array(&json);
    json_open_array(&json, "checks");
    for (unsigned i = 0; i < checks->count; i++)
        check_row(&json, &checks->check[i]);
    json_close_array(&json);
    json_number(&json, "unclaimed_addresses", account->machine->bus.unclaimed_count);
    json_number(&json, "tables_refused", account->tables_refused);
    json_close_object(&json);
}
