/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * map.c - from a place in a file to a block
 *
 *   0 ... 11    pointers in the inode
 *   then        one indirect block, one double and one triple indirect tree below pointers 12 to 14
 *
 * A zero pointer is a hole. Every pointer is checked where it is followed, and a tree is at most
 * three deep, so pointers in circles end.
 */
#include "guestos/fs/ext2/ext2.h"
#include "guestos/fs/inode.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"

/* The pointer in the inode that leads to a block, and the depth of the tree below it. */
static int root_of(const struct ext2 *fs, uint32_t *index, uint32_t *depth)
{
    uint64_t span = fs->pointers, rest = *index;

    *depth = 0;
    if (rest < EXT2_DIRECT)
        return (int)*index;
    rest -= EXT2_DIRECT;
    for (*depth = 1; *depth <= 3; (*depth)++, span *= fs->pointers) {
        if (rest < span) {
            *index = (uint32_t)rest;
            return (int)(EXT2_DIRECT + *depth - 1);
        }
        rest -= span;
    }
    return -EFBIG;
}

static uint32_t power(uint32_t base, uint32_t exponent)
{
    uint32_t result = 1;

    while (exponent--)
        result *= base;
    return result;
}

/* Fills a zero pointer with a new block; a table's is zeroed. */
static int fill(struct ext2 *fs, struct ext2_record *record, uint32_t near, bool table,
                uint32_t *pointer)
{
    uint32_t block;
    int error = ext2_take(fs, EXT2_BLOCKS, near, &block);

    if (error)
        return error;
    if (table) {
        struct buffer *buffer;

        error = buffer_get(&fs->cache, block, true, &buffer);
        if (error) {
            ext2_give_back(fs, EXT2_BLOCKS, block);
            return error;
        }
        buffer_set_dirty(&fs->cache, buffer, RANK_INDIRECT);
        buffer_put(buffer);
    } else {
        buffer_forget(&fs->cache, block);
    }
    *pointer = block;
    record->sectors += fs->block_size / SECTOR_BYTES;
    return 0;
}

int ext2_map(struct ext2 *fs, uint32_t inode, uint32_t index, bool create, uint32_t *block,
             bool *fresh)
{
    struct buffer *owner, *record_buffer;
    struct ext2_record *record;
    uint32_t depth;
    int root = root_of(fs, &index, &depth);

    if (fresh)
        *fresh = false;
    int error = root < 0 ? root : ext2_record_get(fs, inode, &record_buffer, &record);
    if (error)
        return error;
    owner = record_buffer;
    owner->references++;
    uint32_t *pointer = &record->block[root];
    uint32_t near = ext2_group(fs, (inode - 1) / fs->super->inodes_per_group)->inode_table;
    for (;; depth--) {
        if (!*pointer && create) {
            error = fill(fs, record, near, depth, pointer);
            if (!error) {
                buffer_set_dirty(&fs->cache, owner,
                                 owner == record_buffer ? RANK_RECORD : RANK_INDIRECT);
                buffer_set_dirty(&fs->cache, record_buffer, RANK_RECORD);
                if (fresh)
                    *fresh = true;
            }
        } else if (*pointer && !ext2_block_ok(fs, *pointer)) {
            error = -EIO;
        }
        *block = error ? 0 : *pointer;
        if (!*block || !depth)
            break;
        struct buffer *table;
        error = buffer_get(&fs->cache, *block, false, &table);
        if (error)
            break;
        near = *block;
        buffer_put(owner);
        owner = table;
        pointer = (uint32_t *)table->data + index / power(fs->pointers, depth - 1) % fs->pointers;
    }
    buffer_put(owner);
    buffer_put(record_buffer);
    return error;
}

/*
 * Keeps the first `keep` blocks below a pointer and frees the others, tables too if they are empty.
 */
static int trim(struct ext2 *fs, struct ext2_record *record, uint32_t *pointer, uint32_t depth,
                uint64_t keep)
{
    uint32_t block = *pointer;
    int error = 0;

    if (!block)
        return 0;
    if (!ext2_block_ok(fs, block)) {
        *pointer = keep ? block : 0;
        return -EIO;
    }
    if (depth) {
        struct buffer *table;
        uint64_t span = power(fs->pointers, depth - 1);

        error = buffer_get(&fs->cache, block, false, &table);
        if (error)
            return error;
        for (uint32_t i = 0; i < fs->pointers; i++) {
            uint64_t before = i * span, inside = keep > before ? MIN(keep - before, span) : 0;
            uint32_t *entry = (uint32_t *)table->data + i;

            if (inside < span && *entry) {
                int result = trim(fs, record, entry, depth - 1, inside);

                error = error ? error : result;
                buffer_set_dirty(&fs->cache, table, RANK_INDIRECT);
            }
        }
        buffer_put(table);
    }
    if (keep)
        return error;
    buffer_forget(&fs->cache, block);
    int result = ext2_give_back(fs, EXT2_BLOCKS, block);
    uint32_t sectors = fs->block_size / SECTOR_BYTES;
    record->sectors -= MIN(record->sectors, sectors);
    *pointer = 0;
    return error ? error : result;
}

