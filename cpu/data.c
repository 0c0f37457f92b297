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
    for (unsigned place = 0; place < l1d->end; place++)
        l1d->line[place] = NO_LINE;
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

#define NOWHERE (-1)

/* The place of a line in its set, or NOWHERE. */
static inline int find(const struct l1d *l1d, uint32_t line)
{
    unsigned first = (line & l1d->set_mask) * l1d->stride;
    int way = search_line(l1d->line + first, l1d->stride, line);
    return way < 0 ? NOWHERE : (int)first + way;
}

static inline int find_buffer(const struct l1d *l1d, uint32_t line)
{
    int buffer = search_line(l1d->line + l1d->buffers, l1d->end - l1d->buffers, line);
    return buffer < 0 ? NOWHERE : (int)l1d->buffers + buffer;
}

/* Gives the least recently used of `count` places to another line. A line that is taken away leaves
 * a state whose last use counts as 0. */
static inline unsigned replace(struct timing *t, unsigned first, unsigned count, uint32_t line)
{
    struct l1d *l1d = &t->l1d;
    unsigned chosen = first;
    uint64_t oldest = UINT64_MAX;
    for (unsigned place = first; place < first + count; place++) {
        uint64_t stamp = filter_last_use(&l1d->state[place]);
        chosen = stamp < oldest ? place : chosen;
        oldest = stamp < oldest ? stamp : oldest;
    }
    if (filter_holds(t, &l1d->state[chosen]))
        filter_remove(t, chosen);
    l1d->line[chosen] = line;
    l1d->state[chosen].written = false;
    return chosen;
}

static inline unsigned allocate(struct timing *t, uint32_t line)
{
    unsigned first = (line & t->l1d.set_mask) * t->l1d.stride;
    return t->l1d.ways == 4 ? replace(t, first, 4, line) : replace(t, first, t->l1d.ways, line);
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
    int place = find(&t->l1d, line);
    if (place < 0) {
        meter_count(t->meter, CPU_l1d_misses, 1);
        l2_read(t, line, who);
        int buffer = find_buffer(&t->l1d, line);
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
    int place = find(l1d, line);
    if (place < 0)
        place = find_buffer(l1d, line);
    *again = place >= 0;
    if (place < 0) {
        meter_count(t->meter, CPU_l1d_misses, 1);
        l2_write(t, line);
        if (t->costs->l1d_write_allocate)
            place = (int)allocate(t, line);
        else if (t->costs->l1d_combining)
            place = (int)replace(t, l1d->buffers, (unsigned)t->costs->l1d_combining, line);
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

void data_unwritten(struct timing *t, uint32_t line)
{
    int place = find(&t->l1d, line);
    if (place >= 0) {
        t->l1d.state[place].written = false;
        filter_tell_stores(t, (unsigned)place);
    } else if ((place = find_buffer(&t->l1d, line)) >= 0) {
        drop_line(t, (unsigned)place);
    }
}

void data_invalidate(struct timing *t, uint32_t line)
{
    int place = find(&t->l1d, line);
    if (place < 0)
        place = find_buffer(&t->l1d, line);
    if (place >= 0)
        drop_line(t, (unsigned)place);
}

/* Returns the DTLB entry of the page; TLB_ENTRIES_MAX, which holds no page, without paging or TLB. */
static inline unsigned translate(struct timing *t, uint32_t page)
{
    if (!t->paging || !t->costs->dtlb_enabled)
        return TLB_ENTRIES_MAX;
    unsigned entry = tlb_find(&t->dtlb, page);
    if (entry == TLB_NONE) {
        meter_count(t->meter, CPU_dtlb_misses, 1);
        return hierarchy_walk(t, &t->dtlb, page);
    }
    tlb_use(&t->dtlb, entry, next_use(t));
    return entry;
}

/* A buffer is let through when it is used for the second time: scattered stores use each but once,
 * and to come and go costs more than to be told once. */
void timing_access(struct timing *t, uint32_t linear, uint32_t physical, bool write,
                   const struct filter_site *site)
{
    uint32_t line = physical >> COSTS_LINE_BITS, vline = linear >> COSTS_LINE_BITS;
    l2_prefetch_host(t, line);
    unsigned entry = translate(t, linear >> 12);
    int place = NOWHERE;
    bool admitted = true;

    if (!t->costs->l1d_enabled)
        admitted = false;
    else if (!write)
        place = (int)load(t, line, OF_ACCESS);
    else
        place = store(t, line, &admitted);
    if (site && admitted)
        filter_admit(t, (unsigned)place, vline, entry, site);
    else if (site)
        filter_vacate(t, vline, site->table);
}

void timing_access_device(struct timing *t, uint32_t linear)
{
    translate(t, linear >> 12);
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
