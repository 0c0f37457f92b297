/* SPDX-License-Identifier: GPL-2.0-only */
/* A result holds what sim/account/counters.def says, all of it and nothing else. */
#include "sim/account/result.h"
#include "tests/unit/sim_fake_cpu.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char *const paths[] = {
#define COUNTER(path, unit, description) path,
#include "sim/account/counters.def"
#undef COUNTER
};

#define PATHS (sizeof paths / sizeof *paths)

static bool met[PATHS];

/* Whether `path` is of the form `pattern`, where a whole part may be "*", with or without []. */
static bool matches(const char *pattern, const char *path)
{
    while (*pattern && *path) {
        if (*pattern == '*') {
            /* A key may hold dots itself: try every end of this part. */
            for (pattern++; *path; path++)
                if (matches(pattern, path))
                    return true;
            return !*pattern;
        }
        if (*pattern++ != *path++)
            return false;
    }
    return !*pattern && !*path;
}

static void leaf(const char *path)
{
    bool found = false;

    for (size_t i = 0; i < PATHS; i++) {
        char whole[300];

        /* null stands for an array or an object too */
        snprintf(whole, sizeof whole, "%s[]", path);
        if (matches(paths[i], path) || matches(paths[i], whole) ||
            (!strncmp(paths[i], path, strlen(path)) && !strcmp(paths[i] + strlen(path), ".*")))
            found = met[i] = true;
    }
    cr_expect(found, "%s is in the result, but not in counters.def", path);
}

static void walk(json_t *value, const char *path)
{
    char inner[256];
    const char *key;
    json_t *item;
    size_t index;

    if (json_is_object(value)) {
        json_object_foreach(value, key, item)
        {
            snprintf(inner, sizeof inner, "%s%s%s", path, *path ? "." : "", key);
            walk(item, inner);
        }
    } else if (json_is_array(value)) {
        snprintf(inner, sizeof inner, "%s[]", path);
        json_array_foreach(value, index, item) walk(item, inner);
    } else {
        leaf(path);
    }
}

static char *write_result(void)
{
    static struct setup setup;
    static struct account account;
    static struct boot_images images = {
        .kernel = {{"folder/hv.elf", (const uint8_t *)"abc", 3}, "x"}};
    struct result_request request = {.command = "run",
                                     .system = "xen",
                                     .workload = "cint",
                                     .domains = 1,
                                     .images = &images,
                                     .setup = &setup};
    const struct cpu_bus *bus;
    struct checks checks;
    struct machine *machine;
    char why[256], *text;
    size_t size;
    FILE *out;

    memset(&setup, 0, sizeof setup);
    setup.costs = (struct machine_costs){.name = "test", .clock_hz = 1000000000};
    setup.machine = (struct machine_config){.processors = 2,
                                            .ram_bytes = 16u << 20,
                                            .costs = &setup.costs,
                                            .quantum = 1000,
                                            .console_in = -1};
    machine = machine_open(&setup.machine, why, sizeof why);
    cr_assert(machine, "%s", why);
    bus = &fake_engine->config.bus;
    account_attach(&account, machine, 1);
    memcpy(machine->ram + 0x1000, "XCNT\1\0\0\0page_faults", 19);
    bus->announce(machine, 0, (uint32_t[4]){ANNOUNCE_LEAF_COUNTERS, 0, 0x1000, 0});
    bus->msr_write(machine, 0, ANNOUNCE_MSR_CONTEXT, 1);
    fake_engine->cpu[0].registers.ring = 1;
    bus->announce(machine, 0, (uint32_t[4]){ANNOUNCE_LEAF_COUNTERS, 0, 0x1000, 0});
    bus->announce(machine, 0, (uint32_t[4]){ANNOUNCE_LEAF_WORK, 0, 3, 0});
    account_start_window(&account);
    bus->crossed(machine, 0,
                 &(struct cpu_crossing){.kind = CPU_GATE_EXCEPTION, .from = 3, .vector = 14});
    fake_spend(&fake_engine->cpu[0], 0, 1000);
    fake_spend(&fake_engine->cpu[1], 0, 1000);
    account_settle(&account);
    checks_make(&checks, &account, true);
    out = open_memstream(&text, &size);
    result_write(out, &request, &account, &checks);
    fclose(out);
    account_free(&account);
    machine_close(machine);
    return text;
}

Test(sim_result, holds_what_is_documented)
{
    char *text = write_result();
    json_error_t error;
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);

    cr_assert(root, "%s in line %d", error.text, error.line);
    walk(root, "");
    for (size_t i = 0; i < PATHS; i++)
        cr_expect(met[i], "%s is in counters.def, but not in the result", paths[i]);
    json_decref(root);
    free(text);
}

Test(sim_result, absent_events_are_null_and_runs_repeat)
{
    char *first = write_result(), *second = write_result();
    json_t *root = json_loads(first, 0, NULL), *events = json_object_get(root, "events");

    cr_assert_str_eq(first, second);
    for (int i = 0; i < CPU_NR_EVENTS; i++) {
        json_t *event = json_object_get(events, event_names[i]);

        cr_assert(event, "%s", event_names[i]);
        cr_assert_eq(json_is_null(event), i == CPU_l2_misses, "%s", event_names[i]);
    }
    cr_assert_str_eq(
        json_string_value(json_object_get(
            json_array_get(json_object_get(json_object_get(root, "configuration"), "images"), 0),
            "name")),
        "hv.elf", "without its folder");
    json_decref(root);
    free(first);
    free(second);
}
