/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfs.c - ext2 as a file system of the kernel
 *
 * An inode in memory stands for one on the device, never two for the same; it stays for a while after its
 * last holder, with its pages, as what is used once is used again. A directory holds its parent. What
 * changes in an inode (mode, links, size ...) is stored on the way to a sync or when the inode goes.
 */
#include "guestos/fs/ext2/ext2.h"
#include "guestos/fs/filesystem.h"
#include "guestos/fs/ramdisk.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/kernel/time.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"

#define HASH         64u
#define UNUSED_LIMIT 64u /* inodes that nobody holds, before they are given up */
#define LINK_LIMIT   32000u

struct volume {
    struct ext2 fs;
    struct mount *mount;
    struct volume *next;
    struct inode *hash[HASH];
    u32 inodes, unused; /* in memory; of those, that nobody holds */
};

static struct volume *volumes;
static const struct fs_ops ext2_fs;

static struct volume *volume_of(const struct inode *inode)
{
    struct volume *volume = inode->mount->private;
    volume->fs.now = (u32)divide(time_wall(), NANOSECONDS, NULL);
    return volume;
}

static struct ext2 *fs_of(const struct inode *inode)
{
    return &volume_of(inode)->fs;
}

/* ---- inodes in memory --------------------------------------------------------------------------- */

static int store(struct inode *inode)
{
    struct ext2_info info = {.mode = inode->mode,
                             .uid = inode->uid,
                             .gid = inode->gid,
                             .size = inode->size,
                             .links = inode->links,
                             .modified = (u32)divide(inode->modified, NANOSECONDS, NULL),
                             .device = inode->device};
    struct ext2 *fs = fs_of(inode);
    return fs->read_only ? 0 : ext2_info_set(fs, inode->number, &info);
}

static void enter_hash(struct volume *volume, struct inode *inode, u32 number)
{
    inode->number = number;
    inode->fs = &ext2_fs;
    inode->mount = volume->mount;
    inode->next_cached = volume->hash[number % HASH];
    volume->hash[number % HASH] = inode;
    volume->inodes++;
}

/* The last of an inode in memory. */
static void forget(struct volume *volume, struct inode *inode)
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

/* The directory that an inode is found in becomes its parent, if it has none yet. */
static struct inode *get(struct volume *volume, u32 number, struct inode *directory)
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
    struct ext2_info info;
    int error = ext2_info_get(&volume->fs, number, &info);
    if (error)
        return ERR_PTR(error);
    inode = inode_create(info.mode);
    if (!inode)
        return ERR_PTR(-ENOMEM);
    inode->uid = info.uid;
    inode->gid = info.gid;
    inode->size = info.size;
    inode->links = info.links;
    inode->device = info.device;
    inode->modified = (u64)info.modified * NANOSECONDS;
    if ((info.mode & MODE_TYPE) == MODE_LINK) {
        char *target = heap_allocate(PAGE_SIZE);
        error = target ? ext2_target_get(&volume->fs, number, target) : -ENOMEM;
        inode->target = error ? NULL : heap_allocate(strlen(target) + 1);
        if (inode->target)
            memcpy(inode->target, target, strlen(target) + 1);
        else
            error = error ? error : -ENOMEM;
        heap_free(target);
    }
    if (error) {
        inode_free(inode);
        return ERR_PTR(error);
    }
    enter_hash(volume, inode, number);
    if (is_directory(inode)) {
        inode->parent = directory ? directory : inode;
        if (directory)
            inode_hold(directory);
    }
    return inode;
}

/* Gives up inodes that nobody holds, until none is left that can go. */
static void give_up_unused(struct volume *volume)
{
    for (bool again = true; again;) {
        again = false;
        for (u32 i = 0; i < HASH; i++)
            for (struct inode *inode = volume->hash[i], *next; inode; inode = next) {
                next = inode->next_cached;
                if (inode->references || inode_write_back(inode) || store(inode))
                    continue;
                volume->unused--;
                forget(volume, inode);
                again = true;
                break; /* its parent may have gone with it: begin this row again */
            }
    }
}

static void release(struct inode *inode)
{
    struct volume *volume = volume_of(inode);
    if (inode->links || volume->fs.read_only) {
        if (++volume->unused > UNUSED_LIMIT)
            give_up_unused(volume);
        return;
    }
    operation_begin();
    int error = ext2_inode_free(&volume->fs, inode->number);
    operation_end();
    if (error)
        kprintf("%s: inode %u cannot be freed cleanly: error %d\n", volume->mount->source,
                inode->number, -error);
    forget(volume, inode);
}

/* ---- writing back ------------------------------------------------------------------------------- */

