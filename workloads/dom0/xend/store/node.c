/* SPDX-License-Identifier: GPL-2.0-only */
#include "workloads/dom0/xend/store/node.h"

#include <stdlib.h>
#include <string.h>

struct node *node_new(const char *name, uint32_t name_bytes)
{
    struct node *node = calloc(1, sizeof(*node));

    if (!node || !(node->name = malloc(name_bytes + 1))) {
        free(node);
        return NULL;
    }
    memcpy(node->name, name, name_bytes);
    node->name[name_bytes] = '\0';
    node->references = 1;
    return node;
}

void node_hold(struct node *node)
{
    node->references++;
}

/* Paths have a limited length, so the depth of the recursion has too. */
void node_release(struct node *node)
{
    if (!node || --node->references)
        return;
    for (unsigned i = 0; i < node->child_count; i++)
        node_release(node->children[i]);
    free(node->children);
    free(node->value);
    free(node->name);
    free(node);
}

struct node *node_child(const struct node *node, const char *name, uint32_t name_bytes,
                        unsigned *index)
{
    for (unsigned i = 0; i < node->child_count; i++) {
        struct node *child = node->children[i];

        if (strncmp(child->name, name, name_bytes) == 0 && child->name[name_bytes] == '\0') {
            *index = i;
            return child;
        }
    }
    return NULL;
}

static struct node *copy(const struct node *from)
{
    struct node *node = node_new(from->name, (uint32_t)strlen(from->name));

    if (!node)
        return NULL;
    node->generation = from->generation;
    memcpy(node->permission, from->permission, sizeof(node->permission));
    node->permissions = from->permissions;
    if (from->child_count) {
        node->children = malloc(from->child_count * sizeof(*node->children));
        if (!node->children) {
            node_release(node);
            return NULL;
        }
        node->child_count = node->child_room = from->child_count;
        for (unsigned i = 0; i < from->child_count; i++)
            node_hold(node->children[i] = from->children[i]);
    }
    if (!node_set_value(node, from->value, from->value_bytes)) {
        node_release(node);
        return NULL;
    }
    return node;
}

struct node *node_own(struct node **slot)
{
    struct node *own;

    if ((*slot)->references == 1)
        return *slot;
    own = copy(*slot);
    if (own) {
        node_release(*slot);
        *slot = own;
    }
    return own;
}

bool node_set_value(struct node *node, const void *value, uint32_t bytes)
{
    uint8_t *fresh = NULL;

    if (bytes && !(fresh = malloc(bytes)))
        return false;
    if (bytes)
        memcpy(fresh, value, bytes);
    free(node->value);
    node->value = fresh;
    node->value_bytes = bytes;
    return true;
}

bool node_add_child(struct node *node, struct node *child)
{
    if (node->child_count == node->child_room) {
        unsigned room = node->child_room ? 2 * node->child_room : 4;
        struct node **more = realloc(node->children, room * sizeof(*more));

        if (!more)
            return false;
        node->children = more;
        node->child_room = room;
    }
    node->children[node->child_count++] = child;
    return true;
}

void node_remove_child(struct node *node, unsigned index)
{
    struct node *child = node->children[index];

    memmove(&node->children[index], &node->children[index + 1],
            (node->child_count - index - 1) * sizeof(*node->children));
    node->child_count--;
    node_release(child);
}

uint32_t node_bytes(const struct node *node)
{
    uint32_t bytes = node->value_bytes + node->permissions * (uint32_t)sizeof(struct permission);

    for (unsigned i = 0; i < node->child_count; i++)
        bytes += (uint32_t)strlen(node->children[i]->name) + 1;
    return bytes;
}
