/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * view.h - one state of the store: its tree, and how much of it each domain owns
 *
 * The store has one view that everybody sees; every transaction has one of its own. The operations
 * are those of the wire protocol on absolute paths, with the rules for who may do what:
 *
 *   - Domain 0 may do everything; the owner of a node everything with that node; others what its
 *     permissions say. Nobody needs rights to what lies above a node.
 *   - A node is made by writing to it, and what is missing above it too; that takes the right to
 *     write to the nearest one there is. A new node has its parent's permissions, but an ordinary
 *     domain owns what it makes.
 *   - Whether a node exists is told only to those who may see the nearest one above it that does.
 *
 * They return 0 or -Exxx: EACCES, ENOENT, EINVAL, ENOSPC (a quota), EPERM, ENOMEM. After an error
 * nothing has changed.
 *
 * Source: the store's protocol description (docs/misc/xenstore.txt of Xen) and xs_wire.h.
 */
#ifndef XENOLITH_STORE_VIEW_H
#define XENOLITH_STORE_VIEW_H

#include "workloads/dom0/xend/store/node.h"

#define STORE_DOMAINS 512 /* whose nodes are counted; higher numbers cannot be introduced */

/* Quotas of ordinary domains. Domain 0 has none. */
#define QUOTA_NODES       1000 /* owned */
#define QUOTA_NODE_BYTES  2048 /* node_bytes() of one */
#define QUOTA_PERMISSIONS 5    /* entries of one */

struct view {
    struct node *root;
    uint32_t owned[STORE_DOMAINS];
};

struct caller {
    uint16_t domain;
    bool privileged;
};

/* A change and what it did, for those who watch. */
struct change {
    const struct caller *caller;
    const char *path;
    uint64_t generation; /* for the nodes that change */
};

bool view_init(struct view *view); /* a root that is Domain 0's; false: no memory */
void view_copy(struct view *to, const struct view *from);
void view_release(struct view *view);

/* The node, NULL if there is none, for any asker. */
const struct node *view_find(const struct view *view, const char *path);

/* ACCESS_* that the caller has to a node: its owner and Domain 0 all. */
unsigned node_access(const struct node *node, const struct caller *caller);

/* The node, if the caller may have this access to it (0: any). */
int view_get(const struct view *view, const char *path, const struct caller *caller,
             unsigned access, const struct node **node);

/*
 * One change each, as its caller may: 0, -EACCES, -ENOENT, -ENOMEM, -ENOSPC ...; nothing has
 * changed then.
 */
int view_write(struct view *view, const struct change *change, const void *value, uint32_t bytes);
int view_mkdir(struct view *view, const struct change *change); /* an existing one stays as it is */
int view_remove(struct view *view, const struct change *change);
int view_set_permissions(struct view *view, const struct change *change,
                         const struct permission *permission, unsigned count);

/* The domain is gone: Domain 0 inherits its nodes, and no entry names it any more. */
void view_forget_domain(struct view *view, uint16_t domain, uint64_t generation);

#endif
