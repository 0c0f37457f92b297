/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * buffer.h - a file system's own blocks in memory
 *
 * What a file system keeps its books in (bitmaps, inodes, indirect blocks, directories) is read
 * through this cache; contents of files are not. A changed buffer stays here until buffers_flush():
 * the device never sees half of a change before. The flush writes rank by rank, and within a rank
 * in the order in which buffers became dirty.
 *
 * Lock: the kernel's, at every call. Nothing here sleeps.
 */
#ifndef GUESTOS_BUFFER_H
#define GUESTOS_BUFFER_H

#include "guestos/block/block.h"

#define BUFFER_RANKS 4
#define BUFFER_HASH  64
#define BUFFER_CLEAN 48 /* unused clean buffers beyond this are given up */

struct buffer {
    struct buffer *next;       /* of the same hash */
    struct buffer *next_dirty; /* in order of becoming dirty */
    uint32_t block, references, used;
    uint8_t dirty, rank;
    uint8_t *data;
};

struct buffers {
    struct block_device *device;
    uint32_t block_size;
    uint32_t count, dirty, clock;
    struct buffer *hash[BUFFER_HASH];
    struct buffer *first_dirty, **last_dirty;
    bool no_barriers; /* what is written may stay in the device's own cache: Linux's barrier=0 */
};

void buffers_init(struct buffers *buffers, struct block_device *device, uint32_t block_size);
/*
 * The buffer of a block, held; 0, -ENOMEM, -EIO. `fresh`: its contents will be zero, nothing is
 * read.
 */
int buffer_get(struct buffers *buffers, uint32_t block, bool fresh, struct buffer **buffer);
void buffer_put(struct buffer *buffer); /* NULL is allowed */
void buffer_set_dirty(struct buffers *buffers, struct buffer *buffer, unsigned rank);
/* The block is free now: what was to be written there is not. */
void buffer_forget(struct buffers *buffers, uint32_t block);
int buffers_flush(struct buffers *buffers);
/* All that was begun is done, and with barriers lies on the medium; what follows, follows. */
int buffers_barrier(const struct buffers *buffers);
/* Frees all buffers; dirty ones are lost. */
void buffers_drop(struct buffers *buffers);

#endif
