/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * heap.h - memory for the kernel's own objects
 *
 * Sizes up to half a page come from pages cut into equal pieces (16, 32 ... 2048 bytes); larger
 * ones are whole blocks of pages. Which of both an address is, its offset in the page tells: the
 * first piece of a cut page is its header, so that only whole pages begin at a page boundary.
 *
 * Lock: the kernel's, at every call. Nothing here sleeps; memory for it may come from clean pages
 * of files, which are given up.
 */
#ifndef GUESTOS_HEAP_H
#define GUESTOS_HEAP_H

#include "guestos/kernel/types.h"
#include "guestos/arch.h"
#include "guestos/mm/allocate.h"

static inline void *page_address(uint32_t pfn)
{
    return (void *)(KERNEL_BASE + (pfn << PAGE_SHIFT));
}

static inline uint32_t address_pfn(const void *address)
{
    return ((uint32_t)address - KERNEL_BASE) >> PAGE_SHIFT;
}

/* One zeroed page with one reference; PFN_NONE. */
uint32_t page_allocate_zeroed(void);

/* Of each size, 2^HEAP_SMALLEST bytes and up to 2^HEAP_LARGEST: pieces in use, and cut. */
#define HEAP_SMALLEST 4
#define HEAP_LARGEST  11
struct heap_usage {
    uint32_t used, cut;
};
extern struct heap_usage heap_usage[HEAP_LARGEST + 1];

#endif
