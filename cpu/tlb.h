/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tlb.h - the simulated processor's TLB: fully associative, true LRU, tagged by nothing
 *
 * This is the hardware whose misses are counted and charged. The execution engine's own
 * translation cache is an accelerator and has nothing to do with it.
 *
 * Exact LRU without work on every access. Uses that the fast paths make are not told to the TLB;
 * they leave time stamps on whatever made them (a cache line in the filter, a block of code). An
 * entry's true last use is then the latest of its own stamp and of those, which newest() reports.
 * The entries form a list by a lower bound of their last use; to find a victim the last one's true
 * use is computed, and unless it is older than the next one's bound it moves up to where it
 * belongs. Whoever remains last is the least recently used.
 */
#ifndef XENOLITH_CPU_TLB_H
#define XENOLITH_CPU_TLB_H

#include <stdbool.h>
#include <stdint.h>

#define TLB_ENTRIES_MAX 64
#define TLB_NONE        0xff

struct tlb_entry {
    uint32_t page; /* the linear page of 4 KB it was filled for */
    uint8_t shift; /* 12, 21 or 22: how much it maps */
    bool global;   /* survives a CR3 load */
    uint8_t previous, next;
    uint64_t stamp; /* last use that is known */
    uint64_t bound; /* the list's key, at most the last use */
};

struct tlb {
    unsigned entries;
    uint64_t used;                                   /* one bit an entry */
    uint8_t *small;                                  /* entry of a 4 KB page, by page */
    uint64_t (*newest)(void *owner, unsigned entry); /* of the uses not told; 0 for none */
    void (*dropped)(void *owner, unsigned entry);    /* the entry goes: forget what hangs on it */
    void *owner;
    struct tlb_entry entry[TLB_ENTRIES_MAX + 1]; /* the last is the list's head */
    uint8_t large[2048];                         /* entry of a large page, by 2 MB */
};

/* Prepares an empty TLB of 1 to TLB_ENTRIES_MAX entries. False: no memory. */
bool tlb_open(struct tlb *tlb, unsigned entries, void *owner,
              uint64_t (*newest)(void *owner, unsigned entry),
              void (*dropped)(void *owner, unsigned entry));
void tlb_close(struct tlb *tlb);

/* The entry that maps a linear page, or TLB_NONE. Does not count as a use. */
static inline unsigned tlb_find(const struct tlb *tlb, uint32_t page)
{
    unsigned entry = tlb->small[page];
    return entry != TLB_NONE ? entry : tlb->large[page >> 9];
}

/* The entry is used at time `now`, later than anything before. */
static inline void tlb_use(struct tlb *tlb, unsigned entry, uint64_t now)
{
    tlb->entry[entry].stamp = now;
}

/* Fills an entry for a page that tlb_find() does not know, and uses it; returns it. */
unsigned tlb_fill(struct tlb *tlb, uint32_t page, unsigned shift, bool global, uint64_t now);

void tlb_drop_all(struct tlb *tlb, bool global_too);
void tlb_drop_page(struct tlb *tlb, uint32_t page);

#endif
