/* SPDX-License-Identifier: GPL-2.0-only */
/* volume.c - mounting, checking the geometry, writing back; see ext2.h */
#include "guestos/fs/ext2/ext2.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/allocate.h"

#define DIRTY_MOST       128u /* changed blocks that wait for a sync */
#define OPERATION_BLOCKS 40u  /* an operation changes no more, beside bitmaps and descriptors */
#define OPERATION_ROOM   32u  /* ... and takes no more blocks */
#define OPERATION_INODES 4u

/* Everything the rest of the code divides by or multiplies with. */
static int check_super(const struct ext2_super *s, const struct block_device *device,
                       bool read_only)
{
    if (s->magic != EXT2_MAGIC || s->block_shift > EXT2_LARGEST_SHIFT || s->revision > 1)
        return -EINVAL;
    uint32_t size = 1024u << s->block_shift;
    uint32_t inode_size = s->revision ? s->inode_size : 128,
             first = s->revision ? s->first_inode : 11;
    if (s->revision && s->incompatible & ~EXT2_KNOWN_INCOMPATIBLE)
        return -EOPNOTSUPP;
    if (s->revision && s->read_only_compatible & ~EXT2_KNOWN_READ_ONLY && !read_only)
        return -EROFS;
    if (s->first_block != (size == 1024 ? 1u : 0u) || s->blocks <= s->first_block + 8 ||
        (uint64_t)s->blocks * (size / SECTOR_BYTES) > device->sectors || s->blocks_per_group < 16 ||
        s->blocks_per_group > size * 8 || !s->inodes_per_group || s->inodes_per_group > size * 8 ||
        inode_size < 128 || inode_size > size || inode_size & (inode_size - 1) ||
        s->inodes_per_group % (size / inode_size) || first < 11 || first > s->inodes)
        return -EINVAL;
    uint32_t groups = (s->blocks - s->first_block - 1) / s->blocks_per_group + 1;
    return (uint64_t)groups * s->inodes_per_group == s->inodes ? 0 : -EINVAL;
}

/* Each group's tables lie inside the volume, behind the superblock. */
static bool groups_ok(struct ext2 *fs)
{
    const struct ext2_super *s = fs->super;
    uint32_t first = s->first_block + 1 + fs->descriptor_blocks;
    uint32_t table = s->inodes_per_group / (fs->block_size / fs->inode_size);

    for (uint32_t g = 0; g < fs->groups; g++) {
        const struct ext2_group *group = ext2_group(fs, g);

        if (group->block_bitmap < first || group->block_bitmap >= s->blocks ||
            group->inode_bitmap < first || group->inode_bitmap >= s->blocks ||
            group->inode_table < first || group->inode_table >= s->blocks ||
            table > s->blocks - group->inode_table)
            return false;
    }
    return true;
}

static int read_descriptors(struct ext2 *fs)
{
    uint32_t per_block = fs->block_size / sizeof(struct ext2_group);

    fs->descriptor_blocks = (fs->groups + per_block - 1) / per_block;
    if (fs->descriptor_blocks >= fs->super->blocks - fs->super->first_block - 1)
        return -EINVAL;
    fs->descriptors = heap_allocate(fs->descriptor_blocks * sizeof(*fs->descriptors));
    fs->held[EXT2_BLOCKS] = heap_allocate(fs->groups * sizeof(uint8_t *));
    fs->held[EXT2_INODES] = heap_allocate(fs->groups * sizeof(uint8_t *));
    if (!fs->descriptors || !fs->held[EXT2_BLOCKS] || !fs->held[EXT2_INODES])
        return -ENOMEM;
    for (uint32_t i = 0; i < fs->descriptor_blocks; i++) {
        int error =
            buffer_get(&fs->cache, fs->super->first_block + 1 + i, false, &fs->descriptors[i]);

        if (error)
            return error;
    }
    return groups_ok(fs) ? 0 : -EINVAL;
}

/*
 * Mounted or not, as the device has it: with a journal, that it may hold something; else, "not
 * clean".
 */
static void set_mounted(struct ext2 *fs, bool mounted)
{
    struct ext2_super old = *fs->super, *s = fs->super;

    if (fs->has_journal)
        s->incompatible =
            mounted ? s->incompatible | EXT2_INCOMPAT_LOG : s->incompatible & ~EXT2_INCOMPAT_LOG;
    else if (fs->was_clean)
        s->state = (uint16_t)(mounted ? s->state & ~EXT2_CLEAN : s->state | EXT2_CLEAN);
    if (memcmp(&old, s, sizeof(old)))
        buffer_set_dirty(&fs->cache, fs->super_buffer, RANK_BITMAP);
}

