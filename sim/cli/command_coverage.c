/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * command_coverage.c - `xenolith coverage [FILE.json]...`: the interface, operation by operation
 *
 * What there is, and what of it is implemented, say the hypervisor's own tables, hypercalls.def and
 * operations.def, from which its dispatchers are made. What was exercised say the counters
 * `hypercall.*` and `op.*` that the hypervisor kept in the given runs.
 */
#include "sim/cli/commands.h"
#include "sim/cli/setup.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

enum presence { ABSENT, IMPLEMENTED };

static struct operation {
    const char *hypercall, *name; /* a name of "": the hypercall itself */
    enum presence presence;
    uint64_t count;
} operations[] = {
#define HYPERCALL(number, name, arguments, function) {#name, "", IMPLEMENTED, 0},
#define ABSENT(number, name)                         {#name, "", ABSENT, 0},
#include "include/xenolith/hypercalls.def"
#undef HYPERCALL
#undef ABSENT
#define OPERATION(hypercall, command, name)        {#hypercall, #name, IMPLEMENTED, 0},
#define OPERATION_ABSENT(hypercall, command, name) {#hypercall, #name, ABSENT, 0},
#define OPERATION_UNHEARD(hypercall, command)      {#hypercall, #command, ABSENT, 0},
#include "include/xenolith/operations.def"
#undef OPERATION
#undef OPERATION_ABSENT
#undef OPERATION_UNHEARD
};
#define OPERATIONS (sizeof(operations) / sizeof(operations[0]))

static bool is_hypercall(const struct operation *operation)
{
    return !*operation->name;
}

/* The counters of one result. */
static bool take_result(const char *path)
{
    char why[SETUP_WHY_BYTES];
    json_error_t error;
    const json_t *counters;
    json_t *root;

    if (!file_is_text(path, why, sizeof(why))) {
        say("%s", why);
        return false;
    }
    root = json_load_file(path, 0, &error);
    counters = json_object_get(root, "supervisor");

    if (!json_is_object(counters)) {
        say("%s is not a result with the hypervisor's counters%s%s", path, root ? "" : ": ",
            root ? "" : error.text);
        json_decref(root);
        return false;
    }
    for (size_t i = 0; i < OPERATIONS; i++) {
        struct operation *o = &operations[i];
        char name[128];

        if (is_hypercall(o))
            snprintf(name, sizeof(name), "hypercall.%s", o->hypercall);
        else
            snprintf(name, sizeof(name), "op.%s.%s", o->hypercall, o->name);
        o->count += (uint64_t)json_integer_value(json_object_get(counters, name));
    }
    json_decref(root);
    return true;
}

struct totals {
    unsigned all, exercised, implemented, absent;
};

static void add(struct totals *totals, const struct operation *operation)
{
    totals->all++;
    totals->absent += operation->presence == ABSENT;
    totals->implemented += operation->presence == IMPLEMENTED;
    totals->exercised += operation->presence == IMPLEMENTED && operation->count > 0;
}

static void row(const struct operation *o)
{
    const char *state = o->presence == ABSENT ? "absent" : o->count ? "exercised" : "implemented";

    printf("%s%-*s %-12s", is_hypercall(o) ? "" : "  ", is_hypercall(o) ? 44 : 42,
           is_hypercall(o) ? o->hypercall : o->name, state);
    if (o->count)
        printf(" %12" PRIu64, o->count);
    putchar('\n');
}

static void sum(const char *what, const struct totals *t)
{
    printf("%u %s: %u implemented, %u of them exercised; %u absent\n", t->all, what, t->implemented,
           t->exercised, t->absent);
}

int command_coverage(const struct options *options)
{
    struct totals hypercalls = {0}, others = {0};

    for (unsigned i = 0; i < options->count; i++) {
        if (!take_result(options->given[i].value))
            return EXIT_BAD_INPUT;
    }
    for (size_t i = 0; i < OPERATIONS; i++) {
        const struct operation *hypercall = &operations[i];

        if (!is_hypercall(hypercall))
            continue;
        add(&hypercalls, hypercall);
        row(hypercall);
        for (size_t k = 0; k < OPERATIONS; k++) {
            if (is_hypercall(&operations[k]) ||
                strcmp(operations[k].hypercall, hypercall->hypercall) != 0)
                continue;
            add(&others, &operations[k]);
            row(&operations[k]);
        }
    }
    sum("hypercalls", &hypercalls);
    sum("operations of hypercalls", &others);
    return 0;
}
