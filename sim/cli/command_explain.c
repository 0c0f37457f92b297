/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * command_explain.c - `xenolith explain FILE.json`: where the cycles of a run went
 *
 * Two tables. By cause: rows are contexts and their rings, columns kinds of cycles. By hypercall:
 * what ring 0 was entered for, over all contexts and, when it is asked for alone, for each; beside
 * it what the kernels counted of what they asked for. Every share is of all cycles of all
 * processors in the span of the result. Many contexts are shown by the first ones and their rest
 * together.
 */
#include "sim/account/account.h"
#include "sim/cli/commands.h"
#include "sim/cli/setup.h"
#include "sim/lab/beside.h"

#include <jansson.h>
#include <string.h>

#define CAUSES_MAX   16
#define CONTEXTS_MAX 24
#define REASONS_MAX  400
#define NAME_BYTES   64

/* A name for a terminal of 80 columns: control bytes of a hostile file become "?". */
static const char *plain(const char *name, char text[NAME_BYTES])
{
    snprintf(text, NAME_BYTES, "%s", name ? name : "?");
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || (unsigned char)*c >= 127)
            *c = '?';
    return text;
}

static double ring_value(const json_t *events, const char *name, unsigned ring)
{
    return json_number_value(json_array_get(json_object_get(events, name), ring));
}

/* Cycles of one context in one ring, over its processors. */
static double context_cycles_of(const json_t *context, const char *event, unsigned ring)
{
    const json_t *processor;
    size_t index;
    double sum = 0;

    json_array_foreach(json_object_get(context, "processors"), index, processor) sum +=
        ring_value(json_object_get(processor, "events"), event, ring);
    return sum;
}

static unsigned find_causes(const json_t *root, const char *causes[CAUSES_MAX])
{
    unsigned count = 0;

    for (int i = 0; i < CPU_NR_EVENTS && count < CAUSES_MAX; i++)
        if (is_cycles((enum cpu_event)i) &&
            json_is_array(json_object_get(json_object_get(root, "events"), event_names[i])))
            causes[count++] = event_names[i];
    return count;
}

static double all_cycles(const json_t *root, const char *const causes[], unsigned count)
{
    double sum = 0;

    for (unsigned i = 0; i < count; i++)
        for (unsigned ring = 0; ring < 4; ring++)
            sum += ring_value(json_object_get(root, "events"), causes[i], ring);
    return sum;
}

/* ---- by cause -------------------------------------------------------------------------------- */

static void row(const char *name, unsigned ring, const double *values, unsigned count, double all)
{
    double sum = 0;

    for (unsigned i = 0; i < count; i++)
        sum += values[i];
    if (sum <= 0)
        return;
    printf("%-12.12s%2u", name, ring);
    for (unsigned i = 0; i < count; i++)
        printf(" %6.2f", 100 * values[i] / all);
    printf(" %6.2f\n", 100 * sum / all);
}

/* Kinds of cycles in six columns. */
static const char *heading(const char *cause)
{
    static const struct {
        const char *cause, *shown;
    } longer[] = {{"crossing", "cross"}, {"control", "ctrl"}};

    for (size_t i = 0; i < sizeof(longer) / sizeof(*longer); i++)
        if (!strcmp(cause, longer[i].cause))
            return longer[i].shown;
    return cause;
}

static void by_cause(const json_t *root, const char *const causes[], unsigned count, double all)
{
    double others[4][CAUSES_MAX] = {0}, values[CAUSES_MAX];
    const json_t *context;
    char name[NAME_BYTES];
    size_t index;

    printf("%% of cycles in ring\n%14s", "");
    for (unsigned i = 0; i < count; i++)
        printf(" %6s", heading(causes[i] + strlen("cycles_")));
    printf(" %6s\n", "all");
    json_array_foreach(json_object_get(root, "contexts"), index, context)
    {
        const char *given = json_string_value(json_object_get(context, "name"));

        for (unsigned ring = 0; ring < 4; ring++) {
            for (unsigned i = 0; i < count; i++) {
                values[i] = context_cycles_of(context, causes[i], ring);
                others[ring][i] += index < CONTEXTS_MAX ? 0 : values[i];
            }
            if (index < CONTEXTS_MAX)
                row(plain(given, name), ring, values, count, all);
        }
    }
    snprintf(name, sizeof(name), "%zu others", index > CONTEXTS_MAX ? index - CONTEXTS_MAX : 0);
    for (unsigned ring = 0; ring < 4; ring++)
        row(name, ring, others[ring], count, all);
    for (unsigned ring = 0; ring < 4; ring++) {
        for (unsigned i = 0; i < count; i++)
            values[i] = ring_value(json_object_get(root, "events"), causes[i], ring);
        row("together", ring, values, count, all);
    }
}

/* ---- by hypercall ---------------------------------------------------------------------------- */

struct reason_cycles {
    const char *name;
    double entries, cycles;
};

static int by_cycles(const void *a, const void *b)
{
    const struct reason_cycles *x = a, *y = b;

    return x->cycles != y->cycles ? (x->cycles < y->cycles) - (x->cycles > y->cycles)
                                  : strcmp(x->name, y->name);
}

