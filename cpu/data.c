/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * data.c - data accesses: DTLB, then L1D, then below
 *
 * The L1D is write-through. A load that misses brings its line; a store that misses does so only
 * with write_allocate. Otherwise it takes one of a few write-combining buffers, each good for a line,
 * and further stores to that line are merged there. So are stores to a line that the L1D holds: the
 * L2 learns that a line is dirty by the first store and once. A load of a line that has a buffer
 * brings it into the L1D and frees the buffer.
 *
 * The levels are not inclusive: the L2 may drop a line that the L1D keeps. The next store to it
 * reaches the L2 again (data_unwritten).
 */
#include "cpu/filter.h"

#include <stdlib.h>
#include <string.h>

static uint64_t newest_use(void *owner, unsigned entry)
{
    struct timing *t = owner;
    uint64_t newest = 0;
    for (int place = t->l1d.first[entry]; place >= 0; place = t->l1d.state[place].next) {
        uint64_t stamp = t->l1d.state[place].entry->stamp;
        newest = stamp > newest ? stamp : newest;
    }
    return newest;
}

static void dropped(void *owner, unsigned entry)
{
    struct timing *t = owner;
    while (t->l1d.first[entry] >= 0)
        filter_remove(t, (unsigned)t->l1d.first[entry]);
}

bool data_open(struct timing *t)
{
    struct l1d *l1d = &t->l1d;
    unsigned buffers = t->costs->l1d_write_allocate ? 0 : search_stride(t->costs->l1d_combining);
    l1d->ways = (unsigned)t->costs->l1d_ways;
    l1d->stride = search_stride(l1d->ways);
    l1d->set_mask = (uint32_t)(t->costs->l1d_bytes / COSTS_LINE_BYTES / l1d->ways - 1);
    l1d->buffers = (l1d->set_mask + 1) * l1d->stride;
    l1d->end = l1d->buffers + buffers;
    l1d->line = malloc(l1d->end * sizeof(*l1d->line));
    l1d->state = calloc(l1d->end, sizeof(*l1d->state));
    if (!l1d->line || !l1d->state ||
        !tlb_open(&t->dtlb, (unsigned)t->costs->dtlb_entries, t, newest_use, dropped))
        return false;
    for (unsigned place = 0; place < l1d->end; place++) {
        bool buffer = place >= l1d->buffers;
        unsigned number = buffer ? place - l1d->buffers : place % l1d->stride;
        l1d->line[place] = NO_LINE;
        /* Those that only pad a search are never the oldest. */
        if (number >= (buffer ? t->costs->l1d_combining : l1d->ways))
            l1d->state[place].stamp = UINT64_MAX >> 4;
    }
    for (unsigned entry = 0; entry <= TLB_ENTRIES_MAX; entry++)
        l1d->first[entry] = -1;
    return true;
}

void data_close(struct timing *t)
{
    free(t->l1d.line);
    free(t->l1d.state);
    tlb_close(&t->dtlb);
}

/* ---- places ----------------------------------------------------------------------------------- */

static inline uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The least recently used of `count` places, a multiple of SEARCH_WIDTH, empty ones first. */
static inline unsigned oldest_of(const struct l1d_state *state, unsigned count)
{
    uint64_t oldest = UINT64_MAX; /* a last use and, below it, the place */
#pragma GCC unroll 2
    for (unsigned i = 0; i < count; i += SEARCH_WIDTH) {
        uint64_t key[SEARCH_WIDTH];
#pragma GCC unroll 4
        for (unsigned j = 0; j < SEARCH_WIDTH; j++)
            key[j] = filter_last_use(&state[i + j]) << 4 | (i + j);
        oldest = least(oldest, least(least(key[0], key[1]), least(key[2], key[3])));
    }
    return oldest & 15;
}

/* Gives the least recently used of `count` places, a multiple of SEARCH_WIDTH, to another line. */
static inline unsigned replace(struct timing *t, unsigned first, unsigned count, uint32_t line)
{
    struct l1d *l1d = &t->l1d;
    const struct l1d_state *set = &l1d->state[first];
    unsigned chosen = first + (count == 4   ? oldest_of(set, 4)
                               : count == 8 ? oldest_of(set, 8)
                                            : oldest_of(set, count));
    if (filter_holds(t, &l1d->state[chosen]))
        filter_remove(t, chosen);
    l1d->line[chosen] = line;
    l1d->state[chosen].written = false;
    return chosen;
}

static inline unsigned allocate(struct timing *t, uint32_t line)
{
    return replace(t, (line & t->l1d.set_mask) * t->l1d.stride, t->l1d.stride, line);
}

static void drop_line(struct timing *t, unsigned place)
{
    struct l1d_state *state = &t->l1d.state[place];
    if (filter_holds(t, state))
        filter_remove(t, place);
    t->l1d.line[place] = NO_LINE;
    state->stamp = 0;
}

