/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ext2.h - the second extended file system on a block device
 *
 * The volume: volume.c. Bitmaps: bitmap.c. Inodes and the blocks of files: record.c, map.c.
 * Directories: directory.c. All that is independent of the kernel's own inodes (vfs.c joins the
 * two) and compiles for the host, where it is tried on images of mke2fs and judged by e2fsck.
 *
 * Safety. The image is not trusted. Geometry is checked once, when mounting; after that every
 * number read from the device is checked where it is used: block numbers by ext2_block_ok() (inside
 * the volume, outside its tables), inode numbers by ext2_record_get(), names by their block.
 *
 * Order. Changed metadata stays in the buffer cache until ext2_sync(), so between syncs the device
 * holds the state of the last one (and newer contents of files that were overwritten in place). A
 * volume with a journal (ext3) goes from one such state to the next at one instant: journal.h. On
 * one without, a sync writes: contents of files (the caller does, first); bitmaps; indirect blocks;
 * inodes; directories. So whatever is reachable has been written before what reaches it; if power
 * goes in the middle, blocks may be marked used that nothing uses, which e2fsck repairs. What was
 * freed since the last sync is not given out again before the next one: an old file's blocks are
 * its own until its end is on the device.
 *
 * Lock: the caller lets one call at a time into a volume; in the kernel that is the kernel's lock.
 * Nothing here sleeps.
 */
#ifndef GUESTOS_EXT2_H
#define GUESTOS_EXT2_H

#include "guestos/block/buffer.h"
#include "guestos/fs/ext2/format.h"
#include "guestos/fs/ext2/journal.h"

#define EXT2_KNOWN_READ_ONLY    (EXT2_RO_SPARSE | EXT2_RO_LARGE)
#define EXT2_KNOWN_INCOMPATIBLE (EXT2_INCOMPAT_TYPES | (JOURNAL_KNOWN ? EXT2_INCOMPAT_LOG : 0))
#define EXT2_LARGEST_SHIFT      2u /* blocks of 4 kB: a page holds whole blocks */

enum { RANK_BITMAP, RANK_INDIRECT, RANK_RECORD, RANK_DIRECTORY };
enum ext2_kind { EXT2_BLOCKS, EXT2_INODES };

struct ext2 {
    struct buffers cache;
    struct ext2_super *super; /* in super_buffer */
    struct buffer *super_buffer;
    struct buffer **descriptors; /* blocks of group descriptors, held */
    uint32_t descriptor_blocks;
    uint8_t **held[2]; /* by kind and group: bits freed since the last sync; NULL: none */
    uint32_t held_count[2];
    uint32_t block_size, pointers; /* pointers: in an indirect block */
    uint32_t groups, inode_size, first_inode;
    bool read_only, has_types, was_clean, has_journal;
    bool broken; /* the device failed in the middle of a commit */
    struct journal journal;
    uint32_t now; /* seconds since 1970: the caller keeps it up to date */
};

/*
 * 0, -EINVAL (not ext2, or broken), -EOPNOTSUPP (has features we do not know), -EIO, -ENOMEM.
 * Unknown read-only-compatible features allow reading only: -EROFS if `read_only` is false. A
 * journal that was left in the middle is replayed first, for reading too.
 */
int ext2_mount(struct ext2 *fs, struct block_device *device, bool read_only, uint32_t now);
/* What is mounted for reading may be written from now on: 0, or as ext2_mount(), and it may not. */
int ext2_begin_writing(struct ext2 *fs);
/* Says on the console what it is in a volume that was refused. */
void ext2_explain_refusal(struct block_device *device);
int ext2_sync(struct ext2 *fs);
/*
 * Whether so much waits that it should be synced before the next operation: much has changed, or
 * what was freed is needed. `inodes`: how many more may yet be stored.
 */
bool ext2_wants_sync(const struct ext2 *fs, uint32_t inodes);
/*
 * As ext2_sync(), and the volume is marked clean (if it was when mounted). From then on it is for
 * reading.
 */
int ext2_stop(struct ext2 *fs);
/* Frees everything; what is not synced is lost. */
void ext2_drop(struct ext2 *fs);

/* ---- bitmap.c: numbers are of blocks or of inodes -------------------------------------------- */

