/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ramdisk.c - block devices in memory
 *
 * The disk that the machine was booted with is one piece of memory. The others get a page when a
 * sector in it is first written; what was never written reads as zero.
 */
#include "guestos/block/ramdisk.h"
#include "include/xenolith/announce.h"
#include "guestos/arch.h"
#include "guestos/block/devices.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/heap.h"

#define RAMDISKS     4
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
    uint32_t minor = (uint32_t)(disk - disks);

    disk->device.number = RAM_MAJOR << 8 | minor;
    disk->device.sectors = bytes / SECTOR_BYTES;
    disk->device.read = ram_read;
    disk->device.write = ram_write;
    format(disk->device.name, sizeof(disk->device.name), "ram%u", minor);
    block_add(&disk->device, false);
}

struct block_device *ramdisk_adopt(uint8_t *image, uint32_t bytes)
{
    /* Within one page, which is how an announcement is read. */
    static struct announced_ramdisk record __attribute__((aligned(16)));

    disks[0].image = image;
    set_up(&disks[0], bytes);
    record = (struct announced_ramdisk){ANNOUNCE_RAMDISK_MAGIC, (uint32_t)image, bytes};
    arch_announce_ramdisk(&record);
    return &disks[0].device;
}

void ramdisks_init(void)
{
    for (uint32_t i = 0; i < RAMDISKS; i++)
        if (!disks[i].device.sectors)
            set_up(&disks[i], RAM_BYTES);
}