/* ---- accesses --------------------------------------------------------------------------------- */

static inline unsigned load(struct timing *t, uint32_t line, enum on_behalf who)
{
    int place = l1d_find(&t->l1d, line);
    if (place < 0) {
        meter_count(t->meter, CPU_l1d_misses, 1);
        l2_read(t, line, who);
        int buffer = l1d_find_buffer(&t->l1d, line);
        if (buffer >= 0)
            drop_line(t, (unsigned)buffer);
        place = (int)allocate(t, line);
        t->l1d.state[place].written = buffer >= 0;
    }
    t->l1d.state[place].stamp = next_use(t);
    return (unsigned)place;
}

/* Returns the place where the line, or a buffer for it, is now, or NOWHERE; *again: it was there
 * before. */
static inline int store(struct timing *t, uint32_t line, bool *again)
{
    struct l1d *l1d = &t->l1d;
    int place = l1d_find(l1d, line);
    if (place < 0)
        place = l1d_find_buffer(l1d, line);
    *again = place >= 0;
    if (place < 0) {
        meter_count(t->meter, CPU_l1d_misses, 1);
        l2_write(t, line);
        if (t->costs->l1d_write_allocate)
            place = (int)allocate(t, line);
        else if (t->costs->l1d_combining)
            place = (int)replace(t, l1d->buffers, l1d->end - l1d->buffers, line);
        else
            return NOWHERE;
    } else if (!l1d->state[place].written) {
        l2_write(t, line);
    }
    l1d->state[place].written = true;
    l1d->state[place].stamp = next_use(t);
    return place;
}

void data_walk_read(struct timing *t, uint32_t line)
{
    if (t->costs->l1d_enabled)
        load(t, line, OF_WALK);
}

void data_unwritten_place(struct timing *t, unsigned place)
{
    if (place >= t->l1d.buffers) {
        drop_line(t, place);
        return;
    }
    t->l1d.state[place].written = false;
    filter_tell_stores(t, place);
}

void data_invalidate(struct timing *t, uint32_t line)
{
    int place = l1d_find(&t->l1d, line);
    if (place < 0)
        place = l1d_find_buffer(&t->l1d, line);
    if (place >= 0)
        drop_line(t, (unsigned)place);
}

/* Returns the DTLB entry of the page; TLB_ENTRIES_MAX, which holds no page, without paging or TLB.
 * *known: nothing was walked. */
static inline unsigned translate(struct timing *t, uint32_t page, uint32_t line, bool *known)
{
    *known = true;
    if (!t->paging || !t->costs->dtlb_enabled)
        return TLB_ENTRIES_MAX;
    unsigned entry = tlb_find(&t->dtlb, page);
    if (entry == TLB_NONE) {
        *known = false;
        l2_prefetch_host(t, line);
        meter_count(t->meter, CPU_dtlb_misses, 1);
        return hierarchy_walk(t, &t->dtlb, page);
    }
    tlb_use(&t->dtlb, entry, next_use(t));
    return entry;
}

/*
 * To come into the filter and to leave it costs more than to be told once, so who is likely not to be
 * used again has to be told a second time first: scattered stores use each buffer but once,
 * scattered loads each page.
 */
static inline void let_through(struct timing *t, uint32_t vline, unsigned entry, int place,
                               bool admitted, const struct filter_site *site)
{
    if (!site)
        return;
    if (admitted)
        filter_admit(t, (unsigned)place, vline, entry, site);
    else
        filter_vacate(t, vline, site->table);
}

void timing_load(struct timing *t, uint32_t linear, uint32_t physical,
                 const struct filter_site *site)
{
    uint32_t line = physical >> COSTS_LINE_BITS;
    bool known, caches = t->costs->l1d_enabled;
    unsigned entry = translate(t, linear >> 12, line, &known);
    int place = caches ? (int)load(t, line, OF_ACCESS) : NOWHERE;
    let_through(t, linear >> COSTS_LINE_BITS, entry, place, caches && known, site);
}

void timing_store(struct timing *t, uint32_t linear, uint32_t physical,
                  const struct filter_site *site)
{
    uint32_t line = physical >> COSTS_LINE_BITS;
    bool known, again = false;
    unsigned entry = translate(t, linear >> 12, line, &known);
    int place = t->costs->l1d_enabled ? store(t, line, &again) : NOWHERE;
    let_through(t, linear >> COSTS_LINE_BITS, entry, place, again, site);
}

void timing_access_device(struct timing *t, uint32_t linear)
{
    bool known;
    translate(t, linear >> 12, 0, &known);
}

void data_forget_translations(struct timing *t)
{
    dropped(t, TLB_ENTRIES_MAX);
}

void timing_tell_again(struct timing *t)
{
    for (unsigned place = 0; place < t->l1d.end; place += 64)
        while (t->filter->active[place / 64])
            filter_remove(t, place + (unsigned)__builtin_ctzll(t->filter->active[place / 64]));
}
