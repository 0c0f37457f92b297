/* SPDX-License-Identifier: GPL-2.0-only */
/* vbd.c - virtual disks (public/io/blkif.h): what they can do, and which sectors they are */
#include <string.h>

#include "workloads/dom0/xend/backend.h"
#include "workloads/dom0/xend/extents.h"
#include "workloads/dom0/xl/hypercall.h"

#define READ_ONLY "4" /* VDISK_READONLY of public/io/blkif.h, as "info" says it */

static void publish(const struct device *disk)
{
    node_set(disk->back, "feature-flush-cache", "1");
    node_set(disk->back, "feature-barrier", "1");
}

static const char *connect(const struct device *disk)
{
    struct xenolith_io_op op = {
        .command = XENOLITH_IO_CONNECT, .domain = disk->domain, .handle = disk->number};
    char params[DEVICE_VALUE_BYTES], mode[DEVICE_VALUE_BYTES] = "r";
    char protocol[DEVICE_VALUE_BYTES] = "x86_32-abi";
    unsigned long long sectors = 0;

    node_get(disk->front, "protocol", protocol);
    if (strcmp(protocol, "x86_32-abi") != 0)
        return "the protocol is not x86_32-abi";
    node_get(disk->back, "mode", mode);
    op.connect.ring = node_number(disk->front, "ring-ref");
    op.connect.port = node_number(disk->front, "event-channel");
    op.connect.flags = mode[0] == 'w' ? 0 : XENOLITH_IO_READ_ONLY;
    if (!node_get(disk->back, "params", params) || !extents_find(params, &op.connect))
        return "there is no such disk, or it is too small";
    for (unsigned i = 0; i < op.connect.extents; i++)
        sectors += op.connect.extent[i].sectors;
    if (hypercall_io(&op) < 0)
        return "the ring or the port cannot be used";
    node_set_number(disk->back, "sectors", sectors);
    node_set(disk->back, "sector-size", "512");
    node_set(disk->back, "info", mode[0] == 'w' ? "0" : READ_ONLY);
    return NULL;
}

const struct device_kind vbd_kind = {"vbd", publish, connect, XENOLITH_IO_DISCONNECT};
