/* SPDX-License-Identifier: GPL-2.0-only */
/* file.c - block devices as files, which programs read and write past all file systems */
#include "guestos/block/devices.h"
#include "guestos/fs/file.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/heap.h"
#include "guestos/process/process.h"

#define CHUNK 32768u /* bytes of a transfer; a page if memory is in pieces */

#define BLKGETSIZE   0x1260u /* linux/fs.h, i386 */
#define BLKFLSBUF    0x1261u
#define BLKSSZGET    0x1268u
#define BLKGETSIZE64 0x80041272u

/* Only what block_device() knows can be opened, and no device goes. */
static struct block_device *device_of(const struct file *file)
{
    struct block_device *device = block_device(file->inode->device);

    ASSERT(device);
    return device;
}

/*
 * Whole sectors that hold the bytes from `at` on, at most as many as the buffer has room for. What
 * is written only in part is read first. Returns bytes moved, or -Exxx.
 */
static int move(struct block_device *device, uint8_t *buffer, uint32_t room, uint32_t at,
                uint32_t user, uint32_t bytes, bool write)
{
    uint32_t first = at / SECTOR_BYTES, within = at % SECTOR_BYTES;
    uint32_t n = MIN(bytes, room - within), end = within + n;
    uint32_t sectors = (end + SECTOR_BYTES - 1) / SECTOR_BYTES;
    int error = 0;

    if (!write || within || end % SECTOR_BYTES)
        error = block_read(device, first, sectors, buffer);
    if (error)
        return error;
    if (!write)
        return copy_to_user((void *)user, buffer + within, n) ? -EFAULT : (int)n;
    if (copy_from_user(buffer + within, (const void *)user, n))
        return -EFAULT;
    error = block_write(device, first, sectors, buffer);
    return error ? error : (int)n;
}

/* `write` chooses the direction. */
static int transfer(struct file *file, uint32_t user, uint32_t bytes, uint32_t *position,
                    bool write)
{
    struct block_device *device = device_of(file);
    uint32_t size = (uint32_t)MIN(device->sectors * SECTOR_BYTES, (uint64_t)FILE_LIMIT), done = 0;
    int n = 0;

    if (*position >= size)
        return write && bytes ? -ENOSPC : 0;
    bytes = MIN(bytes, size - *position);
    uint32_t room = CHUNK;
    uint8_t *buffer = heap_allocate(room);
    if (!buffer)
        buffer = heap_allocate(room = PAGE_SIZE);
    if (!buffer)
        return -ENOMEM;
    while (done < bytes) {
        n = move(device, buffer, room, *position + done, user + done, bytes - done, write);
        if (n <= 0)
            break;
        done += (uint32_t)n;
    }
    heap_free(buffer);
    *position += done;
    return done ? (int)done : n;
}

static int block_file_read(struct file *file, void *to, uint32_t bytes, uint32_t *position)
{
    return transfer(file, (uint32_t)to, bytes, position, false);
}

static int block_file_write(struct file *file, const void *from, uint32_t bytes, uint32_t *position)
{
    if (block_taken(device_of(file)))
        return -EBUSY; /* a file system has parts of it in memory */
    return transfer(file, (uint32_t)from, bytes, position, true);
}

static int give(uint32_t address, const void *value, uint32_t bytes)
{
    return copy_to_user((void *)address, value, bytes) ? -EFAULT : 0;
}

static int block_ioctl(struct file *file, uint32_t request, uint32_t argument)
{
    struct block_device *device = device_of(file);
    uint64_t bytes = device->sectors * SECTOR_BYTES;
    uint32_t sectors = (uint32_t)device->sectors, sector = SECTOR_BYTES;

    switch (request) {
    case BLKGETSIZE:
        return give(argument, &sectors, sizeof(sectors));
    case BLKGETSIZE64:
        return give(argument, &bytes, sizeof(bytes));
    case BLKSSZGET:
        return give(argument, &sector, sizeof(sector));
    case BLKFLSBUF:
        return block_flush(device);
    default:
        return -ENOTTY;
    }
}

static int block_open(struct file *file)
{
    const struct block_device *device = device_of(file);

    file->inode->size = (uint32_t)MIN(device->sectors * SECTOR_BYTES, (uint64_t)FILE_LIMIT);
    return 0;
}

const struct file_ops block_ops = {
    .read = block_file_read,
    .write = block_file_write,
    .ioctl = block_ioctl,
    .open = block_open,
};
