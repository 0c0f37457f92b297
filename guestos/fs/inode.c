/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * inode.c - the life of an inode
 *
 * An inode is one file, whatever its type and wherever its contents lie. Two counts decide how long
 * it lives, and they mean different things.
 *
 *   references  who in the kernel's memory points to it: an open file, an area that maps it, who
 *               works in it, a path walk that stands on it, a mount whose root it is
 *   links       how many names it has; of a directory also "." and the ".." of each directory in it
 *
 * Birth. directory_create() asks the table of the directory for an inode without a name, with one
 * reference: the caller's. directory_link() then gives it a name. A pipe, a socket or a descriptor
 * of event/ comes from inode_create() and never gets one.
 *
 * Names. In memory (memory.c) a directory entry points to its inode and so holds a reference. On a
 * device (ext2/cached.c) an entry is a number on the disk. A lookup finds the inode that stands for
 * the number in memory, or reads it; there are never two for one number. In /proc (proc/proc.c)
 * nothing is kept: each lookup makes an inode, and two of them may stand for the same text.
 *
 * Death. directory_unlink() takes a name away. A file that is still open then lives on without a
 * name, and can be read and written. inode_release() of the last reference asks the table's
 * release():
 *
 *             links > 0                             links == 0
 *   memory    cannot be: the entry holds it         freed
 *   ext2      stays in the cache for a while,       its blocks and its number are given back to the
 *             as names are looked up again          device (in one operation), and then freed
 *   /proc     freed                                 freed
 *
 * Power may go while a file is open without a name. So a sync lists such files on the volume, and
 * the next mount frees them (ext2/mount.c).
 *
 * Frames. A page in inode->page holds its frame, and each program that maps it holds the frame once
 * more. An area holds the inode too, so that what is mapped of a file is still the file's.
 *
 * Directories. inode->parent is what ".." leads to. In memory it is not held: a directory with a
 * name has a parent, and one that loses its last name becomes its own. ext2 and /proc hold it, as
 * their parents might be given up otherwise.
 *
 * Watches (notify.h) hold an inode as long as it has a name, so that it can die.
 *
 * Lock: every function here needs the kernel's lock, and none sleeps. inode_release() may run any
 * table's release(), which may write to a device: no pointer into an inode's pages may be kept
 * across it.
 */
#include "guestos/fs/notify.h"
#include "guestos/fs/filesystem.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/heap.h"
#include "guestos/time/time.h"

struct inode *inode_create(uint32_t mode)
{
    static uint32_t last_number;
    struct inode *inode = heap_allocate(sizeof(*inode));

    if (!inode)
        return NULL;
    inode->number = ++last_number;
    inode->references = 1;
    inode->mode = mode;
    inode->modified = time_wall();
    inode->inode_ops = &memory_inode_ops;
    return inode;
}

void inode_hold(struct inode *inode)
{
    inode->references++;
}

void inode_free(struct inode *inode)
{
    switch (inode->mode & MODE_TYPE) {
    case MODE_REGULAR:
        inode_drop_all(inode);
        break;
    case MODE_LINK:
        heap_free(inode->target);
        break;
    case MODE_DIRECTORY:
        ASSERT(!inode->entries);
        break;
    }
    heap_free(inode);
}

void inode_release(struct inode *inode)
{
    if (--inode->references)
        return;
    notify_gone(inode);
    inode->inode_ops->release(inode);
}

int inode_sync(struct inode *inode)
{
    return inode->inode_ops->sync ? inode->inode_ops->sync(inode) : 0;
}

uint32_t inode_blocks(const struct inode *inode)
{
    return inode->inode_ops->blocks ? inode->inode_ops->blocks((struct inode *)inode) : 0;
}

int inode_set_target(struct inode *inode, const char *target)
{
    uint32_t length = strlen(target);
    char *copy = heap_allocate(length + 1);
    int error = copy ? 0 : -ENOMEM;

    if (!error)
        error = inode->inode_ops->set_target ? inode->inode_ops->set_target(inode, target) : -EPERM;
    if (error) {
        heap_free(copy);
        return error;
    }
    memcpy(copy, target, length + 1);
    inode->target = copy;
    inode->size = length;
    return 0;
}
