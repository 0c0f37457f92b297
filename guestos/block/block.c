/* SPDX-License-Identifier: GPL-2.0-only */
/* block.c - see block.h; pure, so that the host tests file systems on it */
#include "guestos/block/block.h"
#include "guestos/kernel/errno.h"

static bool inside(const struct block_device *device, uint64_t sector, uint32_t count)
{
    return sector <= device->sectors && count <= device->sectors - sector;
}

int block_read(struct block_device *device, uint64_t sector, uint32_t count, void *to)
{
    return inside(device, sector, count) ? device->read(device, sector, count, to) : -EIO;
}

int block_write(struct block_device *device, uint64_t sector, uint32_t count, const void *from)
{
    if (device->read_only)
        return -EROFS;
    return inside(device, sector, count) ? device->write(device, sector, count, from) : -EIO;
}

int block_read_later(struct block_device *device, uint64_t sector, uint32_t count, void *to)
{
    if (!device->later || !inside(device, sector, count))
        return block_read(device, sector, count, to);
    return device->later(device, sector, count, to, false);
}

int block_write_later(struct block_device *device, uint64_t sector, uint32_t count,
                      const void *from)
{
    if (!device->later || device->read_only || !inside(device, sector, count))
        return block_write(device, sector, count, from);
    return device->later(device, sector, count, (void *)(uintptr_t)from, true);
}

int block_settle(struct block_device *device)
{
    return device->settle ? device->settle(device) : 0;
}

int block_flush(struct block_device *device)
{
    int error = block_settle(device);

    return error || !device->flush ? error : device->flush(device);
}
