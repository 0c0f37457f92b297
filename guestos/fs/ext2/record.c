/* SPDX-License-Identifier: GPL-2.0-only */
/* record.c - inodes on the device; see ext2.h */
#include "guestos/fs/ext2/ext2.h"
#include "guestos/fs/inode.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"

int ext2_record_get(struct ext2 *fs, uint32_t inode, struct buffer **buffer,
                    struct ext2_record **record)
{
    if (!inode || inode > fs->super->inodes ||
        (inode < fs->first_inode && inode != EXT2_ROOT && inode != EXT2_JOURNAL))
        return -EIO;
    uint32_t index = (inode - 1) % fs->super->inodes_per_group,
             per_block = fs->block_size / fs->inode_size;
    uint32_t table = ext2_group(fs, (inode - 1) / fs->super->inodes_per_group)->inode_table;
    int error = buffer_get(&fs->cache, table + index / per_block, false, buffer);
    if (!error)
        *record = (struct ext2_record *)((*buffer)->data + index % per_block * fs->inode_size);
    return error;
}

/* Devices: the old 8:8 form in the first pointer, or the new one in the second. */
static uint32_t device_of(const struct ext2_record *r)
{
    uint32_t written = r->block[1];

    return r->block[0] ? r->block[0] & 0xffff : (written >> 8 & 0xff) << 8 | (written & 0xff);
}

int ext2_info_get(struct ext2 *fs, uint32_t inode, struct ext2_info *info)
{
    struct buffer *buffer;
    struct ext2_record *r;
    int error = ext2_record_get(fs, inode, &buffer, &r);

    if (error)
        return error;
    uint32_t type = r->mode & MODE_TYPE;
    *info = (struct ext2_info){.mode = r->mode,
                               .uid = r->uid | (uint32_t)r->uid_high << 16,
                               .gid = r->gid | (uint32_t)r->gid_high << 16,
                               .size = r->size,
                               .links = r->links,
                               .modified = r->modified,
                               .sectors = r->sectors};
    if (type == MODE_CHARACTER || type == MODE_BLOCK)
        info->device = device_of(r);
    if (!r->links ||
        (type != MODE_REGULAR && type != MODE_DIRECTORY && type != MODE_LINK &&
         type != MODE_CHARACTER && type != MODE_BLOCK && type != MODE_FIFO && type != MODE_SOCKET))
        error = -EIO;
    else if (type == MODE_REGULAR && (r->size_high || r->size > FILE_LIMIT))
        error = -EFBIG;
    else if (type == MODE_DIRECTORY && (!r->size || r->size % fs->block_size))
        error = -EIO;
    buffer_put(buffer);
    return error;
}

int ext2_info_set(struct ext2 *fs, uint32_t inode, const struct ext2_info *info)
{
    struct buffer *buffer;
    struct ext2_record *r;
    int error = ext2_record_get(fs, inode, &buffer, &r);

    if (error)
        return error;
    struct ext2_record written = *r;
    uint32_t type = info->mode & MODE_TYPE;
    written.mode = (uint16_t)info->mode;
    written.uid = (uint16_t)info->uid;
    written.uid_high = (uint16_t)(info->uid >> 16);
    written.gid = (uint16_t)info->gid;
    written.gid_high = (uint16_t)(info->gid >> 16);
    written.links = (uint16_t)info->links;
    written.modified = info->modified;
    written.deleted = info->links ? 0 : r->deleted; /* in the list of orphans, or soon */
    if (type == MODE_REGULAR)
        written.size = info->size;
    if (type == MODE_CHARACTER || type == MODE_BLOCK)
        written.block[0] = info->device;
    if (memcmp(&written, r, sizeof(written))) {
        written.changed = fs->now;
        *r = written;
        buffer_set_dirty(&fs->cache, buffer, RANK_RECORD);
    }
    buffer_put(buffer);
    return 0;
}

static void count_directory(struct ext2 *fs, uint32_t inode, int by)
{
    uint32_t group = (inode - 1) / fs->super->inodes_per_group;
    struct ext2_group *g = ext2_group(fs, group);

    if (by > 0 || g->directories)
        g->directories = (uint16_t)(g->directories + by);
}

