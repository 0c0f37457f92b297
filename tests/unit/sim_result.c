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

#define PATHS (sizeof(paths) / sizeof(*paths))

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
        snprintf(whole, sizeof(whole), "%s[]", path);
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
            snprintf(inner, sizeof(inner), "%s%s%s", path, *path ? "." : "", key);
            walk(item, inner);
        }
    } else if (json_is_array(value)) {
        snprintf(inner, sizeof(inner), "%s[]", path);
        json_array_foreach(value, index, item) walk(item, inner);
    } else {
        leaf(path);
    }
}

static char *write_result(result_format *format)
{
    static struct image image;
    static struct setup setup;
    static struct account account;
    static struct boot_images images = {
        .kernel = {{"folder/hv.elf", (const uint8_t *)"abc", 3}, "two words, \"quoted\""}};
    static struct options options = {
        .command = COMMAND_RUN, .given = {{OPT_DOMAINS, "1"}, {OPT_JSON, "out.json"}}, .count = 2};
    static const struct result_group group = {.name = "web", .program = "a.out", .copies = 1};
    struct result_request request = {.command = "run",
                                     .group = &group,
                                     .groups = 1,
                                     .options = &options,
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

    memset(&setup, 0, sizeof(setup));
    setup.costs = (struct machine_costs){.name = "test", .clock_hz = 1000000000};
    setup.machine = (struct machine_config){.processors = 2,
                                            .ram_bytes = 16u << 20,
                                            .costs = &setup.costs,
                                            .quantum = 1000,
                                            .console_in = -1};
    machine = machine_open(&setup.machine, why, sizeof(why));
    cr_assert(machine, "%s", why);
    bus = &fake_engine->config.bus;
    account_attach(&account, machine, 1);
    memcpy(machine->ram + 0x1000, "XCNT\1\0\0\0page_faults", 19);
    bus->announce(machine, 0, (uint32_t[4]){ANNOUNCE_LEAF_COUNTERS, 0, 0x1000, 0});
    bus->msr_write(machine, 0, ANNOUNCE_MSR_CONTEXT, 1);
    fake_engine->cpu[0].registers.ring = 1;
    bus->announce(machine, 0, (uint32_t[4]){ANNOUNCE_LEAF_COUNTERS, 0, 0x1000, 0});
    bus->announce(machine, 0, (uint32_t[4]){ANNOUNCE_LEAF_WORK, 0, 3, 0});
    cr_assert(copies_expect(&account, 1, false));
    bus->announce(machine, 0, (uint32_t[4]){ANNOUNCE_LEAF_COPY_READY, 0, 0, 0});
    bus->announce(machine, 0, (uint32_t[4]){ANNOUNCE_LEAF_COPY_BEGIN, 0, 0, 0});
    memcpy(machine->ram + 0x2000,
           &(struct announced_region){ANNOUNCE_REGION_MAGIC, ANNOUNCE_REGION_BEGIN, "part"},
           sizeof(struct announced_region));
    bus->announce(machine, 0, (uint32_t[4]){ANNOUNCE_LEAF_REGION, 0, 0x2000, 0});
    account_start_window(&account);
    bus->crossed(machine, 0,
                 &(struct cpu_crossing){
                     .kind = CPU_GATE_SOFTWARE, .from = 3, .to = 1, .vector = 0x80, .eax = 3});
    bus->crossed(machine, 0,
                 &(struct cpu_crossing){.kind = CPU_GATE_EXCEPTION, .from = 3, .vector = 14});
    fake_spend(&fake_engine->cpu[0], 0, 1000);
    fake_spend(&fake_engine->cpu[1], 0, 1000);
    bus->announce(machine, 0, (uint32_t[4]){ANNOUNCE_LEAF_COPY_END, 0, 3 << 24, 0});
    machine->disks.ide.channel[0].disk[0].image = &image; /* a disk that did nothing */
    machine->config.network.peer = NETWORK_HOST;          /* and a card that did nothing */
    machine->network.net_switch.ports = 1;
    machine->config.network.clients = 1;
    machine->network.client[0].order = &machine->config.network.client[0];
    machine->config.network.loads = 1;
    machine->network.load[0].order = &machine->config.network.load[0];
    account_settle(&account);
    checks_make(&checks, &account, true);
    out = open_memstream(&text, &size);
    format(out, &(struct result){&request, &account, &checks});
    fclose(out);
    account_free(&account);
    machine_close(machine);
    return text;
}

Test(sim_result, holds_what_is_documented)
{
    char *text = write_result(result_json);
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
    char *first = write_result(result_json), *second = write_result(result_json);
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

/* ---- the other writer sees the same ---------------------------------------------------------- */

/* The rest of the line that begins with `name,`, up to its end in *end; NULL: there is none. */
static const char *line_of(const char *csv, const char *name, const char **end)
{
    size_t length = strlen(name);

    for (const char *line = csv; *line; line = *end + 1) {
        *end = strchr(line, '\n');
        cr_assert(*end, "a line without an end");
        if (!strncmp(line, name, length) && line[length] == ',')
            return line + length + 1;
    }
    return NULL;
}

/* Whether a field is what the JSON says. Texts of the result are plain but for the one below. */
static bool agrees(const char *field, const json_t *value)
{
    char text[256];

    switch (json_typeof(value)) {
    case JSON_NULL:
        return *field == ',';
    case JSON_INTEGER:
        return strtoll(field, NULL, 10) == json_integer_value(value);
    case JSON_REAL:
        return strtod(field, NULL) == json_real_value(value);
    case JSON_STRING:
        snprintf(text, sizeof(text), "%s,", json_string_value(value));
        return !strncmp(field, text, strlen(text)) || *field == '"';
    default:
        snprintf(text, sizeof(text), "%s,", json_is_true(value) ? "true" : "false");
        return !strncmp(field, text, strlen(text));
    }
}

/* Every leaf of the JSON has its line, in which it has a unit; returns how many there are. */
static unsigned compare(json_t *value, const char *name, const char *csv)
{
    const char *key, *field, *end;
    char inner[256];
    unsigned leaves = 0;
    json_t *item;
    size_t index;

    if (json_is_object(value)) {
        json_object_foreach(value, key, item)
        {
            snprintf(inner, sizeof(inner), "%s%s%s", name, *name ? "." : "", key);
            leaves += compare(item, inner, csv);
        }
        return leaves;
    }
    if (json_is_array(value)) {
        json_array_foreach(value, index, item)
        {
            snprintf(inner, sizeof(inner), "%s[%zu]", name, index);
            leaves += compare(item, inner, csv);
        }
        return leaves;
    }
    field = line_of(csv, name, &end);
    cr_assert(field, "%s is in the JSON, but not in the CSV", name);
    cr_expect(agrees(field, value), "%s is not %.*s", name, (int)(end - field), field);
    cr_expect(end[-1] != ',' && end[-1] != '"', "%s has no unit", name);
    return 1;
}

Test(sim_result, csv_holds_what_json_holds)
{
    char *json = write_result(result_json), *csv = write_result(result_csv);
    json_t *root = json_loads(json, 0, NULL);
    unsigned lines = 0;

    cr_assert(!strncmp(csv, "name,value,unit\n", 16));
    for (const char *c = csv; *c; c++)
        lines += *c == '\n';
    cr_expect_eq(compare(root, "", csv), lines - 1);
    cr_expect(
        strstr(csv, "\nconfiguration.images[0].arguments,\"two words, \"\"quoted\"\"\",text\n"));
    cr_expect(strstr(csv, "\nevents.l2_misses,,misses\n"), "absent is not 0");
    cr_expect(strstr(csv, "\nwork.units,0,units\n"), "0 is not absent");
    json_decref(root);
    free(json);
    free(csv);
}
