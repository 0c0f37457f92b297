/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * write_folded.c - a line a node that has cycles: its callers from the outside in, with ";" between
 * them, and the cycles, as makers of flame graphs read it
 */
#include "sim/profile/profile.h"

#include <inttypes.h>

static void put_path(const struct profile *profile, uint32_t number, FILE *out)
{
    const struct node *node = &profile->tree.node[number];
    char name[64];

    if (node->parent != TREE_ROOT) {
        put_path(profile, node->parent, out);
        fputc(';', out);
    }
    if (node->context != NO_CONTEXT) {
        context_name(node->context, profile->hypervisor ? "domain" : "process", name, sizeof(name));
        fputs(name, out);
        return;
    }
    fputs(profile_function(profile, node->function), out);
}

static void write_folded(struct profile *profile, FILE *out)
{
    for (uint32_t i = 1; i < profile->tree.count; i++) {
        if (!profile->tree.node[i].cycles)
            continue;
        put_path(profile, i, out);
        fprintf(out, " %" PRIu64 "\n", profile->tree.node[i].cycles);
    }
}

const struct profile_form profile_folded = {"folded", write_folded};
