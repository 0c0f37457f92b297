/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * block.h - block devices
 *
 * A device is a row of sectors of 512 bytes, read and written in kernel memory. A call returns when
 * the device has the data; flush() when it will keep it without power.
 *
 * Lock: the kernel's, at every call. A device that had to be waited for would be polled: nothing
 * here sleeps, as operations (filesystem.h) must not.
 */
#ifndef GUESTOS_BLOCK_H
#define GUESTOS_BLOCK_H

#include "guestos/kernel/types.h"

#define SECTOR_BYTES 512u

struct block_device {
    char name[16]; /* as below /dev */
    uint64_t sectors;
    bool busy; /* a file system is on it */
    /* 0 or -EIO ...; the range is inside the device: block_read() and block_write() see to it. */
    int (*read)(struct block_device *device, uint64_t sector, uint32_t count, void *to);
    int (*write)(struct block_device *device, uint64_t sector, uint32_t count, const void *from);
    int (*flush)(struct block_device *device); /* NULL: nothing to do */
};

int block_read(struct block_device *device, uint64_t sector, uint32_t count, void *to);
int block_write(struct block_device *device, uint64_t sector, uint32_t count, const void *from);
int block_flush(struct block_device *device);

#endif