/* Contents first, then what leads to them (journal.h). Files without a name become a list. */
static int sync_volume(struct volume *volume)
{
    int result = 0;
    u32 orphans = 0;
    volume->fs.now = (u32)divide(time_wall(), NANOSECONDS, NULL);
    if (volume->fs.read_only)
        return 0;
    for (u32 i = 0; i < HASH; i++)
        for (struct inode *inode = volume->hash[i]; inode; inode = inode->next_cached) {
            int error = inode_write_back(inode);
            error = error ? error : store(inode);
            if (!error && !inode->links)
                error = ext2_orphan_add(&volume->fs, inode->number, &orphans);
            result = result ? result : error;
        }
    if (result)
        return result; /* a commit would make files of what was not written */
    ext2_orphans_set(&volume->fs, orphans);
    return ext2_sync(&volume->fs);
}

static int sync_mount(struct mount *mount)
{
    return sync_volume(mount->private);
}

static int sync_inode(struct inode *inode)
{
    return sync_volume(volume_of(inode));
}

/* Files without a name end with the machine. */
static int stop_mount(struct mount *mount)
{
    struct volume *volume = mount->private;
    int error = sync_volume(volume);
    if (!error && !volume->fs.read_only)
        error = ext2_orphans_free(&volume->fs);
    return error ? error : ext2_stop(&volume->fs);
}

static void settle_mount(struct mount *mount)
{
    struct volume *volume = mount->private;
    if (!volume->fs.read_only && ext2_wants_sync(&volume->fs, volume->inodes))
        sync_volume(volume);
}

/* ---- files -------------------------------------------------------------------------------------- */

static int read_page(struct inode *inode, u32 index, void *page)
{
    return ext2_page_read(fs_of(inode), inode->number, index, inode->size, page);
}

static int write_page(struct inode *inode, u32 index, const void *page)
{
    struct ext2 *fs = fs_of(inode);
    return fs->read_only ? -EROFS : ext2_page_write(fs, inode->number, index, page);
}

static int reserve(struct inode *inode, u32 index, u32 first, u32 end)
{
    struct ext2 *fs = fs_of(inode);
    if (fs->read_only)
        return -EROFS;
    operation_begin();
    int error = ext2_page_reserve(fs, inode->number, index, first, end);
    operation_end();
    return error;
}

static int resize(struct inode *inode, u32 size)
{
    struct ext2 *fs = fs_of(inode);
    if (fs->read_only)
        return -EROFS;
    operation_begin();
    int error = ext2_resize(fs, inode->number, size);
    operation_end();
    return error;
}

static int set_target(struct inode *inode, const char *target)
{
    return ext2_target_set(fs_of(inode), inode->number, target);
}

static u32 blocks(struct inode *inode)
{
    struct ext2_info info;
    return ext2_info_get(fs_of(inode), inode->number, &info) ? 0 : info.sectors;
}

/* ---- names -------------------------------------------------------------------------------------- */

static struct inode *lookup(struct inode *directory, const char *name, size_t length)
{
    struct volume *volume = volume_of(directory);
    u32 number;
    int error = ext2_lookup(&volume->fs, directory->number, name, (u32)length, &number);
    if (error)
        return error == -ENOENT ? NULL : ERR_PTR(error);
    return get(volume, number, directory);
}

/* Cookies are the offset of the next entry; up to 2 they are "." and "..", which begin every directory. */
static int next(struct inode *directory, u32 *cookie, struct directory_item *item)
{
    struct ext2_item found;
    u32 offset = *cookie <= 2 ? 0 : *cookie;
    int result = ext2_next(fs_of(directory), directory->number, &offset, &found);
    if (result <= 0)
        return result;
    *cookie = offset;
    item->number = found.inode;
    item->type = found.type;
    copy_string(item->name, found.name, sizeof item->name);
    return 1;
}

static void changed(struct inode *directory)
{
    struct ext2_info info;
    directory->modified = time_wall();
    if (!ext2_info_get(fs_of(directory), directory->number, &info))
        directory->size = info.size;
}

/* A new directory gets its "." and ".." first, which takes a block; one that moves changes its ".."
 * last, which takes none. So what fails has changed nothing that anybody can reach. */
static int enter(struct volume *volume, struct inode *directory, const char *name, size_t length,
                 const struct inode *inode)
{
    struct ext2 *fs = &volume->fs;
    bool new = is_directory(inode) && !inode->links;
    int error = new ? ext2_set_parent(fs, inode->number, directory->number) : 0;
    if (!error)
        error = ext2_enter(fs, directory->number, name, (u32)length, inode->number, inode->mode);
    if (error || new || !is_directory(inode))
        return error;
    error = ext2_set_parent(fs, inode->number, directory->number);
    if (error)
        ext2_remove(fs, directory->number, name, (u32)length);
    return error;
}

static int link(struct inode *directory, const char *name, size_t length, struct inode *inode)
{
    struct volume *volume = volume_of(directory);
    u32 number;
    if (volume->fs.read_only)
        return -EROFS;
    int error = ext2_lookup(&volume->fs, directory->number, name, (u32)length, &number);
    if (error != -ENOENT)
        return error ? error : -EEXIST;
    if (inode->links >= LINK_LIMIT || directory->links >= LINK_LIMIT)
        return -EMLINK;
    operation_begin();
    error = enter(volume, directory, name, length, inode);
    if (!error) {
        inode->links++;
        if (is_directory(inode)) {
            struct inode *old = inode->parent;
            inode->links++;
            directory->links++;
            inode_hold(inode->parent = directory);
            if (old)
                inode_release(old);
            changed(inode);
        }
        changed(directory);
        store(inode);
        store(directory);
    }
    operation_end();
    return error;
}

