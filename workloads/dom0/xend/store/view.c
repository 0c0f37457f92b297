/* SPDX-License-Identifier: GPL-2.0-only */
#include "workloads/dom0/xend/store/view.h"

#include <errno.h>
#include <string.h>

/* ---- views ----------------------------------------------------------------------------------- */

bool view_init(struct view *view)
{
    memset(view, 0, sizeof(*view));
    view->root = node_new("", 0);
    if (!view->root)
        return false;
    view->root->permissions = 1; /* Domain 0's, nothing for others */
    view->owned[0] = 1;
    return true;
}

void view_copy(struct view *to, const struct view *from)
{
    *to = *from;
    node_hold(to->root);
}

void view_release(struct view *view)
{
    node_release(view->root);
    view->root = NULL;
}

static void count_owner(struct view *view, uint16_t domain, int by)
{
    if (domain < STORE_DOMAINS)
        view->owned[domain] += (uint32_t)by;
}

static void uncount_tree(struct view *view, const struct node *node)
{
    count_owner(view, node_owner(node), -1);
    for (unsigned i = 0; i < node->child_count; i++)
        uncount_tree(view, node->children[i]);
}

/* ---- paths ----------------------------------------------------------------------------------- */

/* Cuts the next name off an absolute path; its length, 0 at the end. */
static uint32_t next_name(const char **path, const char **name)
{
    uint32_t bytes;

    while (**path == '/')
        (*path)++;
    *name = *path;
    bytes = (uint32_t)strcspn(*path, "/");
    *path += bytes;
    return bytes;
}

/* The deepest node on the path; *rest is what of the path is left below it. */
static const struct node *deepest(const struct view *view, const char *path, const char **rest)
{
    const struct node *node = view->root;
    const char *name;
    uint32_t bytes;

    for (*rest = path; (bytes = next_name(&path, &name)) > 0; *rest = path) {
        unsigned index;
        const struct node *child = node_child(node, name, bytes, &index);

        if (!child)
            break;
        node = child;
    }
    return node;
}

const struct node *view_find(const struct view *view, const char *path)
{
    const char *rest;
    const struct node *node = deepest(view, path, &rest);

    return rest[strspn(rest, "/")] ? NULL : node;
}

/* The node at the path, which exists, private with all above it; NULL: no memory. */
static struct node *own_path(struct view *view, const char *path, uint32_t path_bytes)
{
    const char *end = path + path_bytes, *name;
    struct node *node = node_own(&view->root);
    uint32_t bytes;

    while (node && path < end && (bytes = next_name(&path, &name)) > 0 && name < end) {
        unsigned index;

        node_child(node, name, bytes, &index);
        node = node_own(&node->children[index]);
    }
    return node;
}

/* ---- rights ---------------------------------------------------------------------------------- */

unsigned node_access(const struct node *node, const struct caller *caller)
{
    if (caller->privileged || node_owner(node) == caller->domain)
        return ACCESS_READ | ACCESS_WRITE;
    for (unsigned i = 1; i < node->permissions; i++)
        if (node->permission[i].domain == caller->domain)
            return node->permission[i].access;
    return node->permission[0].access;
}

static bool may(const struct node *node, const struct caller *caller, unsigned access)
{
    return (node_access(node, caller) & access) == access;
}

int view_get(const struct view *view, const char *path, const struct caller *caller,
             unsigned access, const struct node **node)
{
    const char *rest;
    const struct node *found = deepest(view, path, &rest);

    if (rest[strspn(rest, "/")])
        return may(found, caller, access) ? -ENOENT : -EACCES;
    if (!may(found, caller, access))
        return -EACCES;
    *node = found;
    return 0;
}

/* ---- changes --------------------------------------------------------------------------------- */

static unsigned names_in(const char *path)
{
    const char *name;
    unsigned count = 0;

    while (next_name(&path, &name) > 0)
        count++;
    return count;
}

/*
 * The branch of new nodes for `rest` below `parent`, the last one with the value; NULL: no memory.
 */
static struct node *grow(const struct node *parent, const char *rest, const struct change *change,
                         const void *value, uint32_t bytes)
{
    struct node *first = NULL, *last = NULL;
    const char *name;
    uint32_t length;

    while ((length = next_name(&rest, &name)) > 0) {
        struct node *node = node_new(name, length);

        if (!node || (last && !node_add_child(last, node))) {
            node_release(node);
            node_release(first);
            return NULL;
        }
        memcpy(node->permission, parent->permission, sizeof(node->permission));
        node->permissions = parent->permissions;
        if (!change->caller->privileged)
            node->permission[0].domain = change->caller->domain;
        node->generation = change->generation;
        first = first ? first : node;
        last = node;
    }
    if (!node_set_value(last, value, bytes)) {
        node_release(first);
        return NULL;
    }
    return first;
}

