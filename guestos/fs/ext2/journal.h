/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * journal.h - all of a change, or nothing of it: the journal of ext3 (JBD, version 1 and 2)
 *
 * The aim. At whatever instant the machine is cut off, what is on the device is, after the journal
 * has been replayed (by e2fsck, by our mount, by Linux's), the state of one completed sync: nothing
 * is there to be repaired, and all that was synced is there. e2fsck -E journal_only, then e2fsck
 * -fn, finds nothing.
 *
 * Why a journal. One system call changes several blocks (a new file: two bitmaps, their group, the
 * superblock, an inode, a directory), and no device writes several blocks at once. Careful order
 * alone can see to it that nothing reachable is broken, but leaves blocks marked used that nothing
 * uses. A second copy of the whole image and one word that says which is valid would do in memory,
 * at twice the memory, and on no device that comes later. The journal needs of the device only that
 * a block which it is writing when power goes does not hurt others, and that flush() waits.
 *
 * A transaction is everything since the last commit: system calls change buffers in memory
 * (buffer.h) and the device hears nothing of it. An operation (filesystem.h: operation_begin) is
 * never cut in two: a commit comes between operations only. Then, with a flush after each step:
 *
 *     1  contents of files, straight to their blocks. They are overwritten in place, or the blocks
 *        are free on the device: a name never leads to a block that was not written (data=ordered)
 *     2  every changed block of metadata, to the log, behind a table of where they belong
 *     3  the commit block. Its sequence number makes the transaction valid: this is the instant
 *     4  the same blocks, to their own places
 *     5  the journal's superblock: the log now begins with the next sequence number, so what
 *        lies in it is history
 *
 * Cut before 3, the log's first table is followed by no commit block with its number: nothing has
 * happened but new contents in files that were there. Cut after it, replaying writes what step 4
 * would have written. In the middle of 3: the number is the last of the commit block's three words.
 * In the middle of 5: one word again, and its bytes go from the most significant on, so that it
 * never falls back to a number that lies in the log.
 *
 * One transaction is in the log at a time. So a block that is given another use (of metadata freed
 * in one transaction, of a file's contents in the next) is never in the log when it is written, and
 * no revoke records are needed; replaying knows them, as other systems write them. Real disks would
 * gain from keeping several transactions in the log and writing homes later, in one sweep.
 *
 * Freed blocks and inodes are not given out again before the commit (bitmap.c): until then the
 * device still means the old file by them.
 *
 * Files without a name that are still open are in use and belong to nothing. The superblock leads
 * to a list of them (record.c: orphans) that is written with each commit; who recovers the volume
 * frees them.
 */
#ifndef GUESTOS_JOURNAL_H
#define GUESTOS_JOURNAL_H

#include "guestos/kernel/errno.h"
#include "guestos/kernel/types.h"

struct ext2;

struct journal {
    uint32_t *place;       /* of each of its blocks on the device */
    uint32_t blocks;       /* in the journal, its superblock (block 0) included */
    uint32_t first;        /* where the log begins */
    uint32_t sequence;     /* of the next transaction */
    uint32_t most;         /* blocks that one transaction may change */
    uint8_t *super, *tags; /* a block each: the superblock, and the table that is being made */
};

#ifdef WITHOUT_JOURNAL
/*
 * Built without it: a volume whose journal is empty is mounted as ext2, as it has every right to
 * be, and one that must be recovered first is refused (EXT2_KNOWN_INCOMPATIBLE). None of these is
 * ever called then.
 */
#define JOURNAL_KNOWN false
static inline int journal_open(struct ext2 *fs)
{
    (void)fs;
    return -EOPNOTSUPP;
}
static inline int journal_recover(struct ext2 *fs)
{
    return journal_open(fs);
}
static inline int journal_start(struct ext2 *fs)
{
    return journal_open(fs);
}
static inline int journal_commit(struct ext2 *fs)
{
    return journal_open(fs);
}
static inline int journal_stop(struct ext2 *fs)
{
    return journal_open(fs);
}
static inline void journal_drop(struct ext2 *fs)
{
    (void)fs;
}
#else
#define JOURNAL_KNOWN true
/* Reads the journal of a volume that has one. 0, -EINVAL (broken), -EOPNOTSUPP, -EIO, -ENOMEM. */
int journal_open(struct ext2 *fs);
/*
 * recover.c: brings what is in the log to its places, and empties it. What is cached of the volume
 * is void then. 0, -EINVAL, -EIO, -ENOMEM.
 */
int journal_recover(struct ext2 *fs);
/* From now on transactions are written. */
int journal_start(struct ext2 *fs);
/*
 * Steps 2 to 5 for all changed buffers. An error before the instant leaves everything as it was, to
 * be tried again. After one behind it the volume is broken until it is recovered: -EIO from then
 * on.
 */
int journal_commit(struct ext2 *fs);
/* The log is empty, and says so. */
int journal_stop(struct ext2 *fs);
void journal_drop(struct ext2 *fs);
#endif

/* Reads or writes one block of the journal. */
int journal_read(struct ext2 *fs, uint32_t index, void *to);
int journal_write(struct ext2 *fs, uint32_t index, const void *from);

#endif
