/* SPDX-License-Identifier: GPL-2.0-only */
/* multiboot.h - loading a kernel and its modules as a Multiboot 0.6.96 boot loader does */
#ifndef XENOLITH_SIM_MULTIBOOT_H
#define XENOLITH_SIM_MULTIBOOT_H

#include "sim/load/file.h"

#define BOOT_MODULES_MAX 16
#define MULTIBOOT_BOOTED 0x2badb002u /* in EAX */

struct boot_item {
    struct file file;
    const char *arguments; /* "" for none */
};

struct boot_images {
    struct boot_item kernel;
    struct boot_item module[BOOT_MODULES_MAX];
    unsigned modules;
};

struct boot_entry {
    uint32_t eip;
    uint32_t info; /* in EBX */
};

/*
 * Puts the images and the information structure into guest memory (zero so far). False with one
 * sentence in `why`, and the memory in no defined state: not Multiboot, a file shorter than its
 * headers say, an image that does not fit or overlaps what is the firmware's.
 */
bool multiboot_load(uint8_t *ram, uint32_t ram_bytes, const struct boot_images *images,
                    struct boot_entry *entry, char *why, size_t why_bytes);

/* Whether a Multiboot header lies in the first 8192 bytes, as it must. */
bool multiboot_has_header(const struct file *file);

#endif
