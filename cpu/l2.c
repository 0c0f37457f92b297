/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * l2.c - second-level cache, prefetcher, bus and memory
 *
 * Write-back, allocates on reads and writes, exact LRU. A miss fetches the whole sector: the line
 * and, where a sector is two lines, its neighbour unless present. The bus carries one line at a
 * time, so a fetch may have to wait for what was asked before; lines on their way are present with
 * the time of their arrival.
 *
 * Prefetcher: a second miss within 256 bytes of the last one in the same 4 KB page starts a stream,
 * which from then on is kept prefetch_ahead lines ahead; the first use of a prefetched line counts
 * as the miss that it would have been. Streams end at their page (IA-32 Optimization Reference
 * Manual, "Hardware Prefetch").
 *
 * Coherence, as by MESI on a snooping bus: a line is dirty in at most one L2. The first write to a
 * line that is clean here takes it out of the other processor's caches; a read that misses here
 * makes the other one write it back.
 */
#include "cpu/hierarchy.h"

#include <stdlib.h>
#include <string.h>

#define LINES_PER_PAGE   (4096 / COSTS_LINE_BYTES)
#define STREAM_THRESHOLD 4 /* lines: 256 bytes */

bool l2_open(struct timing *t)
{
    struct l2 *l2 = &t->l2;
    l2->ways = (unsigned)t->costs->l2_ways;
    l2->stride = search_stride(l2->ways);
    l2->set_mask = (uint32_t)(t->costs->l2_bytes / COSTS_LINE_BYTES / l2->ways - 1);
    size_t places = (size_t)(l2->set_mask + 1) * l2->stride;
    l2->sets = aligned_alloc(64, (places * 2 * sizeof(*l2->sets) + 63) / 64 * 64);
    l2->ready = calloc(places, sizeof(*l2->ready));
    if (!l2->sets || !l2->ready)
        return false;
    for (size_t i = 0; i <= l2->set_mask; i++) {
        uint32_t *set = l2_set(l2, (uint32_t)i);
        for (unsigned way = 0; way < l2->stride; way++)
            set[way] = L2_TAG_EMPTY;
        *l2_order(l2, set) = order_first(l2->ways);
    }
    l2->streams.order = order_first(16);
    if (t->costs->prefetch_streams)
        l2->streams.order = order_first((unsigned)t->costs->prefetch_streams);
    for (unsigned i = 0; i < sizeof(l2->streams.page) / sizeof(l2->streams.page[0]); i++)
        l2->streams.page[i] = NO_LINE;
    return true;
}

void l2_close(struct timing *t)
{
    free(t->l2.sets);
    free(t->l2.ready);
}

static inline uint64_t *ready_of(const struct l2 *l2, uint32_t line, const uint32_t *tag)
{
    size_t way = (size_t)(tag - l2_set(l2, line));
    return &l2->ready[(size_t)(line & l2->set_mask) * l2->stride + way];
}

/* Hands the bus `lines` lines to carry; returns when it begins with them. */
static uint64_t use_bus(struct timing *t, unsigned lines)
{
    uint64_t now = *t->meter->clock;
    uint64_t start = t->l2.bus_free > now ? t->l2.bus_free : now;
    t->l2.bus_free = start + lines * t->costs->memory_occupancy;
    return start;
}

/* The line that `tag` was is written back if it is dirty. Which of them are is as good as random. */
static inline void write_back_if_dirty(struct timing *t, uint32_t tag)
{
    uint64_t dirty = tag / L2_DIRTY & 1, now = *t->meter->clock;
    uint64_t start = t->l2.bus_free > now ? t->l2.bus_free : now;
    meter_count(t->meter, CPU_l2_writebacks, dirty);
    t->l2.bus_free = dirty ? start + t->costs->memory_occupancy : t->l2.bus_free;
}

/* ---- the other processor ---------------------------------------------------------------------- */

static void snoop_read(struct timing *t, uint32_t line)
{
    struct timing *other = t->costs->memory_coherent ? t->other : NULL;
    uint32_t *theirs = other ? l2_find(&other->l2, line) : NULL;
    if (theirs && *theirs & L2_DIRTY) {
        uint32_t before = *theirs;
        *theirs &= ~(uint32_t)L2_DIRTY;
        data_unwritten(other, line);
        write_back_if_dirty(other, before);
    }
}

static void snoop_write(struct timing *t, uint32_t line)
{
    struct timing *other = t->costs->memory_coherent ? t->other : NULL;
    if (!other)
        return;
    uint32_t *theirs = l2_find(&other->l2, line);
    if (theirs) {
        write_back_if_dirty(other, *theirs);
        *theirs = L2_TAG_EMPTY;
        uint32_t *set = l2_set(&other->l2, line);
        uint64_t *order = l2_order(&other->l2, set);
        *order = order_forget(*order, (unsigned)(theirs - set));
    }
    data_invalidate(other, line);
}