int ext2_inode_new(struct ext2 *fs, uint32_t parent, uint32_t mode, uint32_t *inode)
{
    struct buffer *buffer;
    struct ext2_record *r;
    int error = ext2_take(fs, EXT2_INODES, parent, inode);

    if (error)
        return error;
    error = ext2_record_get(fs, *inode, &buffer, &r);
    if (error) {
        ext2_give_back(fs, EXT2_INODES, *inode);
        return error;
    }
    uint32_t generation = r->generation + 1;
    memset(r, 0, fs->inode_size);
    r->mode = (uint16_t)mode;
    r->generation = generation;
    r->accessed = r->changed = r->modified = fs->now;
    if ((mode & MODE_TYPE) == MODE_DIRECTORY)
        count_directory(fs, *inode, 1);
    buffer_set_dirty(&fs->cache, buffer, RANK_RECORD);
    buffer_put(buffer);
    return 0;
}

/* Extended attributes are in a block of their own, which files with equal ones share. */
static int drop_attributes(struct ext2 *fs, uint32_t block)
{
    struct buffer *buffer;

    if (!ext2_block_ok(fs, block))
        return -EIO;
    int error = buffer_get(&fs->cache, block, false, &buffer);
    if (error)
        return error;
    uint32_t *header = (uint32_t *)buffer->data; /* magic, holders */
    bool last = header[0] == 0xea020000u && header[1] <= 1;
    if (!last && header[0] == 0xea020000u) {
        header[1]--;
        buffer_set_dirty(&fs->cache, buffer, RANK_INDIRECT);
    }
    buffer_put(buffer);
    if (!last)
        return 0;
    buffer_forget(&fs->cache, block);
    return ext2_give_back(fs, EXT2_BLOCKS, block);
}

int ext2_inode_free(struct ext2 *fs, uint32_t inode)
{
    struct buffer *buffer;
    struct ext2_record *r;
    int error = ext2_record_get(fs, inode, &buffer, &r);

    if (error)
        return error;
    uint32_t type = r->mode & MODE_TYPE;
    bool fast = type == MODE_LINK && r->size < EXT2_FAST_TARGET;
    if (type == MODE_REGULAR || type == MODE_DIRECTORY || (type == MODE_LINK && !fast))
        error = ext2_resize(fs, inode, 0);
    if (r->attributes) {
        int other = drop_attributes(fs, r->attributes);

        error = error ? error : other;
        r->attributes = 0;
    }
    r->links = 0;
    r->sectors = 0;
    r->deleted = fs->now;
    if (type == MODE_DIRECTORY)
        count_directory(fs, inode, -1);
    buffer_set_dirty(&fs->cache, buffer, RANK_RECORD);
    buffer_put(buffer);
    int other = ext2_give_back(fs, EXT2_INODES, inode);
    return error ? error : other;
}

/* ---- inodes without a name ------------------------------------------------------------------- */

int ext2_orphan_add(struct ext2 *fs, uint32_t inode, uint32_t *last)
{
    struct buffer *buffer;
    struct ext2_record *r;
    int error = ext2_record_get(fs, inode, &buffer, &r);

    if (error)
        return error;
    if (r->deleted != *last) {
        r->deleted = *last;
        buffer_set_dirty(&fs->cache, buffer, RANK_RECORD);
    }
    *last = inode;
    buffer_put(buffer);
    return 0;
}

void ext2_orphans_set(struct ext2 *fs, uint32_t last)
{
    if (fs->super->last_orphan == last)
        return;
    fs->super->last_orphan = last;
    buffer_set_dirty(&fs->cache, fs->super_buffer, RANK_BITMAP);
}

/* An orphan with a name was to become shorter, down to its size. */
static int free_orphan(struct ext2 *fs, uint32_t inode, uint32_t *next)
{
    struct buffer *buffer;
    struct ext2_record *r;
    int error = inode >= fs->first_inode ? ext2_record_get(fs, inode, &buffer, &r) : -EIO;

    if (error)
        return error;
    *next = r->deleted;
    if (r->links) {
        error = ext2_resize(fs, inode, r->size);
        r->deleted = 0;
        buffer_set_dirty(&fs->cache, buffer, RANK_RECORD);
    } else {
        error = r->mode ? ext2_inode_free(fs, inode) : -EIO;
    }
    buffer_put(buffer);
    return error;
}

/*
 * One at a time: a transaction each. A list in a circle meets an inode that is free; what remains
 * of a list that is broken is left to e2fsck.
 */
int ext2_orphans_free(struct ext2 *fs)
{
    int error = 0;

    while (!error && fs->super->last_orphan) {
        uint32_t next = 0;
        bool good = !free_orphan(fs, fs->super->last_orphan, &next);

        if (!good)
            fs->super->state &= (uint16_t)~EXT2_CLEAN;
        ext2_orphans_set(fs, good ? next : 0);
        error = ext2_sync(fs);
    }
    return error;
}
