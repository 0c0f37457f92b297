/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pages.h - page frames
 *
 * One 8-byte record a frame. Free frames are kept by the buddy method: a free block of 2^order
 * frames begins at a multiple of its size, and two free buddies are always joined. Frames in
 * use carry a reference count: one for each page-table entry, file or holder that keeps them.
 *
 * The records speak of frame numbers only, never of addresses, so that the allocator also runs
 * in a unit test on the host.
 *
 * Lock: the kernel's, at every call, but while the machine boots. Nothing here sleeps. An
 * allocation may give up clean pages of files (pages_set_reclaim()): who needs such a page holds
 * its frame first.
 */
#ifndef GUESTOS_PAGES_H
#define GUESTOS_PAGES_H

#include "guestos/kernel/types.h"

#define PAGE_ORDERS 11        /* blocks of 1 to 1024 frames */
#define PFN_NONE    0xffffffu /* 24 bits number 64 GB */

struct page {
    uint32_t next : 24; /* of a free block's first frame: the next block of its size; page_link() */
    uint32_t order : 7; /* of the block that begins here */
    uint32_t free : 1;  /* a free block begins here */
    union {
        uint32_t previous;   /* free: the block before this one in the list */
        uint32_t references; /* otherwise; 0: reserved, or inside a block */
    };
};

/* All frames begin reserved: neither free nor in use. `map` has room for `count` records. */
void pages_init(struct page *map, uint32_t count);
/* Frames first..end-1 become free. */
void pages_add(uint32_t first, uint32_t end);

/*
 * From now on single frames come in an order that the seed decides, out of blocks of up to 2 MB: as
 * from the free lists of a kernel that has run for a while. Without, frames come ascending, and two
 * processes that start together share a cache's page colours out between them. 0: ascending.
 */
void pages_scatter(uint32_t seed);
/* 2^order frames with one reference, contents unknown; PFN_NONE if there are none. */
uint32_t pages_allocate(unsigned order);
/* When there are none, this is asked to free some, and the attempt repeated if it did. */
void pages_set_reclaim(bool (*reclaim)(void));
/* Asks for it at once; whether any was freed. */
bool pages_reclaim(void);
void page_hold(uint32_t pfn);
/* Gives one reference back; the last one frees the block. */
void page_release(uint32_t pfn);
uint32_t page_references(uint32_t pfn);
/* A frame in use may be linked to another by its holder; PFN_NONE: the last. */
uint32_t page_link(uint32_t pfn);
void page_set_link(uint32_t pfn, uint32_t next);

uint32_t pages_total(void);
uint32_t pages_free(void);

#endif
