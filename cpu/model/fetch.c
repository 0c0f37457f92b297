/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fetch.c - code fetch: ITLB, then L1I, then the L2, by blocks
 *
 * A block of code fetches the pages and lines it lies on, in order, each time it runs. As long as
 * all of them stay where they are, a run changes nothing but recency. So each linear line has a
 * word, its recency: the sequence number of its last use while it may be fetched on the fast path,
 * a negative number otherwise. A block's prologue looks at the words of its lines, which have
 * addresses that never change. Unless one is negative it takes the fast path: it stores the current
 * sequence number in all of them. Nothing is kept for each block, and to take a line away is one
 * store.
 *
 * The fast path fetches from a place of the L1I through one linear line, its owner, under one ITLB
 * entry. leave() must run before the place is given away, before its ITLB entry is, and before the
 * physical line is reached by a second linear one. What is known of the last use then stays with
 * the place and with the entry. The places under an ITLB entry form a list.
 *
 * The trace cache is modelled as an instruction cache of lines of code; docs/cost-model.md says
 * what that leaves out. When it is switched off its places go on to serve as the filter in front
 * of the ITLB, and what they hold is neither counted nor charged.
 */
#include "cpu/model/hierarchy.h"
#include "cpu/model/usual_shape.h"

#include "cpu/model/block.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/mman.h>

#define LINES_PER_PAGE_BITS (12 - COSTS_LINE_BITS)
#define LINEAR_LINES        (1u << (32 - COSTS_LINE_BITS))
#define RECENCY_BYTES       (LINEAR_LINES * sizeof(int64_t))
#define NOBODY              UINT32_MAX
#define NO_PLACE            (-1)
#define NO_ENTRY            UINT_MAX

/* ---- places in the filter -------------------------------------------------------------------- */

static inline void fold(struct l1i *l1i, unsigned place)
{
    struct l1i_state *state = &l1i->state[place];

    if (state->owner == NOBODY)
        return;
    uint64_t last = (uint64_t)l1i->recency[state->owner];
    struct l1i_page *page = &l1i->page[state->tlb];
    state->stamp = last > state->stamp ? last : state->stamp;
    page->stamp = last > page->stamp ? last : page->stamp;
}

static void leave(struct l1i *l1i, unsigned place)
{
    struct l1i_state *state = &l1i->state[place];

    if (state->owner == NOBODY)
        return;
    fold(l1i, place);
    l1i->recency[state->owner] = -1;
    state->owner = NOBODY;
    if (state->next != NO_PLACE)
        l1i->state[state->next].previous = state->previous;
    if (state->previous != NO_PLACE)
        l1i->state[state->previous].next = state->next;
    else
        l1i->page[state->tlb].first = state->next;
}

static void leave_page(struct l1i *l1i, unsigned entry)
{
    while (l1i->page[entry].first != NO_PLACE)
        leave(l1i, (unsigned)l1i->page[entry].first);
}

static void admit(struct l1i *l1i, unsigned place, uint32_t vline, unsigned entry)
{
    struct l1i_state *state = &l1i->state[place];
    struct l1i_page *page = &l1i->page[entry];

    if (state->owner == vline && state->tlb == entry)
        return;
    leave(l1i, place);
    /* The linear line has another physical one by now, which this processor's TLB does not know. */
    if (l1i->recency[vline] >= 0)
        for (int other = page->first; other != NO_PLACE; other = l1i->state[other].next)
            if (l1i->state[other].owner == vline) {
                leave(l1i, (unsigned)other);
                break;
            }
    state->owner = vline;
    state->tlb = (uint8_t)entry;
    state->previous = NO_PLACE;
    state->next = page->first;
    if (page->first != NO_PLACE)
        l1i->state[page->first].previous = (int)place;
    page->first = (int)place;
    l1i->recency[vline] = (int64_t)state->stamp;
}

static uint64_t newest_use(void *owner, unsigned entry)
{
    struct l1i *l1i = &((struct timing *)owner)->l1i;

    for (int place = l1i->page[entry].first; place != NO_PLACE; place = l1i->state[place].next)
        fold(l1i, (unsigned)place);
    return l1i->page[entry].stamp;
}

static void dropped(void *owner, unsigned entry)
{
    struct l1i *l1i = &((struct timing *)owner)->l1i;

    leave_page(l1i, entry);
    l1i->page[entry].stamp = 0;
}

/* ---- opening --------------------------------------------------------------------------------- */

