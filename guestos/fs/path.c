/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * path.c - from a path to an inode
 *
 * The walk keeps a current directory and consumes one component after the other. A symbolic link on
 * the way puts its target in front of what is left, in a buffer of PATH_LIMIT bytes; at most
 * LINKS_FOLLOWED links are followed.
 *
 * Absolute paths begin at the process's root, and ".." stays there. A process can be below no root
 * of its own: if it was outside when it called chroot(), or has a descriptor of a directory there.
 * Then ".." leads up to the root of all.
 */
#include "guestos/fs/notify.h"
#include "guestos/fs/filesystem.h"
#include "guestos/fs/permission.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/mm/heap.h"

struct inode *root_inode;

/* Splits off the first component. Returns what follows it and its slashes. */
static const char *component(const char *path, size_t *length)
{
    size_t n = 0;

    while (path[n] && path[n] != '/')
        n++;
    *length = n;
    path += n;
    while (*path == '/')
        path++;
    return path;
}

/* target + "/" + rest, in a fresh buffer; frees the old one. */
static char *splice(const char *target, const char *rest, char *old)
{
    size_t t = strlen(target), r = strlen(rest);
    char *path = t + r + 2 <= PATH_LIMIT ? heap_allocate(t + r + 2) : NULL;

    if (path) {
        memcpy(path, target, t);
        path[t] = r ? '/' : '\0';
        memcpy(path + t + (r != 0), rest, r);
    }
    heap_free(old);
    return path;
}

struct inode *path_root(void)
{
    return init_process ? current_thread()->fs->root : root_inode;
}

static struct inode *begin(struct inode *from, const char **path)
{
    struct inode *at = **path != '/' ? from : from ? path_root() : root_inode;

    while (**path == '/')
        (*path)++;
    inode_hold(at);
    return at;
}

/*
 * One step of the walk: ".." of a mounted root leaves it, a covered directory leads into what
 * covers.
 */
static struct inode *walk(struct inode *at, const char *name, size_t length)
{
    bool up = length == 2 && name[0] == '.' && name[1] == '.';

    if (up && at == path_root()) {
        inode_hold(at);
        return at;
    }
    if (up)
        at = mount_up(at);
    struct inode *next = directory_lookup(at, name, length);
    if (!next || IS_ERR(next) || !next->is_covered)
        return next;
    struct inode *top = mount_down(next);
    inode_hold(top);
    inode_release(next);
    return top;
}

struct inode *path_lookup(struct inode *from, const char *path, uint32_t flags)
{
    char *spliced = NULL;
    int links = 0, error = 0;

    if (!*path)
        return ERR_PTR(-ENOENT);
    struct inode *at = begin(from, &path);
    while (*path && !error) {
        size_t length;
        const char *rest = component(path, &length);
        bool last = !*rest;

        if ((at->mode & MODE_TYPE) != MODE_DIRECTORY) {
            error = -ENOTDIR;
            break;
        }
        error = length > NAME_LIMIT ? -ENAMETOOLONG : inode_allow(at, MAY_EXECUTE);
        if (error)
            break;
        struct inode *next = walk(at, path, length);
        if (!next || IS_ERR(next)) {
            error = next ? PTR_ERR(next) : -ENOENT;
            break;
        }
        if ((next->mode & MODE_TYPE) == MODE_LINK && !(last && (flags & LOOKUP_NO_FOLLOW)) &&
            next->inode_ops->follow) {
            struct inode *followed = next->inode_ops->follow(next);

            inode_release(next);
            if (IS_ERR(followed)) {
                error = PTR_ERR(followed);
                break;
            }
            next = followed;
        }
        if ((next->mode & MODE_TYPE) == MODE_LINK && !(last && (flags & LOOKUP_NO_FOLLOW))) {
            spliced = splice(next->target, rest, spliced);
            error = ++links > LINKS_FOLLOWED ? -ELOOP : !spliced ? -ENAMETOOLONG : 0;
            inode_release(next);
            if (error)
                break;
            path = spliced;
            if (*path == '/') {
                inode_release(at);
                at = begin(path_root(), &path);
            }
            continue;
        }
        inode_release(at);
        at = next;
        path = rest;
    }
    heap_free(spliced);
    if (error) {
        inode_release(at);
        return ERR_PTR(error);
    }
    return at;
}

struct inode *path_parent(struct inode *from, const char *path, const char **name, size_t *length)
{
    size_t end = strlen(path);

    while (end && path[end - 1] == '/')
        end--;
    size_t start = end;
    while (start && path[start - 1] != '/')
        start--;
    *name = path + start;
    *length = end - start;
    if (!*length)
        return ERR_PTR(path[0] == '/' ? -EEXIST : -ENOENT);
    if (!start) { /* `from` may be what any descriptor leads to */
        if (!is_directory(from))
            return ERR_PTR(-ENOTDIR);
        inode_hold(from);
        return from;
    }
    char *prefix = heap_allocate(start + 1);
    if (!prefix)
        return ERR_PTR(-ENOMEM);
    memcpy(prefix, path, start);
    struct inode *directory = path_lookup(from, prefix, 0);
    heap_free(prefix);
    if (!IS_ERR(directory) && (directory->mode & MODE_TYPE) != MODE_DIRECTORY) {
        inode_release(directory);
        return ERR_PTR(-ENOTDIR);
    }
    return directory;
}

/*
 * Of the process, but for the kernel that unpacks the root file system; a directory may give its
 * group.
 */
static void set_owner(struct inode *inode, const struct inode *directory)
{
    const uint32_t set_group = 02000;

    if (init_process) {
        inode->uid = current_process()->identity.file_user;
        inode->gid = current_process()->identity.file_group;
    }
    if (directory->mode & set_group) {
        inode->gid = directory->gid;
        inode->mode |= is_directory(inode) ? set_group : 0;
    }
}

struct inode *path_create(struct inode *from, const char *path, uint32_t mode)
{
    const char *name;
    size_t length;
    struct inode *directory = path_parent(from, path, &name, &length);

    if (IS_ERR(directory))
        return directory;
    int error = !is_directory(directory) ? -ENOTDIR
                : length > NAME_LIMIT    ? -ENAMETOOLONG
                                         : inode_allow(directory, MAY_EXECUTE);
    struct inode *there =
        error ? (struct inode *)ERR_PTR(error) : directory_lookup(directory, name, length);
    if (!there && (error = directory_allow_change(directory, NULL)))
        there = ERR_PTR(error);
    if (there) {
        inode_release(directory);
        if (IS_ERR(there))
            return there;
        inode_release(there);
        return ERR_PTR(-EEXIST);
    }
    operation_begin();
    struct inode *inode = directory_create(directory, mode);
    error = IS_ERR(inode) ? PTR_ERR(inode) : 0;
    if (!error) {
        set_owner(inode, directory);
        error = directory_link(directory, name, length, inode);
    }
    if (!error)
        notify_name(directory, name, length, inode, NOTIFY_CREATE, 0);
    inode_release(directory);
    if (error && !IS_ERR(inode))
        inode_release(inode);
    operation_end();
    return error ? ERR_PTR(error) : inode;
}

void path_remove(struct inode *from, const char *path)
{
    const char *name;
    size_t length;
    struct inode *parent = path_parent(from, path, &name, &length);

    if (IS_ERR(parent))
        return;
    directory_unlink(parent, name, length);
    inode_release(parent);
}
