/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mount.c - volumes of ext2 that are mounted, and writing them back
 *
 * A sync writes the contents of all files, stores their inodes, lists the files without a name (so
 * that a cut leaves them to be freed), and then lets the volume write what leads to all that
 * (journal.h). If contents could not be written nothing is committed: that would make files of what
 * is not there.
 */
#include "guestos/fs/ext2/vfs.h"
#include "guestos/block/devices.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"

static struct volume *volumes;

int volume_sync(struct volume *volume)
{
    int result = 0;
    uint32_t orphans = 0;

    volume_set_clock(volume);
    if (volume->fs.read_only)
        return 0;
    for (uint32_t i = 0; i < HASH; i++)
        for (struct inode *inode = volume->hash[i]; inode; inode = inode->next_cached) {
            int error = inode_write_back_begin(inode);

            error = error ? error : cached_store(inode);
            if (!error && !inode->links)
                error = ext2_orphan_add(&volume->fs, inode->number, &orphans);
            result = result ? result : error;
        }
    int settled = block_settle(volume->fs.cache.device);
    if (result || settled)
        return result ? result : settled; /* a commit would make files of what was not written */
    for (uint32_t i = 0; i < HASH; i++)
        for (struct inode *inode = volume->hash[i]; inode; inode = inode->next_cached)
            inode_write_back_end(inode);
    ext2_orphans_set(&volume->fs, orphans);
    return ext2_sync(&volume->fs);
}

static int sync_mount(struct mount *mount)
{
    return volume_sync(mount->private);
}

/* Files without a name end with the machine. */
static int stop_mount(struct mount *mount)
{
    struct volume *volume = mount->private;
    int error = volume_sync(volume);

    if (!error && !volume->fs.read_only)
        error = ext2_orphans_free(&volume->fs);
    return error ? error : ext2_stop(&volume->fs);
}

static void settle_mount(struct mount *mount)
{
    struct volume *volume = mount->private;

    if (!volume->fs.read_only &&
        (ext2_wants_sync(&volume->fs, volume->inodes) || file_pages_are_many()))
        volume_sync(volume);
}

/* Memory is short: pages that are on the device can be read again. */
static bool reclaim(void)
{
    uint32_t dropped = 0;

    for (struct volume *volume = volumes; volume; volume = volume->next)
        for (uint32_t i = 0; i < HASH; i++)
            for (struct inode *inode = volume->hash[i]; inode; inode = inode->next_cached)
                dropped += inode_drop_clean(inode);
    return dropped;
}

static void set_barriers(struct mount *mount, bool on)
{
    struct volume *volume = mount->private;

    volume->fs.cache.no_barriers = !on;
}

static void usage(const struct mount *mount, struct fs_usage *usage)
{
    const struct volume *volume = mount->private;
    const struct ext2_super *s = volume->fs.super;

    *usage = (struct fs_usage){.magic = EXT2_MAGIC,
                               .block_size = volume->fs.block_size,
                               .blocks = s->blocks,
                               .free = s->free_blocks,
                               .files = s->inodes,
                               .files_free = s->free_inodes};
}

static void free_volume(struct volume *volume)
{
    struct volume **link = &volumes;

    while (*link != volume)
        link = &(*link)->next;
    *link = volume->next;
    block_give_back(volume->fs.cache.device);
    ext2_drop(&volume->fs);
    heap_free(volume);
}

static int unmount(struct mount *mount)
{
    struct volume *volume = mount->private;

    cached_give_up(volume);
    for (uint32_t i = 0; i < HASH; i++)
        for (const struct inode *inode = volume->hash[i]; inode; inode = inode->next_cached)
            if (inode != mount->root || inode->references != 1)
                return -EBUSY;
    int error = stop_mount(mount);
    if (error)
        return error;
    mount->root->references = 0;
    cached_forget(volume, mount->root);
    free_volume(volume);
    return 0;
}

/* Read-only like Linux's: not while files without a name are open, as those could not end. */
static int remount(struct mount *mount, bool read_only)
{
    struct volume *volume = mount->private;

    if (!read_only) {
        volume_set_clock(volume);
        return ext2_begin_writing(&volume->fs);
    }
    cached_give_up(volume);
    for (uint32_t i = 0; i < HASH; i++)
        for (const struct inode *inode = volume->hash[i]; inode; inode = inode->next_cached)
            if (!inode->links)
                return -EBUSY;
    return stop_mount(mount);
}

/* ---- mounting -------------------------------------------------------------------------------- */

uint32_t ext2_volume_bytes(const uint8_t *image, uint32_t bytes)
{
    const struct ext2_super *s = (const struct ext2_super *)(image + EXT2_SUPER_OFFSET);

    if (bytes < EXT2_SUPER_OFFSET + sizeof(*s) || s->magic != EXT2_MAGIC || s->block_shift > 6)
        return 0;
    uint64_t size = (uint64_t)s->blocks << (10 + s->block_shift);
    return size <= bytes ? (uint32_t)size : 0;
}

static void describe(struct mount *mount, struct volume *volume, bool read_only)
{
    volume->mount = mount;
    mount->private = volume;
    mount->type = volume->fs.has_journal ? "ext3" : "ext2";
    mount->read_only = read_only;
    mount->sync = sync_mount;
    mount->settle = settle_mount;
    mount->stop = stop_mount;
    mount->unmount = unmount;
    mount->remount = remount;
    mount->set_barriers = set_barriers;
    mount->usage = usage;
    format(mount->source, sizeof(mount->source), "/dev/%s", volume->fs.cache.device->name);
}

int ext2_mount_at(struct block_device *device, struct inode *at, bool read_only)
{
    if (block_taken(device))
        return -EBUSY;
    struct volume *volume = heap_allocate(sizeof(*volume));
    struct mount *mount = volume ? heap_allocate(sizeof(*mount)) : NULL;
    if (mount)
        volume_set_clock(volume);
    int error = mount ? ext2_mount(&volume->fs, device, read_only, volume->fs.now) : -ENOMEM;
    if (error) {
        ext2_explain_refusal(device);
        heap_free(mount);
        heap_free(volume);
        return error;
    }
    block_take(device);
    volume->next = volumes;
    volumes = volume;
    describe(mount, volume, read_only);
    mount->root = cached_get(volume, EXT2_ROOT, NULL);
    if (IS_ERR(mount->root) || !is_directory(mount->root))
        error = IS_ERR(mount->root) ? PTR_ERR(mount->root) : -EINVAL;
    else
        error = mount_add(mount, at);
    if (error) {
        ext2_stop(&volume->fs);
        if (!IS_ERR(mount->root))
            cached_forget(volume, mount->root);
        free_volume(volume);
        heap_free(mount);
        return error;
    }
    pages_set_reclaim(reclaim);
    return 0;
}
