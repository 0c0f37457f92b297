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
    const uint64_t *active = filter_active(t, entry);
    uint64_t newest = 0;
    for (unsigned word = 0; word < t->l1d.words; word++)
        for (uint64_t left = active[word]; left; left &= left - 1) {
            struct l1d_state *state = &t->l1d.state[word * 64 + (unsigned)__builtin_ctzll(left)];
            filter_fold(t, state);
            newest = state->paged > newest ? state->paged : newest;
        }
    return newest;
}

static void dropped(void *owner, unsigned entry)
{
    struct timing *t = owner;
    const uint64_t *active = filter_active(t, entry);
    for (unsigned word = 0; word < t->l1d.words; word++)
        while (active[word])
            filter_remove(t, word * 64 + (unsigned)__builtin_ctzll(active[word]));
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
    l1d->words = (l1d->end + 63) / 64;
    l1d->line = malloc(l1d->end * sizeof(*l1d->line));
    l1d->state = calloc(l1d->end, sizeof(*l1d->state));
    l1d->active = calloc((size_t)(FILTER_ALL + 1) * l1d->words, sizeof(*l1d->active));
    if (!l1d->line || !l1d->state || !l1d->active ||
        !tlb_open(&t->dtlb, (unsigned)t->costs->dtlb_entries, t, newest_use, dropped))
        return false;
    for (unsigned i = 0; i < l1d->end; i++) {
        l1d->line[i] = NO_LINE;
        l1d->state[i].slot = -1;
    }
    return true;
}

void data_close(struct timing *t)
{
    free(t->l1d.line);
    free(t->l1d.state);
    free(t->l1d.active);
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

/* Gives the least recently used of `count` places to another line. */
static inline unsigned replace(struct timing *t, unsigned first, unsigned count, uint32_t line)
{
    struct l1d *l1d = &t->l1d;
    unsigned chosen = first;
    uint64_t oldest = UINT64_MAX;
    for (unsigned place = first; place < first + count; place++) {
        struct l1d_state *state = &l1d->state[place];
        filter_fold(t, state);
        uint64_t stamp = l1d->line[place] == NO_LINE ? 0 : state->stamp;
        chosen = stamp < oldest ? place : chosen;
        oldest = stamp < oldest ? stamp : oldest;
    }
    if (l1d->state[chosen].slot >= 0)
        filter_remove(t, chosen);
    l1d->line[chosen] = line;
    l1d->state[chosen].written = false;
    return chosen;
}

static inline unsigned allocate(struct timing *t, uint32_t line)
{
    return replace(t, (line & t->l1d.set_mask) * t->l1d.stride, t->l1d.ways, line);
}

static void drop_line(struct timing *t, unsigned place)
{
    if (t->l1d.state[place].slot >= 0)
        filter_remove(t, place);
    t->l1d.line[place] = NO_LINE;
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

/* Returns the place where the line, or a buffer for it, is now, or NOWHERE. */
static inline int store(struct timing *t, uint32_t line)
{
    struct l1d *l1d = &t->l1d;
    int place = find(l1d, line);
    if (place < 0)
        place = find_buffer(l1d, line);
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

void timing_access(struct timing *t, uint32_t linear, uint32_t physical, bool write,
                   const struct filter_site *site)
{
    uint32_t line = physical >> COSTS_LINE_BITS, vline = linear >> COSTS_LINE_BITS;
    l2_prefetch_host(t, line);
    unsigned entry = translate(t, linear >> 12);
    int place = NOWHERE;

    if (t->costs->l1d_enabled)
        place = write ? store(t, line) : (int)load(t, line, OF_ACCESS);
    if (site && place >= 0)
        filter_admit(t, (unsigned)place, vline, entry, site, write);
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
    dropped(t, FILTER_ALL);
}
