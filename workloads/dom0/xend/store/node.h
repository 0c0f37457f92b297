/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * node.h - the store's tree: nodes with a value, permissions and children
 *
 * Trees share nodes. A node that only one tree refers to is changed in place; one that several
 * refer to is copied first, and so is everything on the way to it from the root. A transaction
 * therefore begins by taking one reference to the root, and sees the tree as it was then.
 */
#ifndef XENOLITH_STORE_NODE_H
#define XENOLITH_STORE_NODE_H

#include <stdbool.h>
#include <stdint.h>

#define PERMISSIONS_MOST 16 /* entries of one node */

enum access { ACCESS_NONE = 0, ACCESS_READ = 1, ACCESS_WRITE = 2 };

/* Of the first entry: the node's owner, and what everybody may do who has no entry. */
struct permission {
    uint16_t domain;
    uint8_t access; /* of enum access */
};

struct node {
    unsigned references;
    uint64_t generation; /* of its last change: value, permissions, or which children it has */
    char *name;          /* the last part of its path */
    uint8_t *value;
    uint32_t value_bytes;
    struct permission permission[PERMISSIONS_MOST];
    unsigned permissions;
    struct node **children; /* in the order of their making */
    unsigned child_count, child_room;
};

/* A node without value and children that belongs to nobody yet; NULL: no memory. */
struct node *node_new(const char *name, uint32_t name_bytes);
void node_hold(struct node *node);
void node_release(struct node *node); /* with all below, where this was the last reference */

/* The child of this name, NULL if there is none; *index is its place. */
struct node *node_child(const struct node *node, const char *name, uint32_t name_bytes,
                        unsigned *index);

/*
 * Makes *slot's node private: copies it if others refer to it too. NULL: no memory, nothing
 * changed.
 */
struct node *node_own(struct node **slot);

/* Of a private node. False: no memory, nothing changed. */
bool node_set_value(struct node *node, const void *value, uint32_t bytes);
bool node_add_child(struct node *node, struct node *child); /* takes over the reference */
void node_remove_child(struct node *node, unsigned index);

/* The bytes that count towards a quota: value, permissions and the names of its children. */
uint32_t node_bytes(const struct node *node);

static inline uint16_t node_owner(const struct node *node)
{
    return node->permission[0].domain;
}

#endif
