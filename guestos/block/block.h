/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * block.h - block devices
 *
 * A device is a row of sectors of 512 bytes, read and written in kernel memory. There are two ways:
 *
 *   block_read(), block_write()              return when the device has the data
 *   block_read_later(), block_write_later()  may only begin; block_settle() waits for all of them
 *
 * The second lets a queue (queue.h) sort and join what many calls ask for. Until block_settle()
 * returns nobody may change, use or free that memory. block_flush() settles, and returns when the
 * device will keep its data without power.
 *
 * Lock: the kernel's, at every call. A device that has to be waited for is waited for with nothing
 * else let in: nothing here sleeps, as operations (filesystem.h) must not.
 */
#ifndef GUESTOS_BLOCK_H
#define GUESTOS_BLOCK_H

#include "guestos/kernel/types.h"

#define SECTOR_BYTES 512u

struct block_device {
    char name[16];   /* as below /dev */
    uint32_t number; /* major << 8 | minor */
    uint64_t sectors;
    bool busy; /* a file system is on it, or on a part of it */
    bool read_only;
    struct block_device *whole; /* of a partition: the disk; else NULL */
    struct block_device *next;  /* of all that there are */
    /* 0 or -EIO ...; the range is inside the device: the calls below see to it. */
    int (*read)(struct block_device *device, uint64_t sector, uint32_t count, void *to);
    int (*write)(struct block_device *device, uint64_t sector, uint32_t count, const void *from);
    int (*flush)(struct block_device *device); /* NULL: nothing to do */
    /* Begins a transfer: 0, or -Exxx if it failed at once. NULL: read() and write() are used. */
    int (*later)(struct block_device *device, uint64_t sector, uint32_t count, void *data,
                 bool write);
    /* Waits for all that was begun; the first error since the last call. NULL without later(). */
    int (*settle)(struct block_device *device);
};

int block_read(struct block_device *device, uint64_t sector, uint32_t count, void *to);
int block_write(struct block_device *device, uint64_t sector, uint32_t count, const void *from);
int block_read_later(struct block_device *device, uint64_t sector, uint32_t count, void *to);
int block_write_later(struct block_device *device, uint64_t sector, uint32_t count,
                      const void *from);
int block_settle(struct block_device *device);
int block_flush(struct block_device *device);

#endif
