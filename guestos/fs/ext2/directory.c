/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * directory.c - names
 *
 * A directory is a file of whole blocks; in each, entries follow each other to its end, and none
 * crosses it. A free entry has inode 0; an entry may be longer than its name needs, which is where
 * a new one fits. Directories with an index keep it inside such gaps: reading in a row is right for
 * them too, and the first change takes the flag away, which makes them plain.
 */
#include "guestos/fs/ext2/ext2.h"
#include "guestos/fs/inode.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"

#define HEADER          8u
#define DIRECTORY_LIMIT (64u << 20) /* bytes: bounds a search in a hostile image */

static uint32_t needed(uint32_t length)
{
    return (HEADER + length + 3) & ~3u;
}

/* The entry at an offset of a block; NULL: nonsense. */
static struct ext2_name *entry_at(const struct ext2 *fs, uint8_t *block, uint32_t offset)
{
    struct ext2_name *e = (struct ext2_name *)(block + offset);

    if (offset % 4 || fs->block_size - offset < HEADER + 4 || e->bytes < HEADER + 4 ||
        e->bytes % 4 || e->bytes > fs->block_size - offset || HEADER + e->length > e->bytes)
        return NULL;
    return e;
}

static bool is_name(const struct ext2_name *e, const char *name, uint32_t length)
{
    return e->inode && e->length == length && !memcmp(e->name, name, length);
}

static bool is_dots(const struct ext2_name *e)
{
    return e->length && e->length <= 2 && !memcmp(e->name, "..", e->length);
}

static int directory_size(struct ext2 *fs, uint32_t directory, uint32_t *size)
{
    struct buffer *buffer;
    struct ext2_record *record;
    int error = ext2_record_get(fs, directory, &buffer, &record);

    if (error)
        return error;
    *size = record->size;
    if ((record->mode & MODE_TYPE) != MODE_DIRECTORY)
        error = -ENOTDIR;
    else if (*size % fs->block_size || *size > DIRECTORY_LIMIT)
        error = -EIO;
    buffer_put(buffer);
    return error;
}

/* A block of a directory, held. */
static int block_get(struct ext2 *fs, uint32_t directory, uint32_t index, struct buffer **buffer)
{
    uint32_t block;
    int error = ext2_map(fs, directory, index, false, &block, NULL);

    if (error)
        return error;
    return block ? buffer_get(&fs->cache, block, false, buffer) : -EIO;
}

/* Notes that a directory has changed, and its new size unless that is 0. */
static int touch(struct ext2 *fs, uint32_t directory, uint32_t size)
{
    struct buffer *buffer;
    struct ext2_record *record;
    int error = ext2_record_get(fs, directory, &buffer, &record);

    if (error)
        return error;
    record->flags &= ~EXT2_INDEXED;
    record->modified = record->changed = fs->now;
    record->size = size ? size : record->size;
    buffer_set_dirty(&fs->cache, buffer, RANK_RECORD);
    buffer_put(buffer);
    return 0;
}

/* Finds a name: its block, held, its entry, and the one before it in the block (NULL: none). */
static int find(struct ext2 *fs, uint32_t directory, const char *name, uint32_t length,
                struct buffer **buffer, struct ext2_name **entry, struct ext2_name **before)
{
    uint32_t size;
    int error = directory_size(fs, directory, &size);

    for (uint32_t index = 0; !error && index < size / fs->block_size; index++) {
        error = block_get(fs, directory, index, buffer);
        if (error)
            return error;
        *before = NULL;
        for (uint32_t offset = 0; offset < fs->block_size;) {
            *entry = entry_at(fs, (*buffer)->data, offset);
            if (!*entry) {
                buffer_put(*buffer);
                return -EIO;
            }
            if (is_name(*entry, name, length))
                return 0;
            *before = *entry;
            offset += (*entry)->bytes;
        }
        buffer_put(*buffer);
    }
    return error ? error : -ENOENT;
}

int ext2_lookup(struct ext2 *fs, uint32_t directory, const char *name, uint32_t length,
                uint32_t *inode)
{
    struct buffer *buffer;
    struct ext2_name *entry, *before;
    int error = find(fs, directory, name, length, &buffer, &entry, &before);

    if (error)
        return error;
    *inode = entry->inode;
    buffer_put(buffer);
    return 0;
}

static const uint8_t types[8] = {0, 8, 4, 2, 6, 1, 12, 10}; /* mode >> 12 of each ext2 type */

/*
 * Entries are walked from the block's start, as the offset may lie inside one that has been joined.
 */