static int make(struct view *view, const struct change *change, const struct node *parent,
                const char *rest, const void *value, uint32_t bytes)
{
    const struct caller *caller = change->caller;
    unsigned count = names_in(rest);
    struct node *branch, *to;

    if (!may(parent, caller, ACCESS_WRITE))
        return -EACCES;
    if (!caller->privileged &&
        (caller->domain >= STORE_DOMAINS || view->owned[caller->domain] + count > QUOTA_NODES ||
         bytes + sizeof(struct permission) > QUOTA_NODE_BYTES ||
         node_bytes(parent) + strcspn(rest + strspn(rest, "/"), "/") + 1 > QUOTA_NODE_BYTES))
        return -ENOSPC;
    branch = grow(parent, rest, change, value, bytes);
    to = branch ? own_path(view, change->path, (uint32_t)(rest - change->path)) : NULL;
    if (!to || !node_add_child(to, branch)) {
        node_release(branch);
        return -ENOMEM;
    }
    to->generation = change->generation;
    count_owner(view, node_owner(branch), (int)count);
    return 0;
}

int view_write(struct view *view, const struct change *change, const void *value, uint32_t bytes)
{
    const char *rest;
    const struct node *node = deepest(view, change->path, &rest);
    struct node *own;

    if (rest[strspn(rest, "/")])
        return make(view, change, node, rest, value, bytes);
    if (!may(node, change->caller, ACCESS_WRITE))
        return -EACCES;
    if (!change->caller->privileged &&
        node_bytes(node) - node->value_bytes + bytes > QUOTA_NODE_BYTES)
        return -ENOSPC;
    own = own_path(view, change->path, (uint32_t)strlen(change->path));
    if (!own || !node_set_value(own, value, bytes))
        return -ENOMEM;
    own->generation = change->generation;
    return 0;
}

int view_mkdir(struct view *view, const struct change *change)
{
    const char *rest;
    const struct node *node = deepest(view, change->path, &rest);

    if (rest[strspn(rest, "/")])
        return make(view, change, node, rest, NULL, 0);
    return may(node, change->caller, ACCESS_WRITE) ? 0 : -EACCES;
}

int view_remove(struct view *view, const struct change *change)
{
    const char *rest, *slash = strrchr(change->path, '/');
    const struct node *node = deepest(view, change->path, &rest);
    struct node *parent;
    unsigned index;

    if (rest[strspn(rest, "/")]) {
        if (!may(node, change->caller, ACCESS_WRITE))
            return -EACCES;
        return rest == slash ? 0 : -ENOENT; /* its parent is there: as if it had been */
    }
    if (node == view->root)
        return -EINVAL;
    if (!may(node, change->caller, ACCESS_WRITE))
        return -EACCES;
    parent = own_path(view, change->path, (uint32_t)(slash - change->path));
    if (!parent)
        return -ENOMEM;
    uncount_tree(view, node);
    node_child(parent, slash + 1, (uint32_t)strlen(slash + 1), &index);
    node_remove_child(parent, index);
    parent->generation = change->generation;
    return 0;
}

int view_set_permissions(struct view *view, const struct change *change,
                         const struct permission *permission, unsigned count)
{
    const struct caller *caller = change->caller;
    const struct node *node;
    struct node *own;
    int error = view_get(view, change->path, caller, ACCESS_WRITE, &node);

    if (error)
        return error;
    if (!caller->privileged && node_owner(node) != caller->domain)
        return -EACCES;
    if (count == 0 || count > PERMISSIONS_MOST)
        return -EINVAL;
    if (!caller->privileged && permission[0].domain != caller->domain)
        return -EPERM; /* giving nodes away would be a way around the quota */
    if (!caller->privileged && count > QUOTA_PERMISSIONS)
        return -ENOSPC;
    own = own_path(view, change->path, (uint32_t)strlen(change->path));
    if (!own)
        return -ENOMEM;
    count_owner(view, node_owner(own), -1);
    memcpy(own->permission, permission, count * sizeof(*permission));
    own->permissions = count;
    own->generation = change->generation;
    count_owner(view, node_owner(own), 1);
    return 0;
}

/* ---- domains that are gone ------------------------------------------------------------------- */

static bool names_domain(const struct node *node, uint16_t domain)
{
    for (unsigned i = 0; i < node->permissions; i++)
        if (node->permission[i].domain == domain)
            return true;
    return false;
}

static void forget(struct node *node, uint16_t domain, uint64_t generation)
{
    unsigned kept = 1;

    if (node_owner(node) == domain)
        node->permission[0] = (struct permission){0, ACCESS_NONE};
    for (unsigned i = 1; i < node->permissions; i++)
        if (node->permission[i].domain != domain)
            node->permission[kept++] = node->permission[i];
    node->permissions = kept;
    node->generation = generation;
}

static bool anywhere(const struct node *node, uint16_t domain)
{
    if (names_domain(node, domain))
        return true;
    for (unsigned i = 0; i < node->child_count; i++)
        if (anywhere(node->children[i], domain))
            return true;
    return false;
}

static void forget_below(struct node **slot, uint16_t domain, uint64_t generation)
{
    struct node *node = anywhere(*slot, domain) ? node_own(slot) : NULL;

    if (!node)
        return;
    if (names_domain(node, domain))
        forget(node, domain, generation);
    for (unsigned i = 0; i < node->child_count; i++)
        forget_below(&node->children[i], domain, generation);
}

void view_forget_domain(struct view *view, uint16_t domain, uint64_t generation)
{
    if (domain == 0)
        return;
    forget_below(&view->root, domain, generation);
    if (domain < STORE_DOMAINS) {
        view->owned[0] += view->owned[domain];
        view->owned[domain] = 0;
    }
}
