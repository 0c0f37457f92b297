/* SPDX-License-Identifier: GPL-2.0-only */
/* devices.c - see devices.h */
#include "guestos/block/devices.h"
#include "guestos/fs/inode.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/heap.h"

struct part {
    struct block_device device;
    uint64_t first;
};

static struct block_device *devices;
static bool named; /* /dev is there */

/* ---- partitions ------------------------------------------------------------------------------ */

static uint64_t first_of(const struct block_device *device)
{
    return CONTAINER(device, struct part, device)->first;
}

static int part_read(struct block_device *device, uint64_t sector, uint32_t count, void *to)
{
    return block_read(device->whole, first_of(device) + sector, count, to);
}

static int part_write(struct block_device *device, uint64_t sector, uint32_t count,
                      const void *from)
{
    return block_write(device->whole, first_of(device) + sector, count, from);
}

static int part_later(struct block_device *device, uint64_t sector, uint32_t count, void *data,
                      bool write)
{
    sector += first_of(device);
    return write ? block_write_later(device->whole, sector, count, data)
                 : block_read_later(device->whole, sector, count, data);
}

static int part_settle(struct block_device *device)
{
    return block_settle(device->whole);
}

static int part_flush(struct block_device *device)
{
    return block_flush(device->whole);
}

static void add_part(struct block_device *whole, unsigned number, const struct partition *found)
{
    struct part *part = heap_allocate(sizeof(*part));

    if (!part)
        return;
    part->first = found->first;
    part->device = (struct block_device){.number = whole->number + number,
                                         .sectors = found->sectors,
                                         .read_only = whole->read_only,
                                         .whole = whole,
                                         .read = part_read,
                                         .write = part_write,
                                         .later = part_later,
                                         .settle = part_settle,
                                         .flush = part_flush};
    format(part->device.name, sizeof(part->device.name), "%s%u", whole->name, number);
    block_add(&part->device, false);
}

static void add_parts(struct block_device *whole)
{
    uint8_t *sector = heap_allocate(SECTOR_BYTES);
    struct partition part[PARTITIONS];

    if (sector && !block_read(whole, 0, 1, sector)) {
        partitions_read(sector, whole->sectors, part);
        for (unsigned i = 0; i < PARTITIONS; i++)
            if (part[i].sectors)
                add_part(whole, i + 1, &part[i]);
    }
    heap_free(sector);
}

/* ---- all devices ----------------------------------------------------------------------------- */

static void make_name(const struct block_device *device)
{
    char path[24];

    format(path, sizeof(path), "/dev/%s", device->name);
    struct inode *inode = path_create(root_inode, path, MODE_BLOCK | 0600);
    if (IS_ERR(inode))
        return; /* the root file system has brought the name with it */
    inode->device = device->number;
    inode_release(inode);
}

void block_add(struct block_device *device, bool parts)
{
    struct block_device **link = &devices;

    while (*link)
        link = &(*link)->next;
    *link = device;
    if (named)
        make_name(device);
    if (parts)
        add_parts(device);
}

void block_devices_name(void)
{
    named = true;
    for (const struct block_device *device = devices; device; device = device->next)
        make_name(device);
}

struct block_device *block_device(uint32_t number)
{
    struct block_device *device = devices;

    while (device && device->number != number)
        device = device->next;
    return device;
}

struct block_device *block_device_called(const char *name)
{
    struct block_device *device = devices;

    if (!strncmp(name, "/dev/", 5))
        name += 5;
    while (device && strcmp(device->name, name) != 0)
        device = device->next;
    return device;
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

bool block_taken(const struct block_device *device)
{
    for (const struct block_device *other = devices; other; other = other->next)
        if (other->busy && (other == device || other->whole == device || device->whole == other))
            return true;
    return false;
}

bool block_take(struct block_device *device)
{
    if (block_taken(device))
        return false;
    device->busy = true;
    return true;
}

void block_give_back(struct block_device *device)
{
    device->busy = false;
}