/* ---- filling ---------------------------------------------------------------------------------- */

/* Puts a line in place of the least recently used one of its set. Empty ones are older than any. */
static inline void place(struct timing *t, uint32_t line, uint32_t flags, uint64_t ready)
{
    struct l2 *l2 = &t->l2;
    uint32_t *set = l2_set(l2, line);
    uint64_t *order = l2_order(l2, set);
    unsigned chosen = *order & 15;
    uint32_t gone = set[chosen];
    if (gone != L2_TAG_EMPTY) {
        data_unwritten(t, gone & L2_TAG_LINE);
        write_back_if_dirty(t, gone);
    }
    set[chosen] = line | flags | L2_COMING;
    *ready_of(l2, line, &set[chosen]) = ready;
    *order = order_use(*order, chosen, l2->ways);
}

/*
 * Fetches the sector of a line that is absent. `flags` are the line's; a neighbour brought by the
 * prefetcher is as fresh as the line. Returns when the line arrives.
 */
static uint64_t fetch_sector(struct timing *t, uint32_t line, uint32_t flags)
{
    uint32_t neighbour = t->costs->l2_sector > COSTS_LINE_BYTES ? line ^ 1 : line;
    bool both = neighbour != line && !l2_find(&t->l2, neighbour);

    snoop_read(t, line);
    if (both)
        snoop_read(t, neighbour);
    uint64_t ready = use_bus(t, both ? 2 : 1) + t->costs->memory_latency;
    place(t, line, flags, ready);
    if (both)
        place(t, neighbour, flags & L2_FRESH, ready + t->costs->memory_occupancy);
    meter_count(t->meter, CPU_l2_prefetches, (flags & L2_FRESH ? 1 : 0) + (both ? 1 : 0));
    return ready;
}

/* ---- the prefetcher --------------------------------------------------------------------------- */

/* A line was missed, or would have been without the prefetcher. */
static void observe(struct timing *t, uint32_t line)
{
    struct streams *s = &t->l2.streams;
    unsigned count = (unsigned)t->costs->prefetch_streams;
    if (!count)
        return;
    uint32_t page = line / LINES_PER_PAGE;
    int found = search_line(s->page, search_stride(count), page);
    if (found < 0) {
        unsigned chosen = s->order & 15;
        s->page[chosen] = page;
        s->line[chosen] = line;
        s->order = order_use(s->order, chosen, count);
        return;
    }
    int32_t distance = (int32_t)(line - s->line[found]);
    s->order = order_use(s->order, (unsigned)found, count);
    if (!distance)
        return;
    int direction = abs(distance) > STREAM_THRESHOLD ? 0 : distance > 0 ? 1 : -1;
    s->line[found] = line;
    if (!direction)
        return;
    for (int i = 1; i <= (int)t->costs->prefetch_ahead; i++) {
        uint32_t wanted = line + (uint32_t)(i * direction);
        if (wanted / LINES_PER_PAGE != page)
            break;
        if (!l2_find(&t->l2, wanted))
            fetch_sector(t, wanted, L2_FRESH);
    }
}

/* ---- accesses --------------------------------------------------------------------------------- */

/* A demand access found the line. */
static inline void hit(struct timing *t, uint32_t *tag, uint32_t line)
{
    l2_use(&t->l2, line, tag);
    if (*tag & L2_FRESH) {
        *tag &= ~(uint32_t)L2_FRESH;
        observe(t, line);
    }
}

void l2_read_rest(struct timing *t, uint32_t line, uint32_t *tag, enum on_behalf who)
{
    uint64_t now = *t->meter->clock, ready = 0;
    if (tag) {
        if (*tag & L2_COMING) {
            ready = *ready_of(&t->l2, line, tag);
            *tag &= ~(uint32_t)L2_COMING; /* it is here when this access is done */
        }
        hit(t, tag, line);
    } else {
        meter_count(t->meter, CPU_l2_misses, 1);
        ready = fetch_sector(t, line, 0);
        observe(t, line);
    }
    if (ready > now)
        charge_stall(t, who, CPU_cycles_memory, ready - now);
}

void l2_write_rest(struct timing *t, uint32_t line, uint32_t *tag)
{
    if (tag) {
        if (!(*tag & L2_DIRTY))
            snoop_write(t, line);
        *tag |= L2_DIRTY;
        hit(t, tag, line);
    } else {
        meter_count(t->meter, CPU_l2_misses, 1);
        snoop_write(t, line);
        fetch_sector(t, line, L2_DIRTY);
        observe(t, line);
    }
}
