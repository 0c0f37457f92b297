/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tlb.h - the simulated processor's TLB: fully associative, true LRU, tagged by nothing
 *
 * This is the hardware whose misses are counted and charged. The execution engine's own
 * translation cache is an accelerator and has nothing to do with it.
 *
 * Exact LRU without work on every access. The TLB is not notified of uses on the fast path;
 * they leave time stamps on whatever made them (a cache line in the filter, a block of code). An
 * entry's true last use is then the latest of its own stamp and of those, which newest() reports.
 * The entries form a list by a lower bound of their last use; to find a victim the last one's true
 * use is computed, and unless it is older than the next one's bound it moves up to where it
 * belongs. The entry that remains last is the least recently used.
 *
 * Programs whose pages do not fit miss all the time, so to fill is inline, with the owner's two
 * functions as constants.
 */
#ifndef XENOLITH_CPU_TLB_H
#define XENOLITH_CPU_TLB_H

#include <stdbool.h>
#include <stdint.h>

#define TLB_ENTRIES_MAX 64
#define TLB_NONE        0xff
#define TLB_HEAD        TLB_ENTRIES_MAX

struct tlb_entry {
    uint32_t page; /* the linear page of 4 KB it was filled for */
    uint8_t shift; /* 12, 21 or 22: how much it maps */
    bool global;   /* survives a CR3 load */
    uint8_t previous, next;
    uint64_t stamp; /* last use that is known */
    uint64_t bound; /* the list's key, at most the last use */
};

typedef uint64_t tlb_newest(void *owner, unsigned entry); /* on the fast path; 0: never */
typedef void tlb_dropped(void *owner, unsigned entry); /* the entry goes: forget what hangs on it */

struct tlb {
    unsigned entries;
    uint64_t used;  /* one bit an entry */
    uint8_t *small; /* entry of a 4 KB page, by page */
    tlb_dropped *dropped;
    void *owner;
    struct tlb_entry entry[TLB_ENTRIES_MAX + 1]; /* the last is the list's head */
    uint8_t large[2048];                         /* entry of a large page, by 2 MB */
};

/* Prepares an empty TLB of 1 to TLB_ENTRIES_MAX entries. False: no memory. */
bool tlb_open(struct tlb *tlb, unsigned entries, void *owner, tlb_dropped *dropped);
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
    if (tlb->entry[TLB_HEAD].next == entry)
        tlb->entry[entry].bound = now;
}

static inline void tlb_unlink(struct tlb *tlb, unsigned entry)
{
    struct tlb_entry *e = &tlb->entry[entry];

    tlb->entry[e->previous].next = e->next;
    tlb->entry[e->next].previous = e->previous;
}

static inline void tlb_link_after(struct tlb *tlb, unsigned place, unsigned entry)
{
    struct tlb_entry *e = &tlb->entry[entry];

    e->previous = (uint8_t)place;
    e->next = tlb->entry[place].next;
    tlb->entry[place].next = tlb->entry[e->next].previous = (uint8_t)entry;
}

/* After which entry one last used at `used` belongs. Some are the newest by far, others have but
 * left the old end, so the place is sought from both. */
static inline unsigned tlb_place(const struct tlb *tlb, uint64_t used)
{
    unsigned older = tlb->entry[TLB_HEAD].previous, newer = tlb->entry[TLB_HEAD].next;

    for (;;) {
        if (tlb->entry[newer].bound <= used)
            return tlb->entry[newer].previous;
        if (tlb->entry[older].bound > used)
            return older;
        newer = tlb->entry[newer].next;
        older = tlb->entry[older].previous;
    }
}

static inline unsigned tlb_victim(struct tlb *tlb, tlb_newest *newest)
{
    for (;;) {
        unsigned last = tlb->entry[TLB_HEAD].previous;
        struct tlb_entry *e = &tlb->entry[last];
        uint64_t used = newest(tlb->owner, last);

        if (used < e->stamp)
            used = e->stamp;
        if (used == e->bound || e->previous == TLB_HEAD || used < tlb->entry[e->previous].bound)
            return last;
        tlb_unlink(tlb, last);
        tlb_link_after(tlb, tlb_place(tlb, used), last);
        e->stamp = e->bound = used;
    }
}

/* tlb.c: enters an entry in the map from pages to entries, or removes it by TLB_NONE. */
void tlb_map_large(struct tlb *tlb, const struct tlb_entry *e, uint8_t value);
static inline void tlb_map(struct tlb *tlb, const struct tlb_entry *e, uint8_t value)
{
    if (e->shift == 12)
        tlb->small[e->page] = value;
    else
        tlb_map_large(tlb, e, value);
}

/*
 * Fills an entry for a page of 2^shift bytes that tlb_find() does not know, in place of the least
 * recently used one, and uses it at time `now`; returns it. newest() says of the owner's entry what
 * it knows; dropped() is what tlb_open() was given.
 */
static inline __attribute__((always_inline)) unsigned tlb_fill(struct tlb *tlb, uint32_t page,
                                                               unsigned shift, bool global,
                                                               uint64_t now, tlb_newest *newest,
                                                               tlb_dropped *dropped)
{
    unsigned entry = (unsigned)__builtin_ctzll(~tlb->used | 1ull << 63);
    struct tlb_entry *e;

    if (tlb->used >> entry & 1 || entry >= tlb->entries) {
        entry = tlb_victim(tlb, newest);
        e = &tlb->entry[entry];
        dropped(tlb->owner, entry);
        tlb_map(tlb, e, TLB_NONE);
        tlb_unlink(tlb, entry);
    }
    e = &tlb->entry[entry];
    tlb->used |= 1ull << entry;
    e->page = page;
    e->shift = (uint8_t)shift;
    e->global = global;
    e->stamp = e->bound = now;
    tlb_link_after(tlb, TLB_HEAD, entry);
    tlb_map(tlb, e, (uint8_t)entry);
    return entry;
}

void tlb_drop_all(struct tlb *tlb, bool global_too);
void tlb_drop_page(struct tlb *tlb, uint32_t page);

#endif