/* What ring 0 was entered for, the dearest first. */
static void reasons(const char *who, json_t *given, double all)
{
    char person[NAME_BYTES], reason_name[NAME_BYTES];
    struct reason_cycles list[REASONS_MAX];
    unsigned count = 0;
    const char *name;
    json_t *reason;

    json_object_foreach(given, name, reason)
    {
        if (count == REASONS_MAX)
            break;
        list[count++] =
            (struct reason_cycles){.name = name,
                                   .entries = json_number_value(json_object_get(reason, "entries")),
                                   .cycles = json_number_value(json_object_get(reason, "cycles"))};
    }
    qsort(list, count, sizeof(*list), by_cycles);
    for (unsigned i = 0; i < count; i++)
        printf("%-11.11s %-27.27s %10.0f %12.0f %8.0f %7.3f\n", plain(who, person),
               plain(list[i].name, reason_name), list[i].entries, list[i].cycles,
               list[i].entries > 0 ? list[i].cycles / list[i].entries : 0,
               100 * list[i].cycles / all);
}

static void by_hypercall(json_t *root, bool each, double all)
{
    json_t *context;
    size_t index;

    printf("%-11s %-27s %10s %12s %8s %7s\n", "ring 0", "entered by", "entries", "cycles", "each",
           "% all");
    json_array_foreach(json_object_get(root, "contexts"), index, context)
    {
        const char *name = json_string_value(json_object_get(context, "name"));

        if (each)
            reasons(name ? name : "?", json_object_get(context, "reasons"), all);
    }
    reasons("together", json_object_get(root, "reasons"), all);
}

/*
 * How the kernels batch, and which of their system calls came through ring 0: by int 0x80's own
 * vector.
 */
static void by_kernel(const json_t *root)
{
    static const struct {
        const char *title, *counter;
    } columns[] = {{"syscalls", "syscalls"},         {"hypercalls", "hypercalls"},
                   {"switches", "context_switches"}, {"forks", "forks"},
                   {"updates", "pt_updates"},        {"batches", "mmu_batches"}};
    const size_t column_count = sizeof(columns) / sizeof(columns[0]);
    const json_t *context, *counters;
    char text[NAME_BYTES];
    unsigned shown = 0;
    size_t index;

    json_array_foreach(json_object_get(root, "contexts"), index, context)
    {
        const char *name = json_string_value(json_object_get(context, "name"));
        double updates, batches;

        counters = json_object_get(context, "counters");
        if (!json_is_number(json_object_get(counters, "mmu_batches")))
            continue;
        if (!shown++) {
            printf("\n%-11s", "kernel of");
            for (size_t i = 0; i < column_count; i++)
                printf(" %*s", i < 2 ? 11 : 8, columns[i].title);
            printf(" %8s\n", "a batch");
        }
        printf("%-11.11s", plain(name, text));
        for (size_t i = 0; i < column_count; i++)
            printf(" %*.0f", i < 2 ? 11 : 8,
                   json_number_value(json_object_get(counters, columns[i].counter)));
        updates = json_number_value(json_object_get(counters, "pt_updates"));
        batches = json_number_value(json_object_get(counters, "mmu_batches"));
        printf(" %8.1f\n", batches > 0 ? updates / batches : 0);
    }
    context = json_object_get(json_object_get(root, "reasons"), "vector.128");
    printf("int 0x80 into ring 0%14.0f\n", json_number_value(json_object_get(context, "entries")));
}

/* One file alone, as tables for people. */
static int explain_file(const struct options *options, const char *path)
{
    const char *by = option_value(options, OPT_BY), *schema;
    const char *causes[CAUSES_MAX];
    char why[SETUP_WHY_BYTES];
    json_error_t error;
    unsigned count;
    json_t *root;
    double all;

    bool cause = !*by || !strcmp(by, "cause"), hypercall = !*by || !strcmp(by, "hypercall");
    if (!cause && !hypercall) {
        say("--by %s: must be cause or hypercall", by);
        return EXIT_BAD_INPUT;
    }
    if (!file_is_text(path, why, sizeof(why))) {
        say("%s", why);
        return EXIT_BAD_INPUT;
    }
    root = json_load_file(path, 0, &error);
    schema = json_string_value(json_object_get(root, "schema"));
    if (!schema || strcmp(schema, "xenolith-result/1") != 0) {
        say("%s is not a result of this program%s%s", path, root ? "" : ": ",
            root ? "" : error.text);
        json_decref(root);
        return EXIT_BAD_INPUT;
    }
    count = find_causes(root, causes);
    all = all_cycles(root, causes, count);
    if (all <= 0)
        say("%s holds no cycles", path);
    if (all > 0 && cause)
        by_cause(root, causes, count, all);
    if (all > 0 && cause && hypercall)
        printf("\n");
    if (all > 0 && hypercall) {
        by_hypercall(root, !cause, all);
        by_kernel(root);
    }
    json_decref(root);
    return all > 0 ? 0 : EXIT_BAD_INPUT;
}

int command_explain(const struct options *options)
{
    const char *path = NULL;
    unsigned files = 0;

    for (unsigned i = 0; i < options->count; i++)
        if (options->given[i].option == OPT_WORD) {
            path = options->given[i].value;
            files++;
        }
    if (!path) {
        say("explain needs a result file");
        return EXIT_BAD_INPUT;
    }
    if (files == 1 && !option_given(options, OPT_EXPLAIN_FORMAT) &&
        !option_given(options, OPT_SORT) && !option_given(options, OPT_EXPLAIN_TOP))
        return explain_file(options, path);
    return beside_show(options) ? 0 : EXIT_BAD_INPUT;
}