struct ext2_group *ext2_group(struct ext2 *fs, uint32_t group);
int ext2_take(struct ext2 *fs, enum ext2_kind kind, uint32_t near, uint32_t *number); /* -ENOSPC */
int ext2_give_back(struct ext2 *fs, enum ext2_kind kind, uint32_t number); /* -EIO: was free */
bool ext2_block_ok(struct ext2 *fs, uint32_t block);
void ext2_forget_held(struct ext2 *fs);

/* ---- record.c: inodes ------------------------------------------------------------------------ */

struct ext2_info {
    uint32_t mode, uid, gid, size, links, modified, device, sectors;
};

/* The record of an inode in its buffer, held. -EIO for a number that cannot be. */
int ext2_record_get(struct ext2 *fs, uint32_t inode, struct buffer **buffer,
                    struct ext2_record **record);
/* -EIO: not in use or nonsense; -EFBIG. */
int ext2_info_get(struct ext2 *fs, uint32_t inode, struct ext2_info *info);
int ext2_info_set(struct ext2 *fs, uint32_t inode, const struct ext2_info *info);
/* A new inode with no links; `parent` for its place. */
int ext2_inode_new(struct ext2 *fs, uint32_t parent, uint32_t mode, uint32_t *inode);
int ext2_inode_free(struct ext2 *fs, uint32_t inode); /* with all its blocks */
/*
 * The list of inodes that are in use without a name. It is made anew before each sync: it begins
 * with *last 0, each inode goes in front, and the end sets where it begins.
 */
int ext2_orphan_add(struct ext2 *fs, uint32_t inode, uint32_t *last);
void ext2_orphans_set(struct ext2 *fs, uint32_t last);
/* Frees those that a machine left that ended without freeing them. */
int ext2_orphans_free(struct ext2 *fs);

/* ---- map.c: blocks of files ------------------------------------------------------------------ */

/* The block of a file; 0: a hole. With `create`, holes are filled; *fresh tells that it was one. */
int ext2_map(struct ext2 *fs, uint32_t inode, uint32_t index, bool create, uint32_t *block,
             bool *fresh);
/* Frees all blocks from byte `size` on, and sets the size. */
int ext2_resize(struct ext2 *fs, uint32_t inode, uint32_t size);
/*
 * Pages of PAGE_SIZE, straight from and to the device. What is beyond `size` reads as zero. The
 * second pair only begins it: block_settle() tells what came of it, and what lies beyond the file's
 * end in its last page is whatever the device holds there.
 */
int ext2_page_read(struct ext2 *fs, uint32_t inode, uint32_t index, uint32_t size, void *page);
int ext2_page_write(struct ext2 *fs, uint32_t inode, uint32_t index, const void *page);
int ext2_page_read_later(struct ext2 *fs, uint32_t inode, uint32_t index, void *page);
int ext2_page_write_later(struct ext2 *fs, uint32_t inode, uint32_t index, const void *page);
/* Blocks for bytes first..end-1 of a page. */
int ext2_page_reserve(struct ext2 *fs, uint32_t inode, uint32_t index, uint32_t first,
                      uint32_t end);
/* A symbolic link's target; `to` has 4096 bytes. */
int ext2_target_get(struct ext2 *fs, uint32_t inode, char *to);
int ext2_target_set(struct ext2 *fs, uint32_t inode, const char *target);

/* ---- directory.c ----------------------------------------------------------------------------- */

int ext2_lookup(struct ext2 *fs, uint32_t directory, const char *name, uint32_t length,
                uint32_t *inode);
struct ext2_item {
    uint32_t inode;
    uint8_t type; /* mode >> 12; 0: unknown */
    char name[256];
};
/* The first name at or after byte *offset, without "." and "..". 1, 0 (no more), -Exxx. */
int ext2_next(struct ext2 *fs, uint32_t directory, uint32_t *offset, struct ext2_item *item);
int ext2_enter(struct ext2 *fs, uint32_t directory, const char *name, uint32_t length,
               uint32_t inode, uint32_t mode);
int ext2_remove(struct ext2 *fs, uint32_t directory, const char *name, uint32_t length);
/* Gives a new directory its "." and ".."; of one that has them, changes "..". */
int ext2_set_parent(struct ext2 *fs, uint32_t directory, uint32_t parent);

#endif