int ext2_resize(struct ext2 *fs, uint32_t inode, uint32_t size)
{
    struct buffer *buffer;
    struct ext2_record *record;
    int error = ext2_record_get(fs, inode, &buffer, &record);

    if (error)
        return error;
    uint64_t keep = size / fs->block_size + (size % fs->block_size != 0), before = 0, span = 1;
    for (uint32_t i = 0; i < EXT2_POINTERS; i++) {
        uint32_t depth = i < EXT2_DIRECT ? 0 : i - EXT2_DIRECT + 1;

        span = depth ? span * fs->pointers : 1;
        uint64_t inside = keep > before ? MIN(keep - before, span) : 0;
        if (inside < span) {
            int result = trim(fs, record, &record->block[i], depth, inside);

            error = error ? error : result;
        }
        before += span;
    }
    record->size = size;
    record->modified = record->changed = fs->now;
    buffer_set_dirty(&fs->cache, buffer, RANK_RECORD);
    buffer_put(buffer);
    return error;
}

/* ---- pages ----------------------------------------------------------------------------------- */

int ext2_page_read_later(struct ext2 *fs, uint32_t inode, uint32_t index, void *page)
{
    uint32_t n = PAGE_SIZE / fs->block_size, sectors = fs->block_size / SECTOR_BYTES, block;

    for (uint32_t i = 0; i < n; i++) {
        uint8_t *to = (uint8_t *)page + i * fs->block_size;
        int error = ext2_map(fs, inode, index * n + i, false, &block, NULL);

        if (!error && block)
            error = block_read_later(fs->cache.device, (uint64_t)block * sectors, sectors, to);
        if (error)
            return error;
        if (!block)
            memset(to, 0, fs->block_size);
    }
    return 0;
}

int ext2_page_read(struct ext2 *fs, uint32_t inode, uint32_t index, uint32_t size, void *page)
{
    int error = ext2_page_read_later(fs, inode, index, page);
    int settled = block_settle(fs->cache.device);
    uint32_t start = index << PAGE_SHIFT, end = size > start ? MIN(size - start, PAGE_SIZE) : 0;

    memset((uint8_t *)page + end, 0, PAGE_SIZE - end);
    return error ? error : settled;
}

int ext2_page_write_later(struct ext2 *fs, uint32_t inode, uint32_t index, const void *page)
{
    uint32_t n = PAGE_SIZE / fs->block_size, sectors = fs->block_size / SECTOR_BYTES, block;

    for (uint32_t i = 0; i < n; i++) {
        int error = ext2_map(fs, inode, index * n + i, false, &block, NULL);

        if (!error && block)
            error = block_write_later(fs->cache.device, (uint64_t)block * sectors, sectors,
                                      (const uint8_t *)page + i * fs->block_size);
        if (error)
            return error;
    }
    return 0;
}

int ext2_page_write(struct ext2 *fs, uint32_t inode, uint32_t index, const void *page)
{
    int error = ext2_page_write_later(fs, inode, index, page);
    int settled = block_settle(fs->cache.device);

    return error ? error : settled;
}

int ext2_page_reserve(struct ext2 *fs, uint32_t inode, uint32_t index, uint32_t first, uint32_t end)
{
    uint32_t n = PAGE_SIZE / fs->block_size, block;

    for (uint32_t i = first / fs->block_size; i * fs->block_size < end; i++) {
        int error = ext2_map(fs, inode, index * n + i, true, &block, NULL);

        if (error)
            return error;
    }
    return 0;
}

/* ---- targets of symbolic links --------------------------------------------------------------- */

int ext2_target_get(struct ext2 *fs, uint32_t inode, char *to)
{
    struct buffer *buffer;
    struct ext2_record *record;
    int error = ext2_record_get(fs, inode, &buffer, &record);

    if (error)
        return error;
    uint32_t length = record->size;
    if (length < EXT2_FAST_TARGET)
        memcpy(to, record->block, length);
    buffer_put(buffer);
    if (length >= PATH_LIMIT || !length)
        return -EIO;
    if (length >= EXT2_FAST_TARGET)
        error = ext2_page_read(fs, inode, 0, length, to);
    to[length] = '\0';
    return error ? error : strlen(to) == length ? 0 : -EIO;
}

/* A long target is one block, written now: nobody can name it before the next sync. */
int ext2_target_set(struct ext2 *fs, uint32_t inode, const char *target)
{
    struct buffer *buffer;
    struct ext2_record *record;
    uint32_t length = (uint32_t)strlen(target), block = 0;

    if (length >= fs->block_size)
        return -ENAMETOOLONG;
    if (length >= EXT2_FAST_TARGET) {
        struct buffer *text;
        int error = ext2_map(fs, inode, 0, true, &block, NULL);

        if (!error)
            error = buffer_get(&fs->cache, block, true, &text);
        if (error)
            return error;
        memcpy(text->data, target, length);
        uint32_t sectors = fs->block_size / SECTOR_BYTES;
        error = block_write(fs->cache.device, (uint64_t)block * sectors, sectors, text->data);
        buffer_put(text);
        if (error)
            return error;
    }
    int error = ext2_record_get(fs, inode, &buffer, &record);
    if (error)
        return error;
    if (!block)
        memcpy(record->block, target, length);
    record->size = length;
    buffer_set_dirty(&fs->cache, buffer, RANK_RECORD);
    buffer_put(buffer);
    return 0;
}
