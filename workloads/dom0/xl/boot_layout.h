/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * boot_layout.h - where things lie in a new domain's memory, and the page tables that map it
 */
#ifndef XENOLITH_XL_BOOT_LAYOUT_H
#define XENOLITH_XL_BOOT_LAYOUT_H

#include <stdint.h>

#include "include/image/kernel_image.h"

#define PAE_ENTRIES 512 /* of every page table; the L3 uses four */

struct page_range {
    uint32_t first, count; /* pseudo-physical frames */
};

struct boot_layout {
    uint32_t virt_base;
    uint32_t pages;  /* the domain's memory */
    uint32_t mapped; /* frames 0..mapped-1 are in the boot page tables */
    struct page_range ramdisk, frame_list, start_info, store, console, tables, stack;
    uint32_t l2_slots;    /* bit i: L3 entry i is used */
    uint32_t first_table; /* of the L1 tables: number of the 2 MB region that the first one maps */
    uint32_t l1_count;
};

/*
 * Lays out a domain of `pages` frames. Returns NULL, or the rest of a sentence that says why there
 * is no room.
 */
const char *boot_layout_make(const struct kernel_image *kernel, uint32_t ramdisk_bytes,
                             uint32_t pages, struct boot_layout *layout);

/* The least memory, in whole MB, with which the above has room; 0: it has with none. */
uint32_t boot_layout_least(const struct kernel_image *kernel, uint32_t ramdisk_bytes);

/* Virtual address of a frame that the layout maps. */
uint32_t boot_layout_address(const struct boot_layout *layout, uint32_t frame);

/*
 * Fills tables[layout->tables.count][PAE_ENTRIES], the domain's first page tables in the order of
 * their frames: L3, L2s, L1s. machine[frame] is the machine frame of each pseudo-physical frame.
 */
void boot_layout_tables(const struct boot_layout *layout, const uint32_t *machine,
                        uint64_t (*tables)[PAE_ENTRIES]);

#endif
