/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tree.c - the tree of calls: a node is a function as called by those above it
 *
 * Nodes are numbered as they are made, so that a parent has a smaller number than its children. A
 * hash finds the child of a node by its function.
 */
#include "sim/profile/profile.h"

#include <stdlib.h>

enum { FIRST_ROOM = 1024 };

static uint32_t mix(uint32_t parent, uint32_t function, uint32_t context)
{
    uint64_t hash = (((uint64_t)parent << 32 | function) + context) * UINT64_C(0x9e3779b97f4a7c15);

    return (uint32_t)(hash >> 32);
}

static bool same(const struct node *node, uint32_t parent, uint32_t function, uint32_t context)
{
    return node->parent == parent && node->function == function && node->context == context;
}

static uint32_t *find(const struct tree *tree, uint32_t parent, uint32_t function, uint32_t context)
{
    uint32_t at = mix(parent, function, context) & (tree->slots - 1);

    while (tree->slot[at] && !same(&tree->node[tree->slot[at] - 1], parent, function, context))
        at = (at + 1) & (tree->slots - 1);
    return &tree->slot[at];
}

static bool grow(struct tree *tree)
{
    uint32_t room = tree->room ? 2 * tree->room : FIRST_ROOM;
    struct node *node = realloc(tree->node, room * sizeof(*node));
    uint32_t *slot = node ? calloc(2 * (size_t)room, sizeof(*slot)) : NULL;

    if (node)
        tree->node = node;
    if (!slot)
        return false;
    free(tree->slot);
    tree->slot = slot;
    tree->room = room;
    tree->slots = 2 * room;
    for (uint32_t i = 0; i < tree->count; i++)
        *find(tree, node[i].parent, node[i].function, node[i].context) = i + 1;
    return true;
}

static uint32_t child(struct tree *tree, uint32_t parent, uint32_t function, uint32_t context,
                      uint32_t call_pc)
{
    uint32_t *slot = find(tree, parent, function, context);

    if (*slot)
        return *slot - 1;
    if (tree->count == TREE_MOST || (tree->count == tree->room && !grow(tree))) {
        tree->full = true;
        return parent;
    }
    slot = find(tree, parent, function, context);
    tree->node[tree->count] = (struct node){
        .parent = parent, .function = function, .context = context, .call_pc = call_pc};
    *slot = ++tree->count;
    return tree->count - 1;
}

bool tree_open(struct tree *tree)
{
    *tree = (struct tree){0};
    if (!grow(tree))
        return false;
    child(tree, TREE_ROOT, 0, NO_CONTEXT, 0); /* the root, its own parent */
    return true;
}

void tree_close(struct tree *tree)
{
    free(tree->node);
    free(tree->slot);
    *tree = (struct tree){0};
}

uint32_t tree_context(struct tree *tree, uint32_t context)
{
    return child(tree, TREE_ROOT, 0, context, 0);
}

uint32_t tree_child(struct tree *tree, uint32_t parent, uint32_t function)
{
    return child(tree, parent, function, NO_CONTEXT, 0);
}

uint32_t tree_call(struct tree *tree, uint32_t parent, uint32_t function, uint32_t call_pc)
{
    uint32_t node = child(tree, parent, function, NO_CONTEXT, call_pc);

    if (node != parent)
        tree->node[node].calls++;
    return node;
}
