/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * disks.c - which disks a domain has: Domain 0 those of the machine, others what the store says
 *
 * Domain 0 gives itself each whole disk by its own hypercall (include/xenolith/io.h), with the
 * names that the bare kernel has for them. Others find below device/vbd what Domain 0's tools have
 * written, put the ring's grant and the port there, and wait until the other end is connected.
 */
#include "guestos/arch/xen/blkfront.h"
#include "guestos/block/devices.h"
#include "guestos/kernel/errno.h"

#include <xen/io/xenbus.h>

#define VDISK_READONLY 4u /* public/io/blkif.h */

/* ---- Domain 0 ------------------------------------------------------------------------------ */

static bool open_own(uint32_t disk)
{
    struct xenolith_io_op op = {.command = XENOLITH_IO_DISK, .disk = disk};
    char name[8];

    if (io_op(&op))
        return false;
    uint64_t sectors = op.sectors;
    struct blkfront *front = blkfront_make(0);
    if (!front)
        return false;
    op = (struct xenolith_io_op){
        .command = XENOLITH_IO_CONNECT,
        .handle = IDE_MAJOR << 8 | disk * 64,
        .connect = {.ring = front->ring_ref, .port = front->port, .extents = 1},
    };
    op.connect.extent[0] = (struct xenolith_io_extent){.disk = disk, .sectors = sectors};
    int error = io_op(&op);
    if (error) {
        kprintf("disk %u cannot be connected: error %d\n", disk, -error);
        return false;
    }
    format(name, sizeof(name), "hd%c", (int)('a' + disk));
    blkfront_open(front, name, op.handle, sectors, false, true);
    return true;
}

/* ---- other domains ------------------------------------------------------------------------- */

/* The name that Linux gives a device of this number: xvda, xvda1, hdb; false: another kind. */
static bool name_of(uint32_t number, char *name, uint32_t size, bool *whole)
{
    uint32_t major = number >> 8, minor = number & 0xff, per_disk = major == IDE_MAJOR ? 64 : 16;
    uint32_t part = minor % per_disk;

    if (major != XVD_MAJOR && major != IDE_MAJOR)
        return false;
    *whole = !part;
    format(name, size, "%s%c", major == IDE_MAJOR ? "hd" : "xvd", (int)('a' + minor / per_disk));
    if (part)
        format(name + strlen(name), size - (uint32_t)strlen(name), "%u", part);
    return true;
}

static bool offer(const char *own, const struct blkfront *front)
{
    return !xenbus_put_number(own, "ring-ref", front->ring_ref) &&
           !xenbus_put_number(own, "event-channel", front->port) &&
           !xenbus_write(own, "protocol", "x86_32-abi") &&
           !xenbus_put_number(own, "state", XenbusStateInitialised);
}

static void open_stored(struct stored_device *stored)
{
    const char *own = stored->own, *back = stored->back;
    char device[16];
    bool whole;

    uint32_t number = (uint32_t)xenbus_number(own, "virtual-device");
    if (xenbus_read(own, "backend", stored->back, sizeof(stored->back)) <= 0 ||
        !name_of(number, device, sizeof(device), &whole)) {
        kprintf("virtual disk %s is of no kind that is known here\n", stored->name);
        return;
    }
    struct blkfront *front = blkfront_make((uint16_t)xenbus_number(own, "backend-id"));
    if (!front || !offer(own, front) || !xenbus_wait_for_back(back)) {
        kprintf("%s: the other end is not connected\n", device); /* it may yet use the ring */
        return;
    }
    uint64_t sectors = xenbus_number(back, "sectors");
    bool read_only = xenbus_number(back, "info") & VDISK_READONLY;
    xenbus_put_number(own, "state", XenbusStateConnected);
    blkfront_open(front, device, number, sectors, read_only, whole);
    stored->front = front;
}

static void close_stored(struct stored_device *stored)
{
    blkfront_close(stored->front);
}

struct device_kind disk_kind = {"device/vbd", open_stored, close_stored, {{.name = ""}}};

void disks_find(void)
{
    if (start_info->flags & SIF_INITDOMAIN)
        for (uint32_t disk = 0; open_own(disk);)
            disk++;
    else
        devices_look(&disk_kind);
}
