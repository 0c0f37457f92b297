/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ramdisk.c - block devices in memory, and block devices as files
 *
 * The disk that the machine was booted with is one piece of memory. The others get a page when a
 * sector in it is first written; what was never written reads as zero.
 */
#include "guestos/fs/ramdisk.h"
#include "include/xenolith/announce.h"
#include "guestos/fs/file.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"

#define RAMDISKS     4
#define RAM_MAJOR    1u
#define RAM_BYTES    (4u << 20) /* of those that are not booted with */
#define PAGE_SECTORS (PAGE_SIZE / SECTOR_BYTES)

struct ramdisk {
    struct block_device device;
    uint8_t *image; /* one piece; NULL: pages */
    uint8_t **page;
};

static struct ramdisk disks[RAMDISKS];

/* Where a sector is; NULL: never written, or no memory. */
static uint8_t *place(struct ramdisk *disk, uint32_t sector, bool create)
{
    if (disk->image)
        return disk->image + sector * SECTOR_BYTES;
    if (!disk->page && create)
        disk->page = heap_allocate(RAM_BYTES / PAGE_SIZE * sizeof(*disk->page));
    if (!disk->page)
        return NULL;
    uint8_t **page = &disk->page[sector / PAGE_SECTORS];
    if (!*page && create)
        *page = heap_allocate(PAGE_SIZE);
    return *page ? *page + sector % PAGE_SECTORS * SECTOR_BYTES : NULL;
}

static int ram_read(struct block_device *device, uint64_t sector, uint32_t count, void *to)
{
    struct ramdisk *disk = CONTAINER(device, struct ramdisk, device);

    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *from = place(disk, (uint32_t)sector + i, false);
        uint8_t *at = (uint8_t *)to + i * SECTOR_BYTES;

        if (from)
            memcpy(at, from, SECTOR_BYTES);
        else
            memset(at, 0, SECTOR_BYTES);
    }
    return 0;
}

static int ram_write(struct block_device *device, uint64_t sector, uint32_t count, const void *from)
{
    struct ramdisk *disk = CONTAINER(device, struct ramdisk, device);

    for (uint32_t i = 0; i < count; i++) {
        uint8_t *to = place(disk, (uint32_t)sector + i, true);

        if (!to)
            return -ENOSPC;
        memcpy(to, (const uint8_t *)from + i * SECTOR_BYTES, SECTOR_BYTES);
    }
    return 0;
}

static void set_up(struct ramdisk *disk, uint64_t bytes)
{
    disk->device.sectors = bytes / SECTOR_BYTES;
    disk->device.read = ram_read;
    disk->device.write = ram_write;
    format(disk->device.name, sizeof(disk->device.name), "ram%u", (uint32_t)(disk - disks));
}

void ramdisk_adopt(uint8_t *image, uint32_t bytes)
{
    /* Within one page, which is how an announcement is read. */
    static struct announced_ramdisk record __attribute__((aligned(16)));
    disks[0].image = image;
    set_up(&disks[0], bytes);
    record = (struct announced_ramdisk){ANNOUNCE_RAMDISK_MAGIC, (uint32_t)image, bytes};
    arch_announce_ramdisk(&record);
}

void ramdisks_init(void)
{
    for (uint32_t i = 0; i < RAMDISKS; i++) {
        char path[16];

        if (!disks[i].device.sectors)
            set_up(&disks[i], RAM_BYTES);
        format(path, sizeof(path), "/dev/%s", disks[i].device.name);
        struct inode *inode = path_create(root_inode, path, MODE_BLOCK | 0600);
        if (IS_ERR(inode))
            continue; /* the root file system has brought the name with it */
        inode->device = RAM_MAJOR << 8 | i;
        inode_release(inode);
    }
}

struct block_device *block_device(uint32_t number)
{
    uint32_t minor = number & 0xff;

    return number >> 8 == RAM_MAJOR && minor < RAMDISKS ? &disks[minor].device : NULL;
}

struct block_device *block_device_named(const char *path)
{
    struct inode *inode = path_lookup(root_inode, path, 0);

    if (IS_ERR(inode))
        return NULL;
    struct block_device *device =
        (inode->mode & MODE_TYPE) == MODE_BLOCK ? block_device(inode->device) : NULL;
    inode_release(inode);
    return device;
}

/* ---- as files -------------------------------------------------------------------------------- */

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

/* One sector after the other through a buffer; `write` chooses the direction. */
static int transfer(struct file *file, uint32_t user, uint32_t bytes, uint32_t *position,
                    bool write)
{
    struct block_device *device = device_of(file);
    uint32_t size = (uint32_t)MIN(device->sectors * SECTOR_BYTES, (uint64_t)FILE_LIMIT), done = 0;
    uint8_t sector[SECTOR_BYTES];
    int error = 0;

    if (*position >= size)
        return write && bytes ? -ENOSPC : 0;
    bytes = MIN(bytes, size - *position);
    while (done < bytes && !error) {
        uint32_t at = *position + done, within = at % SECTOR_BYTES;
        uint32_t n = MIN(bytes - done, SECTOR_BYTES - within);

        if (!write || n < SECTOR_BYTES)
            error = block_read(device, at / SECTOR_BYTES, 1, sector);
        if (!error && write) {
            error = copy_from_user(sector + within, (const void *)(user + done), n) ? -EFAULT : 0;
            if (!error)
                error = block_write(device, at / SECTOR_BYTES, 1, sector);
        } else if (!error) {
            error = copy_to_user((void *)(user + done), sector + within, n) ? -EFAULT : 0;
        }
        done += error ? 0 : n;
    }
    *position += done;
    return done ? (int)done : error;
}

static int block_file_read(struct file *file, void *to, uint32_t bytes, uint32_t *position)
{
    return transfer(file, (uint32_t)to, bytes, position, false);
}

static int block_file_write(struct file *file, const void *from, uint32_t bytes, uint32_t *position)
{
    if (device_of(file)->busy)
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
