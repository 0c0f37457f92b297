/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * filter.h - the fast path: accesses that the model need not be notified of
 *
 * An access to a line that the L1D holds, under a page that the DTLB holds, changes nothing in the
 * model but recency; a store to it, once the L2 has seen one, neither. The filter knows such lines:
 * translated code reaches them on the fast path, without a call. Of every other access the model is
 * notified. The filter's tables have the layout of the
 * engine's own translation cache, an entry a line instead of a page, one table for each of the
 * engine's three privilege indices, so that the engine's inline comparison is the test.
 *
 * Recency: the fast path writes the current sequence number into the entry, where
 * filter_last_use() finds it.
 *
 * A line is in the filter only while it is in the L1D and its page in the DTLB; whatever removes
 * either removes it from the filter first. A line has at most one slot and a slot one line: who
 * comes by another linear address or privilege, or wants another's slot, merely takes the slow path
 * once more. Lines under a DTLB entry form a list.
 */
#ifndef XENOLITH_CPU_FILTER_H
#define XENOLITH_CPU_FILTER_H

#include "cpu/model/hierarchy.h"
#include "cpu/model/soft_entry.h"

#define FILTER_TABLES  3
#define FILTER_SLOTS   1024
#define FILTER_NOTHING UINT64_MAX

/* Laid out as struct soft_entry, whose third tag is the stamp. */
struct filter_entry {
    uint64_t read, write; /* tag of the line if it may be read or written inline */
    uint64_t stamp;
#if LIB_VERSION >= 20100
    uint64_t physical;
#endif
    uint64_t addend; /* host address of the line less its tag address */
#if LIB_VERSION >= 20100
    uint64_t unused[3];
#endif
};
_Static_assert(sizeof(struct filter_entry) == sizeof(struct soft_entry), "software TLB layout");

struct filter {
    struct filter_entry entry[FILTER_TABLES][FILTER_SLOTS];
    int16_t owner[FILTER_TABLES][FILTER_SLOTS]; /* place in the L1D, or -1 */
    uint64_t *active;                           /* places in the filter, one bit each */
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

/* What lines outside of the filter point to, so that their stamps need no question: 0, for ever.
 * Nobody writes there. */
extern const struct filter_entry filter_nobody;

static inline struct filter_entry *filter_nowhere(void)
{
    return (struct filter_entry *)&filter_nobody;
}

bool filter_open(struct timing *t);
void filter_close(struct timing *t);

static inline bool filter_holds(const struct l1d_state *state)
{
    return state->entry != &filter_nobody;
}

/* Last use of a line, on the fast path too. An entry's stamp is a use of the line's page as well;
 * page walks, which read physical memory, leave theirs in the state. */
static inline uint64_t filter_last_use(const struct l1d_state *state)
{
    return state->entry->stamp > state->stamp ? state->entry->stamp : state->stamp;
}

/* The line at a place is in the filter: takes it out, its uses folded into it and into its page. */
static inline void filter_remove(struct timing *t, unsigned place)
{
    struct l1d *l1d = &t->l1d;
    struct l1d_state *state = &l1d->state[place];
    struct filter_entry *entry = state->entry;
    struct tlb_entry *page = &t->dtlb.entry[state->tlb];

    state->stamp = filter_last_use(state);
    page->stamp = entry->stamp > page->stamp ? entry->stamp : page->stamp;
    entry->read = entry->write = FILTER_NOTHING;
    (&t->filter->owner[0][0])[entry - &t->filter->entry[0][0]] = -1;
    state->entry = filter_nowhere();
    t->filter->active[place / 64] &= ~(1ull << place % 64);
    if (state->next >= 0)
        l1d->state[state->next].previous = state->previous;
    if (state->previous >= 0)
        l1d->state[state->previous].next = state->next;
    else
        l1d->first[state->tlb] = state->next;
}

/* The line at a place takes the fast path from now on; it is at `site` under DTLB entry `tlb`. */
static inline void filter_admit(struct timing *t, unsigned place, uint32_t vline, unsigned tlb,
                                struct filter_site site)
{
    struct l1d *l1d = &t->l1d;
    struct l1d_state *state = &l1d->state[place];
    unsigned slot = vline % FILTER_SLOTS;
    struct filter_entry *entry = &t->filter->entry[site.table][slot];
    int16_t *owner = &t->filter->owner[site.table][slot];

    if (state->entry != entry || state->vline != vline || state->tlb != tlb) {
        if (filter_holds(state))
            filter_remove(t, place);
        if (*owner >= 0)
            filter_remove(t, (unsigned)*owner);
        *owner = (int16_t)place;
        state->entry = entry;
        state->vline = vline;
        state->tlb = (uint8_t)tlb;
        state->previous = -1;
        state->next = l1d->first[tlb];
        if (state->next >= 0)
            l1d->state[state->next].previous = (int16_t)place;
        l1d->first[tlb] = (int16_t)place;
        t->filter->active[place / 64] |= 1ull << place % 64;
    }
    if (place >= l1d->buffers)
        l1d->loose |= 1u << (place - l1d->buffers);
    entry->read = place < l1d->buffers ? filter_tag(vline) : FILTER_NOTHING;
    entry->write = state->written && site.inline_stores ? filter_tag(vline) : FILTER_NOTHING;
    entry->addend = site.host - filter_origin(vline);
    entry->stamp = state->stamp;
}

/* An access of table `table` to a linear line ends outside of the filter: whoever has its slot must
 * not get the stamp that the fast path leaves there. */
static inline void filter_vacate(struct timing *t, uint32_t vline, unsigned table)
{
    int16_t owner = t->filter->owner[table][vline % FILTER_SLOTS];

    if (owner >= 0)
        filter_remove(t, (unsigned)owner);
}

/* From now on the model is notified of stores to the line at a place, or to a physical page. */
void filter_notify_stores(struct timing *t, unsigned place);
void filter_notify_page_stores(struct timing *t, uint32_t physical_page);

#endif
