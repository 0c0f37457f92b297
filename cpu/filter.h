/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * filter.h - which accesses need not be told to the model
 *
 * An access to a line that the L1D holds, under a page that the DTLB holds, changes nothing in the
 * model but recency; a store to it, once the L2 has seen one, neither. The filter knows such lines
 * and lets translated code reach them without leaving it. Its tables have the layout of the
 * engine's own translation cache, an entry a line instead of a page, one table for each of the
 * engine's three privilege indices, so that the engine's inline comparison is the test.
 *
 * Recency: the inline path writes the current sequence number into the entry. fold() takes it over
 * into the line whenever somebody needs to know.
 *
 * A line is in the filter only while it is in the L1D and its page in the DTLB; whatever removes
 * either removes it from the filter first. At most one line owns a slot, so a line evicted by
 * another's slot merely takes the slow path once more.
 */
#ifndef XENOLITH_CPU_FILTER_H
#define XENOLITH_CPU_FILTER_H

#include "cpu/hierarchy.h"

#define FILTER_TABLES  3
#define FILTER_SLOTS   1024
#define FILTER_NOTHING UINT64_MAX

/* Laid out as the engine's CPUTLBEntry: addr_read, addr_write, addr_code, addend. */
struct filter_entry {
    uint64_t read, write; /* tag of the line if it may be read or written inline */
    uint64_t stamp;
    uint64_t addend; /* host address of the line less its tag address */
};

struct filter {
    struct filter_entry entry[FILTER_TABLES][FILTER_SLOTS];
    int16_t owner[FILTER_SLOTS]; /* place in the L1D, or -1 */
};

/*
 * The address that translated code compares: ((a | 63) << 6) + (a & 63). Its upper part is the
 * line's number; an access that crosses into the next line carries into it and so always misses.
 */
static inline uint64_t filter_tag(uint32_t vline)
{
    return (uint64_t)vline << 12;
}
static inline uint64_t filter_origin(uint32_t vline)
{
    return filter_tag(vline) + 0xfc0;
}
static inline uint32_t filter_linear(uint64_t address)
{
    return (uint32_t)(address >> 12 << 6) | (address & 63);
}

/* Where an access came from, if it is to be let through from now on. */
struct filter_site {
    unsigned table;     /* privilege index */
    uintptr_t host;     /* host address of the first byte of the line */
    bool inline_stores; /* stores need no other attention, such as a page of code does */
};

bool filter_open(struct timing *t);
void filter_close(struct timing *t);

/*
 * Takes over the inline uses of the line at a place of the L1D. They are uses of its page, too; those
 * of page walks, which read physical memory, are not.
 */
static inline void filter_fold(struct timing *t, struct l1d_state *state)
{
    uint64_t latest = 0;
    for (unsigned left = state->rings; left; left &= left - 1) {
        uint64_t stamp = t->filter->entry[__builtin_ctz(left)][state->slot].stamp;
        latest = stamp > latest ? stamp : latest;
    }
    state->stamp = latest > state->stamp ? latest : state->stamp;
    state->paged = latest > state->paged ? latest : state->paged;
}

/* The places in the filter under a DTLB entry, or under any. */
#define FILTER_ALL (TLB_ENTRIES_MAX + 1)
static inline uint64_t *filter_active(struct timing *t, unsigned tlb)
{
    return t->l1d.active + (size_t)tlb * t->l1d.words;
}

/* The line at a place is in the filter: takes it out, its uses folded into it and into its page. */
static inline void filter_remove(struct timing *t, unsigned place)
{
    struct l1d_state *state = &t->l1d.state[place];
    filter_fold(t, state);
    for (unsigned left = state->rings; left; left &= left - 1) {
        struct filter_entry *entry = &t->filter->entry[__builtin_ctz(left)][state->slot];
        entry->read = entry->write = FILTER_NOTHING;
    }
    t->filter->owner[state->slot] = -1;
    filter_active(t, state->tlb)[place / 64] &= ~(1ull << place % 64);
    filter_active(t, FILTER_ALL)[place / 64] &= ~(1ull << place % 64);
    struct tlb_entry *page = &t->dtlb.entry[state->tlb];
    page->stamp = state->paged > page->stamp ? state->paged : page->stamp;
    state->paged = 0;
    state->rings = 0;
    state->slot = -1;
}

/* Lets the line at a place through from now on; it is at `site` under DTLB entry `tlb`. */
static inline void filter_admit(struct timing *t, unsigned place, uint32_t vline, unsigned tlb,
                                const struct filter_site *site, bool write)
{
    struct l1d_state *state = &t->l1d.state[place];
    struct filter *filter = t->filter;
    unsigned slot = vline % FILTER_SLOTS;

    if (state->slot >= 0 && (state->vline != vline || state->tlb != tlb))
        filter_remove(t, place);
    if (state->slot < 0) {
        if (filter->owner[slot] >= 0)
            filter_remove(t, (unsigned)filter->owner[slot]);
        filter->owner[slot] = (int16_t)place;
        state->slot = (int16_t)slot;
        state->vline = vline;
        state->tlb = (uint8_t)tlb;
        filter_active(t, tlb)[place / 64] |= 1ull << place % 64;
        filter_active(t, FILTER_ALL)[place / 64] |= 1ull << place % 64;
    }
    struct filter_entry *entry = &filter->entry[site->table][slot];
    state->rings |= (uint8_t)(1u << site->table);
    entry->read = place < t->l1d.buffers ? filter_tag(vline) : FILTER_NOTHING;
    if (write && state->written && site->inline_stores)
        entry->write = filter_tag(vline);
    entry->addend = site->host - filter_origin(vline);
    entry->stamp = state->stamp;
}

/* An access of table `table` to a linear line ends outside of the filter: whoever has its slot must
 * not get the stamp that the inline path leaves there. */
static inline void filter_vacate(struct timing *t, uint32_t vline, unsigned table)
{
    int16_t owner = t->filter->owner[vline % FILTER_SLOTS];
    if (owner >= 0 && t->l1d.state[owner].rings >> table & 1)
        filter_remove(t, (unsigned)owner);
}

/* From now on stores to the line at a place, or to any line of a physical page, are told. */
void filter_tell_stores(struct timing *t, unsigned place);
void filter_tell_page_stores(struct timing *t, uint32_t physical_page);

#endif
