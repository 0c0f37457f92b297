/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * path.c - from a path to an inode
 *
 * The walk keeps a current directory and consumes one component after the other. A symbolic link on
 * the way puts its target in front of what is left, in a buffer of PATH_LIMIT bytes; at most
 * LINK_LIMIT links are followed.
 */
#include "guestos/fs/inode.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/heap.h"

#define LINK_LIMIT 40

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

static struct inode *begin(struct inode *from, const char **path)
{
    struct inode *at = **path == '/' ? root_inode : from;
    while (**path == '/')
        (*path)++;
    inode_hold(at);
    return at;
}

struct inode *path_lookup(struct inode *from, const char *path, u32 flags)
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
        if (length > NAME_LIMIT) {
            error = -ENAMETOOLONG;
            break;
        }
        struct inode *next = directory_lookup(at, path, length);
        if (!next) {
            error = -ENOENT;
            break;
        }
        if ((next->mode & MODE_TYPE) == MODE_LINK && !(last && (flags & LOOKUP_NO_FOLLOW))) {
            spliced = splice(next->target, rest, spliced);
            error = ++links > LINK_LIMIT ? -ELOOP : !spliced ? -ENAMETOOLONG : 0;
            inode_release(next);
            if (error)
                break;
            path = spliced;
            if (*path == '/') {
                inode_release(at);
                at = begin(root_inode, &path);
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
    if (!start) {
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

struct inode *path_create(struct inode *from, const char *path, u32 mode)
{
    const char *name;
    size_t length;
    struct inode *directory = path_parent(from, path, &name, &length);
    if (IS_ERR(directory))
        return directory;
    struct inode *inode = inode_create(mode);
    int error = inode ? directory_link(directory, name, length, inode) : -ENOMEM;
    inode_release(directory);
    if (error && inode)
        inode_release(inode);
    return error ? ERR_PTR(error) : inode;
}

int path_of(struct inode *directory, char *buffer, u32 size)
{
    /* Built from the end, then moved to the front. */
    u32 at = size;
    if (size < 2)
        return -ERANGE;
    buffer[--at] = '\0';
    for (; directory != root_inode; directory = directory->parent) {
        const struct directory_entry *entry = directory->parent->entries;
        while (entry && entry->inode != directory)
            entry = entry->next;
        if (!entry)
            return -ENOENT;
        u32 length = strlen(entry->name);
        if (length + 1 > at)
            return -ERANGE;
        at -= length;
        memcpy(buffer + at, entry->name, length);
        buffer[--at] = '/';
    }
    if (buffer[at] == '\0')
        buffer[--at] = '/';
    memmove(buffer, buffer + at, size - at);
    return (int)(size - at);
}