int ext2_next(struct ext2 *fs, uint32_t directory, uint32_t *offset, struct ext2_item *item)
{
    uint32_t size;
    int error = directory_size(fs, directory, &size);

    for (uint32_t index = *offset / fs->block_size; !error && index < size / fs->block_size;
         index++) {
        struct buffer *buffer;

        error = block_get(fs, directory, index, &buffer);
        if (error)
            return error;
        uint32_t base = index * fs->block_size;
        for (uint32_t at = 0; at < fs->block_size;) {
            const struct ext2_name *e = entry_at(fs, buffer->data, at);

            if (!e) {
                buffer_put(buffer);
                return -EIO;
            }
            if (base + at >= *offset && e->inode && e->length && !is_dots(e)) {
                item->inode = e->inode;
                item->type = fs->has_types && e->type < 8 ? types[e->type] : 0;
                memcpy(item->name, e->name, e->length);
                item->name[e->length] = '\0';
                *offset = base + at + e->bytes;
                buffer_put(buffer);
                return 1;
            }
            at += e->bytes;
        }
        buffer_put(buffer);
    }
    return error;
}

static void write_entry(const struct ext2 *fs, struct ext2_name *e, const char *name,
                        uint32_t length, uint32_t inode, uint32_t mode)
{
    e->inode = inode;
    e->length = (uint8_t)length;
    e->type = 0;
    for (uint8_t i = 1; fs->has_types && i < ARRAY_LENGTH(types); i++)
        if (types[i] == (mode & MODE_TYPE) >> 12)
            e->type = i;
    memcpy(e->name, name, length);
}

/* Puts a name into a gap of a block. 1: done, 0: there is none, -EIO. */
static int enter_in_block(const struct ext2 *fs, uint8_t *block, const char *name, uint32_t length,
                          uint32_t inode, uint32_t mode)
{
    for (uint32_t offset = 0; offset < fs->block_size;) {
        struct ext2_name *e = entry_at(fs, block, offset);

        if (!e)
            return -EIO;
        uint32_t used = e->inode ? needed(e->length) : 0;
        offset += e->bytes;
        if (used > e->bytes || e->bytes - used < needed(length))
            continue;
        if (used) {
            struct ext2_name *rest = (struct ext2_name *)((uint8_t *)e + used);

            rest->bytes = (uint16_t)(e->bytes - used);
            e->bytes = (uint16_t)used;
            e = rest;
        }
        write_entry(fs, e, name, length, inode, mode);
        return 1;
    }
    return 0;
}

int ext2_enter(struct ext2 *fs, uint32_t directory, const char *name, uint32_t length,
               uint32_t inode, uint32_t mode)
{
    uint32_t size, block;
    struct buffer *buffer;
    int error = directory_size(fs, directory, &size);

    for (uint32_t index = 0; !error && index < size / fs->block_size; index++) {
        error = block_get(fs, directory, index, &buffer);
        if (error)
            return error;
        int done = enter_in_block(fs, buffer->data, name, length, inode, mode);
        if (done > 0)
            buffer_set_dirty(&fs->cache, buffer, RANK_DIRECTORY);
        buffer_put(buffer);
        if (done)
            return done < 0 ? done : touch(fs, directory, 0);
    }
    if (error || size + fs->block_size > DIRECTORY_LIMIT)
        return error ? error : -ENOSPC;
    error = ext2_map(fs, directory, size / fs->block_size, true, &block, NULL);
    if (!error)
        error = buffer_get(&fs->cache, block, true, &buffer);
    if (error)
        return error;
    struct ext2_name *e = (struct ext2_name *)buffer->data;
    e->bytes = (uint16_t)fs->block_size;
    write_entry(fs, e, name, length, inode, mode);
    buffer_set_dirty(&fs->cache, buffer, RANK_DIRECTORY);
    buffer_put(buffer);
    return touch(fs, directory, size + fs->block_size);
}

int ext2_remove(struct ext2 *fs, uint32_t directory, const char *name, uint32_t length)
{
    struct buffer *buffer;
    struct ext2_name *entry, *before;
    int error = find(fs, directory, name, length, &buffer, &entry, &before);

    if (error)
        return error;
    if (before)
        before->bytes = (uint16_t)(before->bytes + entry->bytes);
    entry->inode = 0;
    buffer_set_dirty(&fs->cache, buffer, RANK_DIRECTORY);
    buffer_put(buffer);
    return touch(fs, directory, 0);
}

int ext2_set_parent(struct ext2 *fs, uint32_t directory, uint32_t parent)
{
    uint32_t size;
    struct buffer *buffer;
    struct ext2_name *entry, *before;
    int error = directory_size(fs, directory, &size);

    if (error)
        return error;
    if (!size) {
        error = ext2_enter(fs, directory, ".", 1, directory, MODE_DIRECTORY);
        return error ? error : ext2_enter(fs, directory, "..", 2, parent, MODE_DIRECTORY);
    }
    error = find(fs, directory, "..", 2, &buffer, &entry, &before);
    if (error)
        return error;
    entry->inode = parent;
    buffer_set_dirty(&fs->cache, buffer, RANK_DIRECTORY);
    buffer_put(buffer);
    return touch(fs, directory, 0);
}
