/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * write_table.c - a row a function: cycles in it, cycles in it and what it called, calls
 *
 * What a function called counts once, though it be called by itself through others.
 */
#include "sim/profile/profile.h"

#include <inttypes.h>
#include <stdlib.h>

struct row {
    uint64_t exclusive, inclusive, calls;
    uint32_t function;
};

static int compare(const void *a, const void *b)
{
    const struct row *one = a, *other = b;

    if (one->exclusive != other->exclusive)
        return one->exclusive > other->exclusive ? -1 : 1;
    if (one->inclusive != other->inclusive)
        return one->inclusive > other->inclusive ? -1 : 1;
    return one->function < other->function ? -1 : one->function > other->function;
}

/* Whether the node's function is also one of its callers'. */
static bool is_within_itself(const struct tree *tree, uint32_t number)
{
    uint32_t function = tree->node[number].function;

    for (uint32_t i = tree->node[number].parent; i != TREE_ROOT; i = tree->node[i].parent)
        if (tree->node[i].context == NO_CONTEXT && tree->node[i].function == function)
            return true;
    return false;
}

static void add_up(const struct profile *profile, const uint64_t *inclusive, struct row *row)
{
    const struct tree *tree = &profile->tree;

    for (uint32_t i = 1; i < tree->count; i++) {
        const struct node *node = &tree->node[i];
        struct row *of = &row[node->context == NO_CONTEXT ? node->function : 0];

        of->exclusive += node->cycles;
        of->calls += node->calls;
        if (node->context == NO_CONTEXT && !is_within_itself(tree, i))
            of->inclusive += inclusive[i];
    }
}

static void write_table(struct profile *profile, FILE *out)
{
    uint32_t functions = profile->code.functions;
    uint64_t *inclusive = profile_inclusive(profile);
    struct row *row = calloc(functions, sizeof(*row));
    double whole;

    if (!inclusive || !row) {
        profile->lost = true;
        free(inclusive);
        free(row);
        return;
    }
    whole = inclusive[TREE_ROOT] ? (double)inclusive[TREE_ROOT] : 1;
    for (uint32_t i = 0; i < functions; i++)
        row[i].function = i;
    add_up(profile, inclusive, row);
    qsort(row, functions, sizeof(*row), compare);
    fprintf(out, "%15s %7s %15s %7s %12s  %s\n", "cycles", "", "with callees", "", "calls",
            "function");
    for (uint32_t i = 0; i < functions && (row[i].exclusive || row[i].calls); i++) {
        const struct function *function = &profile->code.function[row[i].function];

        fprintf(out, "%15" PRIu64 " %6.2f%% %15" PRIu64 " %6.2f%% %12" PRIu64 "  %s",
                row[i].exclusive, 100 * (double)row[i].exclusive / whole, row[i].inclusive,
                100 * (double)row[i].inclusive / whole, row[i].calls, function->name);
        if (row[i].function)
            fprintf(out, " [%s]", profile->code.image[function->image].name);
        fputc('\n', out);
    }
    fprintf(out, "%15" PRIu64 "  all processors' clocks\n", inclusive[TREE_ROOT]);
    free(inclusive);
    free(row);
}

const struct profile_form profile_table = {"table", write_table};
