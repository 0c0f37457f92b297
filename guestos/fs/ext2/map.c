/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * map.c - from a place in a file to a block
 *
 *   0 ... 11    pointers in the inode
 *   then        one indirect block, one double and one triple indirect tree below pointers 12 to 14
 *
 * A zero pointer is a hole. Every pointer is checked where it is followed, and a tree is at most three
 * deep, so pointers in circles end.
 */
#include "guestos/fs/ext2/ext2.h"
#include "guestos/fs/inode.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"

/* The pointer in the inode that leads to a block, and the depth of the tree below it. */
static int root_of(const struct ext2 *fs, u32 *index, u32 *depth)
{
    u64 span = fs->pointers, rest = *index;
    *depth = 0;
    if (rest < EXT2_DIRECT)
        return (int)*index;
    rest -= EXT2_DIRECT;
    for (*depth = 1; *depth <= 3; (*depth)++, span *= fs->pointers) {
        if (rest < span) {
            *index = (u32)rest;
            return (int)(EXT2_DIRECT + *depth - 1);
        }
        rest -= span;
    }
    return -EFBIG;
}

static u32 power(u32 base, u32 exponent)
{
    u32 result = 1;
    while (exponent--)
        result *= base;
    return result;
}

/* Fills a zero pointer with a new block; a table's is zeroed. */
static int fill(struct ext2 *fs, struct ext2_record *record, u32 near, bool table, u32 *pointer)
{
    u32 block;
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

int ext2_map(struct ext2 *fs, u32 inode, u32 index, bool create, u32 *block, bool *fresh)
{
    struct buffer *owner, *record_buffer;
    struct ext2_record *record;
    u32 depth;
    int root = root_of(fs, &index, &depth);
    if (fresh)
        *fresh = false;
    int error = root < 0 ? root : ext2_record_get(fs, inode, &record_buffer, &record);
    if (error)
        return error;
    owner = record_buffer;
    owner->references++;
    u32 *pointer = &record->block[root];
    u32 near = ext2_group(fs, (inode - 1) / fs->super->inodes_per_group)->inode_table;
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
        pointer = (u32 *)table->data + index / power(fs->pointers, depth - 1) % fs->pointers;
    }
    buffer_put(owner);
    buffer_put(record_buffer);
    return error;
}

/* Keeps the first `keep` blocks below a pointer and frees the others, tables too if they are empty. */
static int trim(struct ext2 *fs, struct ext2_record *record, u32 *pointer, u32 depth, u64 keep)
{
    u32 block = *pointer;
    int error = 0;
    if (!block)
        return 0;
    if (!ext2_block_ok(fs, block)) {
        *pointer = keep ? block : 0;
        return -EIO;
    }
    if (depth) {
        struct buffer *table;
        u64 span = power(fs->pointers, depth - 1);
        error = buffer_get(&fs->cache, block, false, &table);
        if (error)
            return error;
        for (u32 i = 0; i < fs->pointers; i++) {
            u64 before = i * span, inside = keep > before ? MIN(keep - before, span) : 0;
            u32 *entry = (u32 *)table->data + i;
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
    u32 sectors = fs->block_size / SECTOR_BYTES;
    record->sectors -= MIN(record->sectors, sectors);
    *pointer = 0;
    return error ? error : result;
}

int ext2_resize(struct ext2 *fs, u32 inode, u32 size)
{
    struct buffer *buffer;
    struct ext2_record *record;
    int error = ext2_record_get(fs, inode, &buffer, &record);
    if (error)
        return error;
    u64 keep = size / fs->block_size + (size % fs->block_size != 0), before = 0, span = 1;
    for (u32 i = 0; i < EXT2_POINTERS; i++) {
        u32 depth = i < EXT2_DIRECT ? 0 : i - EXT2_DIRECT + 1;
        span = depth ? span * fs->pointers : 1;
        u64 inside = keep > before ? MIN(keep - before, span) : 0;
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

int ext2_page_read(struct ext2 *fs, u32 inode, u32 index, u32 size, void *page)
{
    u32 n = PAGE_SIZE / fs->block_size, sectors = fs->block_size / SECTOR_BYTES, block;
    for (u32 i = 0; i < n; i++) {
        u8 *to = (u8 *)page + i * fs->block_size;
        int error = ext2_map(fs, inode, index * n + i, false, &block, NULL);
        if (!error && block)
            error = block_read(fs->cache.device, (u64)block * sectors, sectors, to);
        if (error)
            return error;
        if (!block)
            memset(to, 0, fs->block_size);
    }
    u32 start = index << PAGE_SHIFT, end = size > start ? MIN(size - start, PAGE_SIZE) : 0;
    memset((u8 *)page + end, 0, PAGE_SIZE - end);
    return 0;
}

int ext2_page_write(struct ext2 *fs, u32 inode, u32 index, const void *page)
{
    u32 n = PAGE_SIZE / fs->block_size, sectors = fs->block_size / SECTOR_BYTES, block;
    for (u32 i = 0; i < n; i++) {
        int error = ext2_map(fs, inode, index * n + i, false, &block, NULL);
        if (!error && block)
            error = block_write(fs->cache.device, (u64)block * sectors, sectors,
                                (const u8 *)page + i * fs->block_size);
        if (error)
            return error;
    }
    return 0;
}

int ext2_page_reserve(struct ext2 *fs, u32 inode, u32 index, u32 first, u32 end)
{
    u32 n = PAGE_SIZE / fs->block_size, block;
    for (u32 i = first / fs->block_size; i * fs->block_size < end; i++) {
        int error = ext2_map(fs, inode, index * n + i, true, &block, NULL);
        if (error)
            return error;
    }
    return 0;
}

/* ---- targets of symbolic links --------------------------------------------------------------- */

int ext2_target_get(struct ext2 *fs, u32 inode, char *to)
{
    struct buffer *buffer;
    struct ext2_record *record;
    int error = ext2_record_get(fs, inode, &buffer, &record);
    if (error)
        return error;
    u32 length = record->size;
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
int ext2_target_set(struct ext2 *fs, u32 inode, const char *target)
{
    struct buffer *buffer;
    struct ext2_record *record;
    u32 length = (u32)strlen(target), block = 0;
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
        u32 sectors = fs->block_size / SECTOR_BYTES;
        error = block_write(fs->cache.device, (u64)block * sectors, sectors, text->data);
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