/* Reads and checks everything but what is in use. */
static int open_volume(struct ext2 *fs, struct block_device *device, bool read_only, uint32_t now)
{
    struct ext2_super *s = heap_allocate(EXT2_SUPER_BYTES);
    int error =
        s ? block_read(device, EXT2_SUPER_OFFSET / SECTOR_BYTES, EXT2_SUPER_BYTES / SECTOR_BYTES, s)
          : -ENOMEM;

    if (!error)
        error = check_super(s, device, read_only);
    if (error) {
        heap_free(s);
        return error;
    }
    *fs = (struct ext2){.read_only = read_only, .now = now, .block_size = 1024u << s->block_shift};
    fs->pointers = fs->block_size / 4;
    fs->groups = (s->blocks - s->first_block - 1) / s->blocks_per_group + 1;
    fs->inode_size = s->revision ? s->inode_size : 128;
    fs->first_inode = s->revision ? s->first_inode : 11;
    fs->has_types = s->revision && s->incompatible & EXT2_INCOMPAT_TYPES;
    fs->has_journal = JOURNAL_KNOWN && s->revision && s->compatible & EXT2_WITH_JOURNAL;
    heap_free(s);
    buffers_init(&fs->cache, device, fs->block_size);
    error = buffer_get(&fs->cache, EXT2_SUPER_OFFSET / fs->block_size, false, &fs->super_buffer);
    if (error)
        return error;
    fs->super = (struct ext2_super *)(fs->super_buffer->data + EXT2_SUPER_OFFSET % fs->block_size);
    fs->was_clean = fs->super->state & EXT2_CLEAN;
    error = read_descriptors(fs);
    if (!error && fs->has_journal)
        error = journal_open(fs);
    return error;
}

/* What the journal restores may be any block: all is read again after it. */
static int replay(struct ext2 *fs, bool read_only)
{
    struct block_device *device = fs->cache.device;
    uint32_t now = fs->now;
    int error = journal_recover(fs);

    ext2_drop(fs);
    return error ? error : open_volume(fs, device, read_only, now);
}

/*
 * The order matters: a journal that holds something without the superblock's saying so is broken.
 */
static int begin_writing(struct ext2 *fs)
{
    if (fs->has_journal && fs->journal.most < DIRTY_MOST + OPERATION_BLOCKS + 2 * fs->groups)
        return -EOPNOTSUPP; /* too small a journal for so large a volume */
    set_mounted(fs, true);
    fs->super->mounts++;
    fs->super->mount_time = fs->now;
    buffer_set_dirty(&fs->cache, fs->super_buffer, RANK_BITMAP);
    int error = buffers_flush(&fs->cache);
    if (!error && fs->has_journal)
        error = journal_start(fs);
    if (!error)
        error = ext2_orphans_free(fs);
    return error;
}

int ext2_mount(struct ext2 *fs, struct block_device *device, bool read_only, uint32_t now)
{
    *fs = (struct ext2){.read_only = true};
    int error = open_volume(fs, device, read_only, now);
    if (!error && fs->has_journal && fs->super->incompatible & EXT2_INCOMPAT_LOG)
        error = replay(fs, read_only);
    if (!error && !read_only)
        error = begin_writing(fs);
    if (error)
        ext2_drop(fs);
    return error;
}

int ext2_begin_writing(struct ext2 *fs)
{
    int error = check_super(fs->super, fs->cache.device, false);

    if (error)
        return error;
    fs->read_only = false;
    error = begin_writing(fs);
    fs->read_only = error;
    return error;
}

bool ext2_wants_sync(const struct ext2 *fs, uint32_t inodes)
{
    uint32_t waiting = fs->cache.dirty, operation = OPERATION_BLOCKS + 2 * fs->groups;
    const struct ext2_super *s = fs->super;

    if (waiting > DIRTY_MOST)
        return true;
    if (waiting && fs->has_journal && waiting + inodes + operation > fs->journal.most)
        return true;
    return (fs->held_count[EXT2_BLOCKS] &&
            s->free_blocks < fs->held_count[EXT2_BLOCKS] + OPERATION_ROOM) ||
           (fs->held_count[EXT2_INODES] &&
            s->free_inodes < fs->held_count[EXT2_INODES] + OPERATION_INODES);
}

int ext2_sync(struct ext2 *fs)
{
    if (fs->read_only || !fs->cache.dirty)
        return 0;
    fs->super->write_time = fs->now;
    int error = fs->has_journal ? journal_commit(fs) : buffers_flush(&fs->cache);
    if (!error)
        ext2_forget_held(fs);
    return error;
}

int ext2_stop(struct ext2 *fs)
{
    int error = ext2_sync(fs);

    if (error || fs->read_only)
        return error;
    if (fs->has_journal)
        error = journal_stop(fs);
    if (error)
        return error;
    set_mounted(fs, false);
    error = buffers_flush(&fs->cache);
    fs->read_only = true;
    return error;
}

void ext2_drop(struct ext2 *fs)
{
    ext2_forget_held(fs);
    journal_drop(fs);
    for (uint32_t i = 0; fs->descriptors && i < fs->descriptor_blocks; i++)
        buffer_put(fs->descriptors[i]);
    buffer_put(fs->super_buffer);
    buffers_drop(&fs->cache);
    heap_free(fs->descriptors);
    heap_free(fs->held[EXT2_BLOCKS]);
    heap_free(fs->held[EXT2_INODES]);
    *fs = (struct ext2){.read_only = true};
}