bool fetch_open(struct timing *t)
{
    struct l1i *l1i = &t->l1i;

    l1i->ways = (unsigned)t->costs->l1i_ways;
    l1i->stride = search_stride(l1i->ways);
    l1i->set_mask = (uint32_t)(t->costs->l1i_bytes / COSTS_LINE_BYTES / l1i->ways - 1);
    l1i->end = (l1i->set_mask + 1) * l1i->stride;
    l1i->line = malloc(l1i->end * sizeof(*l1i->line));
    l1i->state = malloc(l1i->end * sizeof(*l1i->state));
    /* Sparse: code is in few places. */
    void *recency = mmap(NULL, RECENCY_BYTES, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    l1i->recency = recency == MAP_FAILED ? NULL : recency;
    if (!l1i->line || !l1i->state || !l1i->recency ||
        !tlb_open(&t->itlb, (unsigned)t->costs->itlb_entries, t, dropped))
        return false;
    for (unsigned place = 0; place < l1i->end; place++) {
        l1i->line[place] = NO_LINE;
        l1i->state[place] = (struct l1i_state){.owner = NOBODY};
    }
    for (unsigned entry = 0; entry <= TLB_ENTRIES_MAX; entry++)
        l1i->page[entry].first = NO_PLACE;
    return true;
}

void fetch_close(struct timing *t)
{
    free(t->l1i.line);
    free(t->l1i.state);
    if (t->l1i.recency)
        munmap(t->l1i.recency, RECENCY_BYTES);
    tlb_close(&t->itlb);
}

bool fetch_invalidate(struct timing *t, uint32_t line)
{
    struct l1i *l1i = &t->l1i;
    unsigned first = (line & l1i->set_mask) * l1i->stride;
    int way = search_line(l1i->line + first, l1i->stride, line);

    if (way < 0)
        return false;
    leave(l1i, first + (unsigned)way);
    l1i->line[first + (unsigned)way] = NO_LINE;
    return t->costs->l1i_enabled;
}

/* ---- fetching -------------------------------------------------------------------------------- */

/* Returns the ITLB entry of a page; TLB_ENTRIES_MAX, which holds no page, without paging or TLB. */
static inline unsigned fetch_page(struct timing *t, uint32_t page)
{
    if (!t->paging || !t->costs->itlb_enabled)
        return TLB_ENTRIES_MAX;
    unsigned entry = tlb_find(&t->itlb, page);
    if (entry == TLB_NONE) {
        meter_count(t->meter, CPU_itlb_misses, 1);
        struct timing_page found = hierarchy_walk(t, page);
        return tlb_fill(&t->itlb, page, found.shift, found.global, next_use(t), newest_use,
                        dropped);
    }
    tlb_use(&t->itlb, entry, next_use(t));
    return entry;
}

/* Brings a line that is not there in place of the least recently used one of its set. */
static inline unsigned bring(struct timing *t, unsigned first, uint32_t line)
{
    struct l1i *l1i = &t->l1i;

    if (t->costs->l1i_enabled) {
        meter_count(t->meter, CPU_l1i_misses, 1);
        if (t->usual)
            l2_read(t, line, OF_ACCESS, &usual_shape);
        else
            l2_read(t, line, OF_ACCESS, &t->shape);
    }
    unsigned chosen = first;
    uint64_t oldest = UINT64_MAX;
    for (unsigned place = first; place < first + l1i->ways; place++) {
        const struct l1i_state *state = &l1i->state[place];
        uint64_t last = state->stamp;

        if (state->owner != NOBODY && (uint64_t)l1i->recency[state->owner] > last)
            last = (uint64_t)l1i->recency[state->owner];
        last = l1i->line[place] == NO_LINE ? 0 : last;
        chosen = last < oldest ? place : chosen;
        oldest = last < oldest ? last : oldest;
    }
    leave(l1i, chosen);
    l1i->line[chosen] = line;
    return chosen;
}

static inline void fetch_line(struct timing *t, uint32_t vline, uint32_t line, unsigned entry)
{
    struct l1i *l1i = &t->l1i;
    unsigned first = (line & l1i->set_mask) * l1i->stride;
    int way = l1i->stride == 8 ? search_line(l1i->line + first, 8, line)
                               : search_line(l1i->line + first, l1i->stride, line);
    unsigned place = way >= 0 ? first + (unsigned)way : bring(t, first, line);

    l1i->state[place].stamp = next_use(t);
    if (entry != NO_ENTRY)
        admit(l1i, place, vline, entry);
}

void timing_fetch(struct timing *t, const struct block *block)
{
    uint32_t first = timing_first_line(block), lines = timing_lines(block);
    uint32_t page = block->pc >> 12, last = (first + lines - 1) >> LINES_PER_PAGE_BITS;
    unsigned entry[2] = {fetch_page(t, page), NO_ENTRY};

    if (last != page) {
        entry[1] = fetch_page(t, last & (UINT32_MAX >> 12));
        if (entry[0] < TLB_ENTRIES_MAX && tlb_find(&t->itlb, page) != entry[0])
            entry[0] = NO_ENTRY; /* it has driven out the first */
    }
    if (t->no_filter)
        entry[0] = entry[1] = NO_ENTRY;
    for (uint32_t i = 0; i < lines; i++) {
        uint32_t vline = first + i;
        bool second = vline >> LINES_PER_PAGE_BITS != page;
        uint32_t line = (uint32_t)(block->frame[second] >> COSTS_LINE_BITS) |
                        (vline & ((1u << LINES_PER_PAGE_BITS) - 1));

        fetch_line(t, vline & (LINEAR_LINES - 1), line, entry[second]);
    }

    int64_t now = (int64_t)next_use(t);
    for (uint32_t i = 0; i < lines; i++) {
        int64_t *recency = timing_recency(t, first + i);

        if (*recency >= 0)
            *recency = now + i;
    }
}

int64_t *timing_recency(struct timing *t, uint32_t vline)
{
    return &t->l1i.recency[vline & (LINEAR_LINES - 1)];
}

void timing_prepare(struct timing *t, const struct block *block)
{
    for (uint32_t i = 0; i < timing_lines(block); i++) {
        int64_t *recency = timing_recency(t, timing_first_line(block) + i);

        if (*recency == 0) /* nobody was there before */
            *recency = -1;
    }
}

void fetch_empty_filter(struct timing *t)
{
    for (unsigned place = 0; place < t->l1i.end; place++)
        leave(&t->l1i, place);
}

void fetch_forget_translations(struct timing *t)
{
    leave_page(&t->l1i, TLB_ENTRIES_MAX);
}
