/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vfs.c - what the kernel asks of ext2's files and directories
 *
 * Nothing is changed on a volume that is read-only. What changes more than one block (an entry and
 * the links of its inode) is one operation for the journal.
 */
#include "guestos/fs/ext2/vfs.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/time/time.h"

#define LINK_LIMIT 32000u
#define READ_AHEAD 31u /* pages: Linux 2.4's max-readahead */

static struct ext2 *fs_of(const struct inode *inode)
{
    return &volume_of(inode)->fs;
}

static int sync_inode(struct inode *inode)
{
    return volume_sync(volume_of(inode));
}

/* ---- files ----------------------------------------------------------------------------------- */

static int read_page(struct inode *inode, uint32_t index, void *page)
{
    return ext2_page_read_later(fs_of(inode), inode->number, index, page);
}

static int write_page(struct inode *inode, uint32_t index, const void *page)
{
    struct ext2 *fs = fs_of(inode);

    return fs->read_only ? -EROFS : ext2_page_write_later(fs, inode->number, index, page);
}

static int settle(const struct inode *inode)
{
    return block_settle(fs_of(inode)->cache.device);
}

/* Only where reading has to be waited for. */
static uint32_t read_ahead(const struct inode *inode)
{
    return fs_of(inode)->cache.device->later ? READ_AHEAD : 1;
}

static int reserve(struct inode *inode, uint32_t index, uint32_t first, uint32_t end)
{
    struct ext2 *fs = fs_of(inode);

    if (fs->read_only)
        return -EROFS;
    operation_begin();
    int error = ext2_page_reserve(fs, inode->number, index, first, end);
    operation_end();
    return error;
}

static int resize(struct inode *inode, uint32_t size)
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

static uint32_t blocks(struct inode *inode)
{
    struct ext2_info info;

    return ext2_info_get(fs_of(inode), inode->number, &info) ? 0 : info.sectors;
}

/* ---- names ----------------------------------------------------------------------------------- */

static struct inode *lookup(struct inode *directory, const char *name, size_t length)
{
    struct volume *volume = volume_of(directory);
    uint32_t number;
    int error = ext2_lookup(&volume->fs, directory->number, name, (uint32_t)length, &number);

    if (error)
        return error == -ENOENT ? NULL : ERR_PTR(error);
    return cached_get(volume, number, directory);
}

/*
 * Cookies are the offset of the next entry; up to 2 they are "." and "..", which begin every
 * directory.
 */
static int next(struct inode *directory, uint32_t *cookie, struct directory_item *item)
{
    struct ext2_item found;
    uint32_t offset = *cookie <= 2 ? 0 : *cookie;
    int result = ext2_next(fs_of(directory), directory->number, &offset, &found);

    if (result <= 0)
        return result;
    *cookie = offset;
    item->number = found.inode;
    item->type = found.type;
    copy_string(item->name, found.name, sizeof(item->name));
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
    bool created = is_directory(inode) && !inode->links;
    int error = created ? ext2_set_parent(fs, inode->number, directory->number) : 0;

    if (!error)
        error =
            ext2_enter(fs, directory->number, name, (uint32_t)length, inode->number, inode->mode);
    if (error || created || !is_directory(inode))
        return error;
    error = ext2_set_parent(fs, inode->number, directory->number);
    if (error)
        ext2_remove(fs, directory->number, name, (uint32_t)length);
    return error;
}

static int link(struct inode *directory, const char *name, size_t length, struct inode *inode)
{
    struct volume *volume = volume_of(directory);
    uint32_t number;

    if (volume->fs.read_only)
        return -EROFS;
    int error = ext2_lookup(&volume->fs, directory->number, name, (uint32_t)length, &number);
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
        cached_store(inode);
        cached_store(directory);
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
    int error = ext2_remove(&volume->fs, directory->number, name, (uint32_t)length);
    if (!error) {
        inode->links--;
        if (is_directory(inode)) {
            inode->links -= inode->links != 0;
            directory->links -= directory->links != 0;
        }
        changed(directory);
        cached_store(inode);
        cached_store(directory);
    }
    operation_end();
    return error;
}

static struct inode *create(struct inode *directory, uint32_t mode)
{
    struct volume *volume = volume_of(directory);
    uint32_t number;

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
    cached_enter(volume, inode, number);
    return inode;
}

const struct inode_ops ext2_inode_ops = {
    .lookup = lookup,
    .next = next,
    .link = link,
    .unlink = unlink,
    .create = create,
    .read_page = read_page,
    .write_page = write_page,
    .settle = settle,
    .read_ahead = read_ahead,
    .reserve = reserve,
    .resize = resize,
    .frames = &file_pages.device,
    .set_target = set_target,
    .sync = sync_inode,
    .blocks = blocks,
    .release = cached_release,
};
