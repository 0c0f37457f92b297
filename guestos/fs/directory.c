/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * directory.c - names in directories, of whatever file system
 *
 * Here is what is the same for all: "." and "..", the limits of names, what has no name any more.
 * The rest the directory's table does (inode_ops.h).
 */
#include "guestos/fs/notify.h"
#include "guestos/fs/filesystem.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"

struct inode *directory_lookup(struct inode *directory, const char *name, size_t length)
{
    struct inode *found;

    if (length == 1 && name[0] == '.')
        found = directory;
    else if (length == 2 && name[0] == '.' && name[1] == '.')
        found = directory->parent;
    else
        return directory->inode_ops->lookup(directory, name, length);
    if (found) /* a new directory has no parent before it has a name */
        inode_hold(found);
    return found;
}

int directory_link(struct inode *directory, const char *name, size_t length, struct inode *inode)
{
    if (length > NAME_LIMIT)
        return -ENAMETOOLONG;
    if (!length || (length <= 2 && !memcmp(name, "..", length)))
        return -EEXIST;
    if (directory->mount != inode->mount)
        return -EXDEV;
    if (!directory->links)
        return -ENOENT; /* removed, but somebody works in it */
    const struct inode_ops *ops = directory->inode_ops;
    return ops->link ? ops->link(directory, name, length, inode) : -EPERM;
}

int directory_unlink(struct inode *directory, const char *name, size_t length)
{
    const struct inode_ops *ops = directory->inode_ops;
    struct inode *inode = ops->lookup(directory, name, length);

    if (!inode || IS_ERR(inode))
        return inode ? PTR_ERR(inode) : -ENOENT;
    int error = ops->unlink ? ops->unlink(directory, name, length, inode) : -EPERM;
    if (!inode->links)
        notify_unlinked(inode);
    inode_release(inode);
    return error;
}

int directory_next(struct inode *directory, uint32_t *cookie, struct directory_item *item)
{
    return directory->inode_ops->next(directory, cookie, item);
}

bool directory_name_of(struct inode *directory, const struct inode *inode,
                       struct directory_item *item)
{
    uint32_t cookie = 0;

    if (directory->inode_ops->name_of)
        return directory->inode_ops->name_of(directory, inode, item);
    while (directory_next(directory, &cookie, item) > 0)
        if (item->number == inode->number)
            return true;
    return false;
}

bool directory_empty(struct inode *directory)
{
    struct directory_item item;
    uint32_t cookie = 0;

    return directory_next(directory, &cookie, &item) == 0;
}

struct inode *directory_create(struct inode *directory, uint32_t mode)
{
    const struct inode_ops *ops = directory->inode_ops;

    return ops->create ? ops->create(directory, mode) : ERR_PTR(-EPERM);
}
