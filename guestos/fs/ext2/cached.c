/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cached.c - inodes of ext2 in memory
 *
 * An inode in memory stands for one on the device, never two for the same; it stays for a while
 * after its last holder, with its pages, as what is used once is used again. A directory holds its
 * parent. What changes in an inode (mode, links, size ...) is stored on the way to a sync or when
 * the inode goes.
 */
#include "guestos/fs/ext2/vfs.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/time/time.h"
#include "guestos/mm/heap.h"

#define UNUSED_LIMIT 512u /* inodes that nobody holds, before they are given up */

void volume_set_clock(struct volume *volume)
{
    volume->fs.now = (uint32_t)divide(time_wall(), NANOSECONDS, NULL);
}

struct volume *volume_of(const struct inode *inode)
{
    struct volume *volume = inode->mount->private;

    volume_set_clock(volume);
    return volume;
}

int cached_store(struct inode *inode)
{
    struct ext2_info info = {.mode = inode->mode,
                             .uid = inode->uid,
                             .gid = inode->gid,
                             .size = inode->size,
                             .links = inode->links,
                             .modified = (uint32_t)divide(inode->modified, NANOSECONDS, NULL),
                             .device = inode->device};
    struct ext2 *fs = &volume_of(inode)->fs;

    return fs->read_only ? 0 : ext2_info_set(fs, inode->number, &info);
}

void cached_enter(struct volume *volume, struct inode *inode, uint32_t number)
{
    inode->number = number;
    inode->inode_ops = &ext2_inode_ops;
    inode->mount = volume->mount;
    inode->next_cached = volume->hash[number % HASH];
    volume->hash[number % HASH] = inode;
    volume->inodes++;
}

void cached_forget(struct volume *volume, struct inode *inode)
{
    struct inode **link = &volume->hash[inode->number % HASH];

    while (*link != inode)
        link = &(*link)->next_cached;
    *link = inode->next_cached;
    volume->inodes--;
    struct inode *parent = is_directory(inode) ? inode->parent : NULL;
    inode_free(inode);
    if (parent && parent != inode)
        inode_release(parent);
}

static int read_target(struct volume *volume, uint32_t number, struct inode *inode)
{
    char *target = heap_allocate(PAGE_SIZE);

    if (!target)
        return -ENOMEM;
    int error = ext2_target_get(&volume->fs, number, target);
    if (!error) {
        uint32_t bytes = strlen(target) + 1;

        inode->target = heap_allocate(bytes);
        if (inode->target)
            memcpy(inode->target, target, bytes);
        else
            error = -ENOMEM;
    }
    heap_free(target);
    return error;
}

/* An inode made of what the device says; ERR_PTR. */
static struct inode *read_record(struct volume *volume, uint32_t number)
{
    struct ext2_info info;
    int error = ext2_info_get(&volume->fs, number, &info);

    if (error)
        return ERR_PTR(error);
    struct inode *inode = inode_create(info.mode);
    if (!inode)
        return ERR_PTR(-ENOMEM);
    inode->uid = info.uid;
    inode->gid = info.gid;
    inode->size = info.size;
    inode->links = info.links;
    inode->device = info.device;
    inode->modified = (uint64_t)info.modified * NANOSECONDS;
    error = (info.mode & MODE_TYPE) == MODE_LINK ? read_target(volume, number, inode) : 0;
    if (!error)
        return inode;
    inode_free(inode);
    return ERR_PTR(error);
}

struct inode *cached_get(struct volume *volume, uint32_t number, struct inode *directory)
{
    struct inode *inode = volume->hash[number % HASH];

    while (inode && inode->number != number)
        inode = inode->next_cached;
    if (inode) {
        if (!inode->links)
            return ERR_PTR(-EIO); /* a second name of a file that had only one */
        if (!inode->references)
            volume->unused--;
        inode_hold(inode);
        return inode;
    }
    inode = read_record(volume, number);
    if (IS_ERR(inode))
        return inode;
    cached_enter(volume, inode, number);
    if (is_directory(inode)) {
        inode->parent = directory ? directory : inode;
        if (directory)
            inode_hold(directory);
    }
    return inode;
}

/* Their contents are written together: one by one each would wait for the device. */
static void write_unused(struct volume *volume)
{
    bool failed = false;

    for (uint32_t i = 0; i < HASH; i++)
        for (struct inode *inode = volume->hash[i]; inode; inode = inode->next_cached)
            if (!inode->references)
                failed |= inode_write_back_begin(inode) != 0;
    if (block_settle(volume->fs.cache.device) || failed)
        return; /* each once more, so that the others may go */
    for (uint32_t i = 0; i < HASH; i++)
        for (struct inode *inode = volume->hash[i]; inode; inode = inode->next_cached)
            if (!inode->references)
                inode_write_back_end(inode);
}

void cached_give_up(struct volume *volume)
{
    write_unused(volume);
    for (bool again = true; again;) {
        again = false;
        for (uint32_t i = 0; i < HASH; i++)
            for (struct inode *inode = volume->hash[i], *next; inode; inode = next) {
                next = inode->next_cached;
                if (inode->references || inode_write_back(inode) || cached_store(inode))
                    continue;
                volume->unused--;
                cached_forget(volume, inode);
                again = true;
                break; /* its parent may have gone with it: begin this row again */
            }
    }
}

void cached_release(struct inode *inode)
{
    struct volume *volume = volume_of(inode);

    if (inode->links || volume->fs.read_only) {
        if (++volume->unused > UNUSED_LIMIT)
            cached_give_up(volume);
        return;
    }
    operation_begin();
    int error = ext2_inode_free(&volume->fs, inode->number);
    operation_end();
    if (error)
        kprintf("%s: inode %u cannot be freed cleanly: error %d\n", volume->mount->source,
                inode->number, -error);
    cached_forget(volume, inode);
}
