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
    for (size_t set = 0; set <= l2->set_mask; set++)
        for (unsigned way = 0; way < l2->stride; way++) {
            l2->sets[set * 2 * l2->stride + way] = L2_TAG_EMPTY;
            l2->sets[(set * 2 + 1) * l2->stride + way] = 0;
        }
    for (unsigned i = 0; i < sizeof(l2->stream) / sizeof(l2->stream[0]); i++)
        l2->stream[i].page = NO_LINE;
    return true;
}

void l2_close(struct timing *t)
{
    free(t->l2.sets);
    free(t->l2.ready);
}

static inline uint32_t *set_of(const struct l2 *l2, uint32_t line)
{
    return l2->sets + (size_t)(line & l2->set_mask) * 2 * l2->stride;
}

/* The tag of a line, or NULL. */
static inline uint32_t *find(const struct l2 *l2, uint32_t line)
{
    uint32_t *set = set_of(l2, line);
    int way = search_masked(set, l2->stride, line, L2_TAG_LINE);
    return way < 0 ? NULL : set + way;
}

static inline uint64_t *ready_of(const struct l2 *l2, uint32_t line, const uint32_t *tag)
{
    size_t way = (size_t)(tag - set_of(l2, line));
    return &l2->ready[(size_t)(line & l2->set_mask) * l2->stride + way];
}

/* Only the order of stamps within a set matters: numbers them anew from 1. */
static void renumber(struct l2 *l2)
{
    for (size_t set = 0; set <= l2->set_mask; set++) {
        uint32_t *stamp = l2->sets + (set * 2 + 1) * l2->stride, rank[16];
        for (unsigned i = 0; i < l2->ways; i++) {
            rank[i] = 1;
            for (unsigned j = 0; j < l2->ways; j++)
                rank[i] += stamp[j] < stamp[i];
        }
        for (unsigned i = 0; i < l2->ways; i++)
            stamp[i] = rank[i];
    }
    l2->uses = l2->ways;
}

static inline void use(struct l2 *l2, uint32_t *tag)
{
    if (l2->uses == UINT32_MAX)
        renumber(l2);
    tag[l2->stride] = ++l2->uses;
}

/* Hands the bus `lines` lines to carry; returns when it begins with them. */
static uint64_t use_bus(struct timing *t, unsigned lines)
{
    uint64_t now = *t->meter->clock;
    uint64_t start = t->l2.bus_free > now ? t->l2.bus_free : now;
    t->l2.bus_free = start + lines * t->costs->memory_occupancy;
    return start;
}

static void write_back(struct timing *t)
{
    meter_count(t->meter, CPU_l2_writebacks, 1);
    use_bus(t, 1);
}

/* ---- the other processor ---------------------------------------------------------------------- */

static void snoop_read(struct timing *t, uint32_t line)
{
    struct timing *other = t->costs->memory_coherent ? t->other : NULL;
    uint32_t *theirs = other ? find(&other->l2, line) : NULL;
    if (theirs && *theirs & L2_DIRTY) {
        *theirs &= ~(uint32_t)L2_DIRTY;
        data_unwritten(other, line);
        write_back(other);
    }
}

static void snoop_write(struct timing *t, uint32_t line)
{
    struct timing *other = t->costs->memory_coherent ? t->other : NULL;
    if (!other)
        return;
    uint32_t *theirs = find(&other->l2, line);
    if (theirs) {
        if (*theirs & L2_DIRTY)
            write_back(other);
        *theirs = L2_TAG_EMPTY;
    }
    data_invalidate(other, line);
}

/* ---- filling ---------------------------------------------------------------------------------- */

static void place(struct timing *t, uint32_t line, uint32_t flags, uint64_t ready)
{
    struct l2 *l2 = &t->l2;
    uint32_t *set = set_of(l2, line), *stamp = set + l2->stride;
    unsigned chosen = 0;
    uint32_t oldest = UINT32_MAX;
    for (unsigned way = 0; way < l2->ways; way++) {
        uint32_t used = set[way] == L2_TAG_EMPTY ? 0 : stamp[way];
        chosen = used < oldest ? way : chosen;
        oldest = used < oldest ? used : oldest;
    }
    uint32_t gone = set[chosen];
    set[chosen] = L2_TAG_EMPTY;
    if (gone != L2_TAG_EMPTY) {
        data_unwritten(t, gone & L2_TAG_LINE);
        if (gone & L2_DIRTY)
            write_back(t);
    }
    set[chosen] = line | flags | L2_COMING;
    *ready_of(l2, line, &set[chosen]) = ready;
    use(l2, &set[chosen]);
}

/*
 * Fetches the sector of a line that is absent. `flags` are the line's; a neighbour brought by the
 * prefetcher is as fresh as the line. Returns when the line arrives.
 */
static uint64_t fetch_sector(struct timing *t, uint32_t line, uint32_t flags)
{
    uint32_t neighbour = t->costs->l2_sector > COSTS_LINE_BYTES ? line ^ 1 : line;
    bool both = neighbour != line && !find(&t->l2, neighbour);

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

static struct stream *stream_of(struct timing *t, uint32_t page)
{
    struct stream *chosen = &t->l2.stream[0];
    for (struct stream *s = chosen; s < t->l2.stream + t->costs->prefetch_streams; s++) {
        if (s->page == page)
            return s;
        if (s->stamp < chosen->stamp)
            chosen = s;
    }
    return chosen;
}

/* A line was missed, or would have been without the prefetcher. */
static void observe(struct timing *t, uint32_t line)
{
    if (!t->costs->prefetch_streams)
        return;
    uint32_t page = line / LINES_PER_PAGE;
    struct stream *s = stream_of(t, page);
    if (s->page != page) {
        *s = (struct stream){.page = page, .line = line, .stamp = ++t->l2.stream_uses};
        return;
    }
    int32_t distance = (int32_t)(line - s->line);
    s->stamp = ++t->l2.stream_uses;
    if (!distance)
        return;
    s->line = line;
    s->direction = distance > 0 ? 1 : -1;
    if (abs(distance) > STREAM_THRESHOLD)
        s->direction = 0;
    if (!s->direction)
        return;
    for (int i = 1; i <= (int)t->costs->prefetch_ahead; i++) {
        uint32_t wanted = line + (uint32_t)(i * s->direction);
        if (wanted / LINES_PER_PAGE != page)
            break;
        if (!find(&t->l2, wanted))
            fetch_sector(t, wanted, L2_FRESH);
    }
}

/* ---- accesses --------------------------------------------------------------------------------- */

/* A demand access found the line. */
static inline void hit(struct timing *t, uint32_t *tag, uint32_t line)
{
    use(&t->l2, tag);
    if (*tag & L2_FRESH) {
        *tag &= ~(uint32_t)L2_FRESH;
        observe(t, line);
    }
}

void l2_read(struct timing *t, uint32_t line, enum on_behalf who)
{
    charge_stall(t, who, CPU_cycles_l1, t->costs->l2_latency);
    if (!t->costs->l2_enabled)
        return;
    meter_count(t->meter, CPU_l2_accesses, 1);
    uint32_t *tag = find(&t->l2, line);
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

void l2_write(struct timing *t, uint32_t line)
{
    if (!t->costs->l2_enabled)
        return;
    meter_count(t->meter, CPU_l2_accesses, 1);
    uint32_t *tag = find(&t->l2, line);
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
    uint64_t limit = *t->meter->clock + t->costs->memory_store_backlog;
    if (t->l2.bus_free > limit)
        charge_stall(t, OF_ACCESS, CPU_cycles_memory, t->l2.bus_free - limit);
}
