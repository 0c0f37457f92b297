/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * boot.h - from the port's boot code to the kernel
 *
 * Lock: none is there yet; kernel_main() takes the kernel's.
 */
#ifndef GUESTOS_ARCH_BOOT_H
#define GUESTOS_ARCH_BOOT_H

#include "guestos/kernel/types.h"

struct boot_info {
    char command_line[1024];
    uint8_t *ramdisk; /* NULL: none */
    uint32_t ramdisk_bytes;
};

/* The port calls this on the boot stack, with memory handed to mm/pages.h and interrupts off. */
void kernel_main(struct boot_info *boot) __attribute__((noreturn));

#endif
