/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bitmap.c - which blocks and inodes are free
 *
 * Both kinds are the same: a bitmap a group, a count in its descriptor and one in the superblock. A
 * bit that is given back is held until the next sync (see ext2.h, Order): free on the device, but
 * not yet for us.
 */
#include "guestos/fs/ext2/ext2.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/allocate.h"

struct ext2_group *ext2_group(struct ext2 *fs, uint32_t group)
{
    uint32_t per_block = fs->block_size / sizeof(struct ext2_group);

    return (struct ext2_group *)fs->descriptors[group / per_block]->data + group % per_block;
}

static uint32_t first_number(const struct ext2 *fs, enum ext2_kind kind)
{
    return kind == EXT2_BLOCKS ? fs->super->first_block : 1;
}

static uint32_t per_group(const struct ext2 *fs, enum ext2_kind kind)
{
    return kind == EXT2_BLOCKS ? fs->super->blocks_per_group : fs->super->inodes_per_group;
}

/* Numbers from `first_number` up to this one exist. */
static uint32_t end_number(const struct ext2 *fs, enum ext2_kind kind)
{
    return kind == EXT2_BLOCKS ? fs->super->blocks : fs->super->inodes + 1;
}

static bool in_range(uint32_t block, uint32_t start, uint32_t count)
{
    return block >= start && block - start < count;
}

bool ext2_block_ok(struct ext2 *fs, uint32_t block)
{
    const struct ext2_super *s = fs->super;
    uint32_t table = s->inodes_per_group / (fs->block_size / fs->inode_size);

    if (block <= s->first_block + fs->descriptor_blocks || block >= s->blocks)
        return false;
    const struct ext2_group *g = ext2_group(fs, (block - s->first_block) / s->blocks_per_group);
    return block != g->block_bitmap && block != g->inode_bitmap &&
           !in_range(block, g->inode_table, table);
}

/*
 * The buffer of a group's bitmap; its place is checked again, as the descriptors are in an image
 * that was checked when mounted and only we change them since.
 */
static int bitmap_get(struct ext2 *fs, enum ext2_kind kind, uint32_t group, struct buffer **buffer)
{
    const struct ext2_group *g = ext2_group(fs, group);

    return buffer_get(&fs->cache, kind == EXT2_BLOCKS ? g->block_bitmap : g->inode_bitmap, false,
                      buffer);
}

/* Changes both counts by one. */
static void adjust(struct ext2 *fs, enum ext2_kind kind, uint32_t group, int by)
{
    struct ext2_group *g = ext2_group(fs, group);
    uint16_t *count = kind == EXT2_BLOCKS ? &g->free_blocks : &g->free_inodes;
    uint32_t *total = kind == EXT2_BLOCKS ? &fs->super->free_blocks : &fs->super->free_inodes;

    if (by > 0 || *count)
        *count = (uint16_t)(*count + by);
    if (by > 0 || *total)
        *total += (uint32_t)by;
    uint32_t per_block = fs->block_size / sizeof(struct ext2_group);
    buffer_set_dirty(&fs->cache, fs->descriptors[group / per_block], RANK_BITMAP);
    buffer_set_dirty(&fs->cache, fs->super_buffer, RANK_BITMAP);
}

/* The first free bit from `from` on, then from the start; `end` if none. */
static uint32_t find_free(const uint8_t *bits, const uint8_t *held, uint32_t from, uint32_t end)
{
    for (uint32_t i = 0, bit = from < end ? from : 0; i < end;
         i++, bit = bit + 1 < end ? bit + 1 : 0) {
        uint32_t taken = bits[bit / 8] | (held ? held[bit / 8] : 0);

        if (taken == 0xff && !(bit % 8) && end - bit > 8) {
            i += 7;
            bit += 7;
        } else if (!(taken & 1u << (bit % 8))) {
            return bit;
        }
    }
    return end;
}

int ext2_take(struct ext2 *fs, enum ext2_kind kind, uint32_t near, uint32_t *number)
{
    uint32_t first = first_number(fs, kind), size = per_group(fs, kind), end = end_number(fs, kind);
    uint32_t start = near >= first && near < end ? near - first : 0;

    for (uint32_t i = 0; i < fs->groups; i++) {
        uint32_t group = (start / size + i) % fs->groups, base = first + group * size;
        struct buffer *bitmap;
        int error = bitmap_get(fs, kind, group, &bitmap);

        if (error)
            return error;
        uint32_t bits = MIN(size, end - base), from = i ? 0 : start % size;
        if (kind == EXT2_INODES && !group && from < fs->first_inode - 1)
            from = fs->first_inode - 1;
        uint32_t bit = find_free(bitmap->data, fs->held[kind][group], from, bits);
        bool usable = bit < bits && (kind == EXT2_BLOCKS ? ext2_block_ok(fs, base + bit)
                                                         : base + bit >= fs->first_inode);
        if (usable) {
            bitmap->data[bit / 8] |= (uint8_t)(1u << (bit % 8));
            buffer_set_dirty(&fs->cache, bitmap, RANK_BITMAP);
            adjust(fs, kind, group, -1);
        }
        buffer_put(bitmap);
        if (usable) {
            *number = base + bit;
            return 0;
        }
    }
    return -ENOSPC;
}

int ext2_give_back(struct ext2 *fs, enum ext2_kind kind, uint32_t number)
{
    uint32_t first = first_number(fs, kind), size = per_group(fs, kind);

    if (number < first || number >= end_number(fs, kind))
        return -EIO;
    uint32_t group = (number - first) / size, bit = (number - first) % size;
    struct buffer *bitmap;
    int error = bitmap_get(fs, kind, group, &bitmap);
    if (error)
        return error;
    uint8_t **held = &fs->held[kind][group];
    if (!(bitmap->data[bit / 8] & 1u << (bit % 8)))
        error = -EIO;
    else if (!*held && !(*held = heap_allocate(fs->block_size)))
        error = -ENOMEM;
    if (!error) {
        (*held)[bit / 8] |= (uint8_t)(1u << (bit % 8));
        fs->held_count[kind]++;
        bitmap->data[bit / 8] &= (uint8_t) ~(1u << (bit % 8));
        buffer_set_dirty(&fs->cache, bitmap, RANK_BITMAP);
        adjust(fs, kind, group, 1);
    }
    buffer_put(bitmap);
    return error;
}

void ext2_forget_held(struct ext2 *fs)
{
    for (uint32_t kind = 0; kind < 2; kind++) {
        for (uint32_t group = 0; group < fs->groups && fs->held_count[kind]; group++) {
            heap_free(fs->held[kind][group]);
            fs->held[kind][group] = NULL;
        }
        fs->held_count[kind] = 0;
    }
}
