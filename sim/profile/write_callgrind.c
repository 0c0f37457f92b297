/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * write_callgrind.c - Callgrind's format: functions with their cycles by line, and their calls
 *
 * Format: Valgrind's manual, "Callgrind Format Specification". An object is an image. A call's line
 * is where it was first made. Cycles of a call that is within another one from the same caller to
 * the same callee are in the outer one already.
 */
#include "sim/profile/profile.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct edge {
    uint32_t caller, callee;
    uint64_t calls, cycles;
    int line;
};

struct cost {
    uint32_t function;
    const char *file; /* libdw's; "" is unknown */
    int line;
    uint64_t cycles;
};

static int compare_costs(const void *a, const void *b)
{
    const struct cost *one = a, *other = b;
    int files;

    if (one->function != other->function)
        return one->function < other->function ? -1 : 1;
    files = strcmp(one->file, other->file);
    return files ? files : one->line - other->line;
}

static int compare_edges(const void *a, const void *b)
{
    const struct edge *one = a, *other = b;

    if (one->caller != other->caller)
        return one->caller < other->caller ? -1 : 1;
    if (one->callee != other->callee)
        return one->callee < other->callee ? -1 : 1;
    return one->line - other->line;
}

/* ---- what there is --------------------------------------------------------------------------- */

static struct cost *costs_of(struct profile *profile, uint32_t *count)
{
    struct code *code = &profile->code;
    struct cost *cost = calloc(code->spent_slots, sizeof(*cost));

    *count = 0;
    for (uint32_t i = 0; cost && i < code->spent_slots; i++) {
        const struct spent *spent = &code->spent[i];
        struct cost *at = &cost[*count];

        if (!spent->cycles)
            continue;
        *at = (struct cost){.function = spent->function, .file = "", .cycles = spent->cycles};
        if (!code_line(code, spent->function, spent->pc, &at->file, &at->line)) {
            at->file = "";
            at->line = 0;
        }
        (*count)++;
    }
    if (cost)
        qsort(cost, *count, sizeof(*cost), compare_costs);
    return cost;
}

/* Whether the same call is among the node's callers. */
static bool is_within_itself(const struct tree *tree, uint32_t number)
{
    const struct node *node = &tree->node[number];
    uint32_t caller = tree->node[node->parent].function;

    for (uint32_t i = node->parent; i != TREE_ROOT; i = tree->node[i].parent)
        if (tree->node[i].context == NO_CONTEXT && tree->node[i].function == node->function &&
            tree->node[tree->node[i].parent].function == caller)
            return true;
    return false;
}

static struct edge *edges_of(struct profile *profile, uint32_t *count)
{
    const struct tree *tree = &profile->tree;
    uint64_t *inclusive = profile_inclusive(profile);
    struct edge *edge = inclusive ? calloc(tree->count, sizeof(*edge)) : NULL;

    *count = 0;
    for (uint32_t i = 1; edge && i < tree->count; i++) {
        const struct node *node = &tree->node[i], *parent = &tree->node[node->parent];
        struct edge *at = &edge[*count];
        const char *file;

        if (node->context != NO_CONTEXT || parent->context != NO_CONTEXT)
            continue; /* not called by a function */
        *at = (struct edge){.caller = parent->function,
                            .callee = node->function,
                            .calls = node->calls,
                            .cycles = is_within_itself(tree, i) ? 0 : inclusive[i]};
        if (!code_line(&profile->code, parent->function, node->call_pc, &file, &at->line))
            at->line = 0;
        (*count)++;
    }
    free(inclusive);
    if (edge)
        qsort(edge, *count, sizeof(*edge), compare_edges);
    return edge;
}

/* ---- writing --------------------------------------------------------------------------------- */

static const char *file_of(struct profile *profile, uint32_t function)
{
    const char *file;
    int line;

    return code_line(&profile->code, function, profile->code.function[function].address, &file,
                     &line)
               ? file
               : "???";
}

static const char *object_of(const struct profile *profile, uint32_t function)
{
    return function ? profile->code.image[profile->code.function[function].image].name : "???";
}

/* Edges of one caller; those of one callee and line are one. */
static void put_edges(struct profile *profile, const struct edge *edge, uint32_t count, FILE *out)
{
    for (uint32_t i = 0, next; i < count; i = next) {
        uint64_t calls = 0, cycles = 0;

        for (next = i; next < count && !compare_edges(&edge[i], &edge[next]); next++) {
            calls += edge[next].calls;
            cycles += edge[next].cycles;
        }
        fprintf(out, "cob=%s\ncfi=%s\ncfn=%s\ncalls=%" PRIu64 " 0\n%d %" PRIu64 "\n",
                object_of(profile, edge[i].callee), file_of(profile, edge[i].callee),
                profile_function(profile, edge[i].callee), calls, edge[i].line, cycles);
    }
}

static void put_costs(const struct cost *cost, uint32_t count, const char *file, FILE *out)
{
    for (uint32_t i = 0, next; i < count; i = next) {
        uint64_t cycles = 0;

        for (next = i; next < count && !compare_costs(&cost[i], &cost[next]); next++)
            cycles += cost[next].cycles;
        if (strcmp(cost[i].file, file) != 0 && *cost[i].file) {
            file = cost[i].file;
            fprintf(out, "fi=%s\n", file);
        }
        fprintf(out, "%d %" PRIu64 "\n", cost[i].line, cycles);
    }
}

static void put_function(struct profile *profile, uint32_t function, const struct cost *cost,
                         uint32_t costs, const struct edge *edge, uint32_t edges, FILE *out)
{
    const char *file = file_of(profile, function);

    if (!costs && !edges)
        return;
    fprintf(out, "\nob=%s\nfl=%s\nfn=%s\n", object_of(profile, function), file,
            profile_function(profile, function));
    put_costs(cost, costs, file, out);
    if (edges)
        fprintf(out, "fe=%s\n", file);
    put_edges(profile, edge, edges, out);
}

static void write_callgrind(struct profile *profile, FILE *out)
{
    uint32_t costs, edges, cost_at = 0, edge_at = 0;
    struct cost *cost = costs_of(profile, &costs);
    struct edge *edge = edges_of(profile, &edges);
    uint64_t sum = 0;

    for (uint32_t i = 0; cost && i < costs; i++)
        sum += cost[i].cycles;
    fprintf(out,
            "# callgrind format\nversion: 1\ncreator: xenolith\npositions: line\nevents: Cycles\n"
            "summary: %" PRIu64 "\n",
            sum);
    for (uint32_t i = 0; cost && edge && i < profile->code.functions; i++) {
        uint32_t cost_end = cost_at, edge_end = edge_at;

        while (cost_end < costs && cost[cost_end].function == i)
            cost_end++;
        while (edge_end < edges && edge[edge_end].caller == i)
            edge_end++;
        put_function(profile, i, cost + cost_at, cost_end - cost_at, edge + edge_at,
                     edge_end - edge_at, out);
        cost_at = cost_end;
        edge_at = edge_end;
    }
    fprintf(out, "\ntotals: %" PRIu64 "\n", sum);
    if (!cost || !edge)
        profile->lost = true;
    free(cost);
    free(edge);
}

const struct profile_form profile_callgrind = {"callgrind", write_callgrind};
