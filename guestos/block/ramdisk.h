/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ramdisk.h - block devices in memory, /dev/ram0 to /dev/ram3
 *
 * Lock: the kernel's, at every call. Nothing here sleeps.
 */
#ifndef GUESTOS_RAMDISK_H
#define GUESTOS_RAMDISK_H

#include "guestos/block/block.h"

/* ram0 is the ramdisk that the machine was booted with; it stays where it is. */
struct block_device *ramdisk_adopt(uint8_t *image, uint32_t bytes);
void ramdisks_init(void); /* those that are not there yet */

#endif
