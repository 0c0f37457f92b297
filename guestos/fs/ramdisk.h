/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ramdisk.h - block devices in memory, /dev/ram0 to /dev/ram3, and how programs read block devices
 *
 * Lock: the kernel's, at every call. Nothing here sleeps.
 */
#ifndef GUESTOS_RAMDISK_H
#define GUESTOS_RAMDISK_H

#include "guestos/fs/block.h"

struct file_ops;

/* /dev/ram0 is the ramdisk that the machine was booted with; it stays where it is. */
void ramdisk_adopt(uint8_t *image, uint32_t bytes);
void ramdisks_init(void); /* makes the names in /dev */
/* By device number (major << 8 | minor); NULL: no such device. */
struct block_device *block_device(uint32_t number);
/* By path, as mount(2) has it: "/dev/ram0". NULL. */
struct block_device *block_device_named(const char *path);
extern const struct file_ops block_ops;

#endif
