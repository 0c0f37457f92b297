/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * devices.h - which block devices there are, their partitions, their names below /dev
 *
 * Lock: the kernel's, at every call. Nothing here sleeps.
 */
#ifndef GUESTOS_BLOCK_DEVICES_H
#define GUESTOS_BLOCK_DEVICES_H

#include "guestos/block/block.h"

struct file_ops;

/* Linux's numbers (Documentation/admin-guide/devices.txt). */
#define RAM_MAJOR 1u
#define IDE_MAJOR 3u
#define XVD_MAJOR 202u

/*
 * A device that can be used from now on; it has a name, a number and its functions, and stays. With
 * `parts`, the partitions that its first sector tells of become devices too, with the minor numbers
 * behind its own.
 */
void block_add(struct block_device *device, bool parts);
void block_devices_name(void); /* makes all names in /dev, once there is a root file system */

struct block_device *block_device(uint32_t number); /* major << 8 | minor; NULL: no such device */
/* As root= has it: "hda1" or "/dev/hda1"; NULL. */
struct block_device *block_device_called(const char *name);
/* By path, as mount(2) has it: "/dev/ram0", a node with a device's number; NULL. */
struct block_device *block_device_named(const char *path);
/* A file system takes it: false if there is one on it, on a part of it or on the whole. */
bool block_take(struct block_device *device);
void block_give_back(struct block_device *device);
/* Whether a write past the file systems would change what one of them has in memory. */
bool block_taken(const struct block_device *device);

extern const struct file_ops block_ops; /* file.c */

/* ---- partition.c, pure ----------------------------------------------------------------------- */

#define PARTITIONS 4

struct partition {
    uint32_t first, sectors; /* 0 sectors: none */
};

/* Reads a master boot record's table of a disk with so many sectors; what it cannot be is none. */
void partitions_read(const uint8_t sector[SECTOR_BYTES], uint64_t sectors,
                     struct partition part[PARTITIONS]);

#endif
