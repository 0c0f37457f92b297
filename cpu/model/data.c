/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * data.c - data accesses: DTLB, then L1D, then below
 *
 * The L1D is write-through. A load that misses brings its line; a store that misses does so only
 * with write_allocate. Otherwise it takes one of a few write-combining buffers, each good for a
 * line, and further stores to that line are merged there. So are stores to a line that the L1D
 * holds: the L2 learns that a line is dirty by the first store and once. A load of a line that has
 * a buffer brings it into the L1D and frees the buffer.
 *
 * The levels are not inclusive: the L2 may drop a line that the L1D keeps. The next store to it
 * reaches the L2 again (data_unwritten).
 */
#include "cpu/model/filter.h"
#include "cpu/model/usual_shape.h"

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
    const struct shape *as = &t->shape;

    l1d->buffers = l1d_buffers(as);
    l1d->end = l1d->buffers + as->buffer_stride;
    l1d->buffer_order = order_first(as->buffers);
    l1d->line = malloc(l1d->end * sizeof(*l1d->line));
    l1d->state = calloc(l1d->end, sizeof(*l1d->state));
    if (!l1d->line || !l1d->state ||
        !tlb_open(&t->dtlb, (unsigned)t->costs->dtlb_entries, t, dropped))
        return false;
    for (unsigned place = 0; place < l1d->end; place++) {
        bool buffer = place >= l1d->buffers;
        unsigned number = buffer ? place - l1d->buffers : place % as->l1d_stride;

        l1d->line[place] = NO_LINE;
        /* Those that only pad a search are never the oldest. */
        if (number >= (buffer ? as->buffers : t->costs->l1d_ways))
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

/* ---- places ---------------------------------------------------------------------------------- */

static inline uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The least recently used of `count` places, a multiple of SEARCH_WIDTH, empty ones first. */
SHAPED unsigned oldest_of(const struct l1d_state *state, unsigned count)
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

static __attribute__((noinline)) void take_out(struct timing *t, unsigned place)
{
    filter_remove(t, place);
}

/* Gives a place to another line. */
static inline void give(struct timing *t, unsigned place, uint32_t line)
{
    if (filter_holds(&t->l1d.state[place]))
        take_out(t, place);
    t->l1d.line[place] = line;
}

SHAPED unsigned allocate(struct timing *t, uint32_t line, const struct shape *as)
{
    unsigned set = l1d_set(line, as);
    unsigned chosen = set + oldest_of(&t->l1d.state[set], as->l1d_stride);

    give(t, chosen, line);
    return chosen;
}

/* The least recently used buffer when the order does not say. */
static __attribute__((noinline)) unsigned oldest_buffer(struct timing *t)
{
    struct l1d *l1d = &t->l1d;
    unsigned chosen = oldest_of(&l1d->state[l1d->buffers], t->shape.buffer_stride);

    l1d->loose &= ~(1u << chosen);
    l1d->buffer_order = order_use(l1d->buffer_order, chosen, t->shape.buffers);
    return chosen;
}

/*
 * The same among the buffers, which scattered stores exhaust all the time. Their order knows the
 * notified uses; only `loose` ones may have had later ones. So the first in it is the least
 * recently used, unless it is loose itself.
 */
SHAPED unsigned allocate_buffer(struct timing *t, uint32_t line, const struct shape *as)
{
    struct l1d *l1d = &t->l1d;
    unsigned chosen = l1d->buffer_order & 15;

    if (__builtin_expect(l1d->loose >> chosen & 1, 0))
        chosen = oldest_buffer(t);
    else
        l1d->buffer_order = order_take(l1d->buffer_order, as->buffers);
    give(t, l1d_buffers(as) + chosen, line);
    return l1d_buffers(as) + chosen;
}

static void drop_line(struct timing *t, unsigned place)
{
    struct l1d *l1d = &t->l1d;

    if (filter_holds(&l1d->state[place]))
        filter_remove(t, place);
    l1d->line[place] = NO_LINE;
    l1d->state[place].stamp = 0;
    if (place >= l1d->buffers) {
        l1d->loose &= ~(1u << (place - l1d->buffers));
        l1d->buffer_order = order_forget(l1d->buffer_order, place - l1d->buffers);
    }
}

/* ---- accesses -------------------------------------------------------------------------------- */

SHAPED unsigned load(struct timing *t, uint32_t line, uint64_t now, enum on_behalf who,
                     const struct shape *as)
{
    int place = l1d_find(&t->l1d, line, as);

    if (place < 0) {
        meter_count(t->meter, CPU_l1d_misses, 1);
        l2_read(t, line, who, as);
        int buffer = l1d_find_buffer(&t->l1d, line, as);
        if (buffer >= 0)
            drop_line(t, (unsigned)buffer);
        place = (int)allocate(t, line, as);
        t->l1d.state[place].written = buffer >= 0;
    }
    t->l1d.state[place].stamp = now;
    return (unsigned)place;
}

/* A store to a line that has a place. Returns whether it is likely to be stored to again. */
SHAPED bool store_again(struct timing *t, unsigned place, uint32_t line, uint64_t now,
                        const struct shape *as)
{
    struct l1d *l1d = &t->l1d;
    struct l1d_state *state = &l1d->state[place];
    bool again = state->written;

    if (place >= l1d_buffers(as)) {
        unsigned buffer = place - l1d_buffers(as);

        again = state->twice;
        state->twice = true;
        l1d->loose &= ~(1u << buffer);
        l1d->buffer_order = order_use(l1d->buffer_order, buffer, as->buffers);
    } else if (!again) {
        l2_write(t, line, as);
        state->written = true;
    }
    state->stamp = now;
    return again;
}

/* A store to a line that has none: it takes one, or a buffer, if there are any for it. */
SHAPED void store_first(struct timing *t, uint32_t line, uint64_t now, const struct shape *as)
{
    meter_count(t->meter, CPU_l1d_misses, 1);
    l2_write(t, line, as);
    if (!as->write_allocate && !as->buffers)
        return;
    unsigned place = as->write_allocate ? allocate(t, line, as) : allocate_buffer(t, line, as);
    t->l1d.state[place].written = true;
    t->l1d.state[place].twice = false;
    t->l1d.state[place].stamp = now;
}

void data_walk_read(struct timing *t, uint32_t line)
{
    if (!t->shape.l1d)
        return;
    if (t->usual)
        load(t, line, next_use(t), OF_WALK, &usual_shape);
    else
        load(t, line, next_use(t), OF_WALK, &t->shape);
}

void data_unwritten_place(struct timing *t, unsigned place)
{
    if (place >= t->l1d.buffers) {
        drop_line(t, place);
        return;
    }
    t->l1d.state[place].written = false;
    filter_notify_stores(t, place);
}

void data_invalidate(struct timing *t, uint32_t line)
{
    int place = l1d_find_any(&t->l1d, line, &t->shape);

    if (place >= 0)
        drop_line(t, (unsigned)place);
}

/* A page that the DTLB does not hold. */
static __attribute__((noinline)) unsigned miss(struct timing *t, uint32_t page)
{
    meter_count(t->meter, CPU_dtlb_misses, 1);
    struct timing_page found = hierarchy_walk(t, page);
    return tlb_fill(&t->dtlb, page, found.shift, found.global, next_use(t), newest_use, dropped);
}

/* Returns the DTLB entry of the page; TLB_ENTRIES_MAX, which holds no page, without paging or TLB.
 * *known: nothing was walked. */
SHAPED unsigned translate(struct timing *t, uint32_t page, uint32_t line, uint64_t now, bool *known,
                          const struct shape *as)
{
    *known = true;
    if (!t->paging || !as->dtlb)
        return TLB_ENTRIES_MAX;
    unsigned entry = tlb_find(&t->dtlb, page);
    if (entry == TLB_NONE) {
        *known = false;
        l2_prefetch_host(&t->l2, line, as);
        return miss(t, page);
    }
    tlb_use(&t->dtlb, entry, now);
    return entry;
}

static __attribute__((noinline)) void admit(struct timing *t, unsigned place, uint32_t vline,
                                            unsigned entry, struct filter_site site)
{
    filter_admit(t, place, vline, entry, site);
}

/*
 * To enter the filter and to leave it costs more than one notification. So a line that is likely
 * not to be used again enters at its second one, and at its third if it is in a buffer. Scattered
 * stores use each buffer once or twice, scattered loads each page, and a store follows once.
 */
SHAPED void update_filter(struct timing *t, uint32_t vline, unsigned entry, int place,
                          bool admitted, struct filter_site site)
{
    if (!site.host)
        return;
    if (admitted)
        admit(t, (unsigned)place, vline, entry, site);
    else
        filter_vacate(t, vline, site.table);
}

SHAPED void load_shaped(struct timing *t, uint32_t linear, uint32_t physical,
                        struct filter_site site, const struct shape *as)
{
    uint32_t line = physical >> COSTS_LINE_BITS;
    uint64_t now = next_use(t);
    bool known;
    unsigned entry = translate(t, linear >> 12, line, now, &known, as);

    if (!known)
        now = next_use(t);
    int place = as->l1d ? (int)load(t, line, now, OF_ACCESS, as) : NOWHERE;
    update_filter(t, linear >> COSTS_LINE_BITS, entry, place, as->l1d && known, site);
}

static __attribute__((noinline)) void store_found(struct timing *t, unsigned place, uint32_t linear,
                                                  uint32_t line, unsigned entry,
                                                  struct filter_site site)
{
    bool again = t->usual ? store_again(t, place, line, *t->sequence, &usual_shape)
                          : store_again(t, place, line, *t->sequence, &t->shape);

    update_filter(t, linear >> COSTS_LINE_BITS, entry, (int)place,
                  again || filter_holds(&t->l1d.state[place]), site);
}

SHAPED void store_shaped(struct timing *t, uint32_t linear, uint32_t physical,
                         struct filter_site site, const struct shape *as)
{
    uint32_t line = physical >> COSTS_LINE_BITS;
    uint64_t now = next_use(t);
    bool known;
    unsigned entry = translate(t, linear >> 12, line, now, &known, as);

    if (!known)
        now = next_use(t);
    int place = as->l1d ? l1d_find_any(&t->l1d, line, as) : NOWHERE;
    if (place >= 0) {
        store_found(t, (unsigned)place, linear, line, entry, site);
        return;
    }
    if (as->l1d)
        store_first(t, line, now, as);
    update_filter(t, linear >> COSTS_LINE_BITS, entry, NOWHERE, false, site);
}

void timing_load(struct timing *t, uint32_t linear, uint32_t physical, struct filter_site site)
{
    if (t->usual)
        load_shaped(t, linear, physical, site, &usual_shape);
    else
        load_shaped(t, linear, physical, site, &t->shape);
}

/*
 * Most notified stores of the usual machine take a buffer and find their line dirty in the L2. Here
 * whatever such a store would change is looked at first; false: something is not as expected, and
 * nothing has changed. So there is nothing to call, and to save registers for.
 */
static inline bool store_scattered(struct timing *t, uint32_t linear, uint32_t line, uint32_t table)
{
    const struct shape *as = &usual_shape;
    struct l1d *l1d = &t->l1d;
    unsigned entry = t->dtlb.small[linear >> 12];
    unsigned buffer = l1d->buffer_order & 15, place = l1d_buffers(as) + buffer;
    uint64_t limit = *t->meter->clock + t->costs->memory_store_backlog;

    if (!as->l1d || !as->l2 || !as->dtlb || as->write_allocate || !as->buffers)
        return false; /* another way, or none: known when this is compiled */
    if (!t->usual || !t->paging || entry == TLB_NONE || l1d->loose >> buffer & 1 ||
        t->filter->owner[table][(linear >> COSTS_LINE_BITS) % FILTER_SLOTS] >= 0 ||
        t->l2.bus_free > limit || l1d_find_any(l1d, line, as) >= 0)
        return false;
    uint32_t *tag = l2_find_in_use(&t->l2, line | L2_DIRTY, as);
    if (!tag)
        return false;

    uint64_t now = next_use(t);
    tlb_use(&t->dtlb, entry, now);
    meter_count(t->meter, CPU_l1d_misses, 1);
    meter_count(t->meter, CPU_l2_accesses, 1);
    l2_use(&t->l2, line, tag, as);
    l1d->buffer_order = order_take(l1d->buffer_order, as->buffers);
    l1d->line[place] = line;
    l1d->state[place].written = true;
    l1d->state[place].twice = false;
    l1d->state[place].stamp = now;
    return true;
}

static __attribute__((noinline)) void store_any(struct timing *t, uint32_t linear,
                                                uint32_t physical, struct filter_site site)
{
    if (t->usual)
        store_shaped(t, linear, physical, site, &usual_shape);
    else
        store_shaped(t, linear, physical, site, &t->shape);
}

void timing_store(struct timing *t, uint32_t linear, uint32_t physical, struct filter_site site)
{
    if (!store_scattered(t, linear, physical >> COSTS_LINE_BITS, site.table))
        store_any(t, linear, physical, site);
}

void timing_access_device(struct timing *t, uint32_t linear)
{
    bool known;

    translate(t, linear >> 12, 0, next_use(t), &known, &t->shape);
}

void data_forget_translations(struct timing *t)
{
    dropped(t, TLB_ENTRIES_MAX);
}

void timing_empty_filter(struct timing *t)
{
    for (unsigned place = 0; place < t->l1d.end; place += 64)
        while (t->filter->active[place / 64])
            filter_remove(t, place + (unsigned)__builtin_ctzll(t->filter->active[place / 64]));
}