static int unlink(struct inode *directory, const char *name, size_t length, struct inode *inode)
{
    struct volume *volume = volume_of(directory);
    if (volume->fs.read_only)
        return -EROFS;
    operation_begin();
    int error = ext2_remove(&volume->fs, directory->number, name, (u32)length);
    if (!error) {
        inode->links--;
        if (is_directory(inode)) {
            inode->links -= inode->links != 0;
            directory->links -= directory->links != 0;
        }
        changed(directory);
        store(inode);
        store(directory);
    }
    operation_end();
    return error;
}

static struct inode *create(struct inode *directory, u32 mode)
{
    struct volume *volume = volume_of(directory);
    u32 number;
    if (volume->fs.read_only)
        return ERR_PTR(-EROFS);
    struct inode *inode = inode_create(mode);
    if (!inode)
        return ERR_PTR(-ENOMEM);
    operation_begin();
    int error = ext2_inode_new(&volume->fs, directory->number, mode, &number);
    operation_end();
    if (error) {
        inode_free(inode);
        return ERR_PTR(error);
    }
    enter_hash(volume, inode, number);
    return inode;
}

static const struct fs_ops ext2_fs = {
    .lookup = lookup,
    .next = next,
    .link = link,
    .unlink = unlink,
    .create = create,
    .read_page = read_page,
    .write_page = write_page,
    .reserve = reserve,
    .resize = resize,
    .set_target = set_target,
    .sync = sync_inode,
    .blocks = blocks,
    .release = release,
};

/* ---- mounting ------------------------------------------------------------------------------------- */

/* Memory is short: pages that are on the device can be read again. */
static bool reclaim(void)
{
    u32 dropped = 0;
    for (struct volume *volume = volumes; volume; volume = volume->next)
        for (u32 i = 0; i < HASH; i++)
            for (struct inode *inode = volume->hash[i]; inode; inode = inode->next_cached)
                dropped += inode_drop_clean(inode);
    return dropped;
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
    volume->fs.cache.device->busy = false;
    ext2_drop(&volume->fs);
    heap_free(volume);
}

static int unmount(struct mount *mount)
{
    struct volume *volume = mount->private;
    give_up_unused(volume);
    for (u32 i = 0; i < HASH; i++)
        for (const struct inode *inode = volume->hash[i]; inode; inode = inode->next_cached)
            if (inode != mount->root || inode->references != 1)
                return -EBUSY;
    int error = stop_mount(mount);
    if (error)
        return error;
    mount->root->references = 0;
    forget(volume, mount->root);
    free_volume(volume);
    return 0;
}

u32 ext2_volume_bytes(const u8 *image, u32 bytes)
{
    const struct ext2_super *s = (const struct ext2_super *)(image + EXT2_SUPER_OFFSET);
    if (bytes < EXT2_SUPER_OFFSET + sizeof *s || s->magic != EXT2_MAGIC || s->block_shift > 6)
        return 0;
    u64 size = (u64)s->blocks << (10 + s->block_shift);
    return size <= bytes ? (u32)size : 0;
}

int ext2_mount_at(struct block_device *device, struct inode *at, bool read_only)
{
    if (device->busy)
        return -EBUSY;
    struct volume *volume = heap_allocate(sizeof *volume);
    struct mount *mount = volume ? heap_allocate(sizeof *mount) : NULL;
    u32 now = (u32)divide(time_wall(), NANOSECONDS, NULL);
    int error = mount ? ext2_mount(&volume->fs, device, read_only, now) : -ENOMEM;
    if (error) {
        ext2_explain_refusal(device);
        heap_free(mount);
        heap_free(volume);
        return error;
    }
    device->busy = true;
    volume->next = volumes;
    volumes = volume;
    volume->mount = mount;
    mount->private = volume;
    mount->type = volume->fs.has_journal ? "ext3" : "ext2";
    mount->read_only = read_only;
    mount->sync = sync_mount;
    mount->settle = settle_mount;
    mount->stop = stop_mount;
    mount->unmount = unmount;
    mount->usage = usage;
    format(mount->source, sizeof mount->source, "/dev/%s", device->name);
    mount->root = get(volume, EXT2_ROOT, NULL);
    if (IS_ERR(mount->root) || !is_directory(mount->root))
        error = IS_ERR(mount->root) ? PTR_ERR(mount->root) : -EINVAL;
    else
        error = mount_add(mount, at);
    if (error) {
        ext2_stop(&volume->fs);
        if (!IS_ERR(mount->root))
            forget(volume, mount->root);
        free_volume(volume);
        heap_free(mount);
        return error;
    }
    pages_set_reclaim(reclaim);
    return 0;
}
