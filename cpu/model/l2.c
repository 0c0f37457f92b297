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
 * line that is clean here takes it out of the other processors' caches; a read that misses here
 * makes the one where it is dirty write it back. Devices take part (dma.c).
 */
#include "cpu/model/hierarchy.h"
#include "cpu/model/usual_shape.h"

#include <stdlib.h>
#include <string.h>

#define LINES_PER_PAGE   (4096 / COSTS_LINE_BYTES)
#define STREAM_THRESHOLD 4 /* lines: 256 bytes */

bool l2_open(struct timing *t)
{
    struct l2 *l2 = &t->l2;
    const struct shape *as = &t->shape;
    size_t places = (size_t)as->l2_sets * as->l2_stride;

    l2->sets = aligned_alloc(64, (places * 2 * sizeof(*l2->sets) + 63) / 64 * 64);
    l2->ready = calloc(places, sizeof(*l2->ready));
    if (!l2->sets || !l2->ready)
        return false;
    memset(l2->sets, 0, places * 2 * sizeof(*l2->sets)); /* what pads a set is saved, too */
    for (uint32_t i = 0; i < as->l2_sets; i++) {
        uint32_t *set = l2_set(l2, i, as);

        for (unsigned way = 0; way < as->l2_stride; way++)
            set[way] = L2_TAG_EMPTY;
        *l2_order(set, as) = order_first(as->l2_ways);
    }
    l2->streams.order = order_first(as->streams ? as->streams : 16);
    for (unsigned i = 0; i < sizeof(l2->streams.page) / sizeof(l2->streams.page[0]); i++)
        l2->streams.page[i] = NO_LINE;
    return true;
}

void l2_close(struct timing *t)
{
    free(t->l2.sets);
    free(t->l2.ready);
}

/* Hands the bus `lines` lines to carry; returns when it begins with them. */
static inline uint64_t use_bus(struct timing *t, unsigned lines)
{
    uint64_t now = *t->meter->clock;
    uint64_t start = t->l2.bus_free > now ? t->l2.bus_free : now;

    t->l2.bus_free = start + lines * t->costs->memory_occupancy;
    return start;
}

/* The line that `tag` was is written back if it is dirty, which is as good as random. */
static inline void write_back_if_dirty(struct timing *t, uint32_t tag)
{
    uint64_t dirty = tag / L2_DIRTY & 1, now = *t->meter->clock;
    uint64_t start = t->l2.bus_free > now ? t->l2.bus_free : now;

    meter_count(t->meter, CPU_l2_writebacks, dirty);
    t->l2.bus_free = dirty ? start + t->costs->memory_occupancy : t->l2.bus_free;
}

/* ---- others on the bus ----------------------------------------------------------------------- */

bool l2_share(struct timing *t, uint32_t line)
{
    uint32_t *tag = l2_find(&t->l2, line, &t->shape);

    if (!tag || !(*tag & L2_DIRTY))
        return false;
    uint32_t before = *tag;
    *tag &= ~(uint32_t)L2_DIRTY;
    data_unwritten(t, line, &t->shape);
    write_back_if_dirty(t, before);
    return true;
}

bool l2_drop(struct timing *t, uint32_t line, bool *dropped)
{
    uint32_t *tag = l2_find(&t->l2, line, &t->shape);
    bool dirty = tag && *tag & L2_DIRTY;

    *dropped = tag != NULL;
    if (tag) {
        write_back_if_dirty(t, *tag);
        *tag = L2_TAG_EMPTY;
        uint32_t *set = l2_set(&t->l2, line, &t->shape);
        uint64_t *order = l2_order(set, &t->shape);
        *order = order_forget(*order, (unsigned)(tag - set));
    }
    data_invalidate(t, line);
    return dirty;
}

void l2_occupy(struct timing *t, unsigned lines)
{
    use_bus(t, lines);
}

/* Whether a processor's accesses are seen by others. */
static inline bool snooped(const struct timing *t)
{
    return t->costs->memory_coherent && t->next != t;
}

static void snoop_read(struct timing *t, uint32_t line)
{
    for (struct timing *other = t->next; other != t; other = other->next)
        l2_share(other, line);
}

static void snoop_write(struct timing *t, uint32_t line)
{
    bool dropped;

    if (!t->costs->memory_coherent)
        return;
    for (struct timing *other = t->next; other != t; other = other->next)
        l2_drop(other, line, &dropped);
}

/* ---- filling --------------------------------------------------------------------------------- */

/* Puts a line in place of the least recently used one of its set. Empty ones are older than any. */
SHAPED void place(struct timing *t, uint32_t line, uint32_t flags, uint64_t ready,
                  const struct shape *as)
{
    struct l2 *l2 = &t->l2;
    uint32_t *set = l2_set(l2, line, as);
    uint64_t *order = l2_order(set, as);
    unsigned chosen = *order & 15;
    uint32_t gone = set[chosen];

    *order = order_take(*order, as->l2_ways);
    set[chosen] = line | flags | L2_COMING;
    l2_ready(l2, line, as)[chosen] = ready;
    if (gone & L2_ASKED)
        data_unwritten(t, gone & L2_TAG_LINE, as);
    write_back_if_dirty(t, gone);
}

/*
 * Fetches the sector of a line that is absent. `flags` are the line's; a neighbour brought by the
 * prefetcher is as fresh as the line. Returns when the line arrives.
 */
SHAPED uint64_t fetch_sector(struct timing *t, uint32_t line, uint32_t flags,
                             const struct shape *as)
{
    uint32_t neighbour = t->costs->l2_sector > COSTS_LINE_BYTES ? line ^ 1 : line;
    bool both = neighbour != line && !l2_find(&t->l2, neighbour, as);

    if (snooped(t)) {
        snoop_read(t, line);
        if (both)
            snoop_read(t, neighbour);
    }
    uint64_t ready = use_bus(t, both ? 2 : 1) + t->costs->memory_latency;
    place(t, line, flags, ready, as);
    if (both)
        place(t, neighbour, flags & L2_FRESH, ready + t->costs->memory_occupancy, as);
    meter_count(t->meter, CPU_l2_prefetches, (flags & L2_FRESH ? 1 : 0) + (both ? 1 : 0));
    return ready;
}

/* ---- the prefetcher -------------------------------------------------------------------------- */

/* Keeps a stream that goes on in `direction` ahead of its line. */
static void keep_ahead(struct timing *t, uint32_t line, int direction)
{
    for (int i = 1; i <= (int)t->costs->prefetch_ahead; i++) {
        uint32_t wanted = line + (uint32_t)(i * direction);

        if (wanted / LINES_PER_PAGE != line / LINES_PER_PAGE)
            break;
        if (!l2_find(&t->l2, wanted, &t->shape))
            fetch_sector(t, wanted, L2_FRESH, &t->shape);
    }
}

/* A line was missed, or would have been without the prefetcher. */
SHAPED void observe(struct timing *t, uint32_t line, const struct shape *as)
{
    struct streams *s = &t->l2.streams;

    if (!as->streams)
        return;
    uint32_t page = line / LINES_PER_PAGE;
    int found = search_line(s->page, search_stride(as->streams), page);
    if (found < 0) {
        unsigned chosen = s->order & 15;

        s->page[chosen] = page;
        s->line[chosen] = line;
        s->order = order_take(s->order, as->streams);
        return;
    }
    int32_t distance = (int32_t)(line - s->line[found]);
    s->order = order_use(s->order, (unsigned)found, as->streams);
    s->line[found] = line;
    if (distance && abs(distance) <= STREAM_THRESHOLD)
        keep_ahead(t, line, distance > 0 ? 1 : -1);
}

/* ---- accesses -------------------------------------------------------------------------------- */

/* A demand access found the line. */
SHAPED void hit(struct timing *t, uint32_t *tag, uint32_t line, const struct shape *as)
{
    l2_use(&t->l2, line, tag, as);
    *tag |= L2_ASKED;
    if (*tag & L2_FRESH) {
        *tag &= ~(uint32_t)L2_FRESH;
        observe(t, line, as);
    }
}

SHAPED void read_rest(struct timing *t, uint32_t line, uint32_t *tag, enum on_behalf who,
                      const struct shape *as)
{
    uint64_t now = *t->meter->clock, ready = 0;

    if (tag) {
        if (*tag & L2_COMING) {
            ready = l2_ready(&t->l2, line, as)[tag - l2_set(&t->l2, line, as)];
            *tag &= ~(uint32_t)L2_COMING; /* it is here when this access is done */
        }
        hit(t, tag, line, as);
    } else {
        meter_count(t->meter, CPU_l2_misses, 1);
        ready = fetch_sector(t, line, L2_ASKED, as);
        observe(t, line, as);
    }
    if (ready > now)
        charge_stall(t, who, CPU_cycles_memory, ready - now);
}

SHAPED void write_rest(struct timing *t, uint32_t line, uint32_t *tag, const struct shape *as)
{
    if (tag) {
        if (!(*tag & L2_DIRTY))
            snoop_write(t, line);
        *tag |= L2_DIRTY;
        hit(t, tag, line, as);
    } else {
        meter_count(t->meter, CPU_l2_misses, 1);
        snoop_write(t, line);
        fetch_sector(t, line, L2_DIRTY | L2_ASKED, as);
        observe(t, line, as);
    }
}

void l2_read_rest(struct timing *t, uint32_t line, uint32_t *tag, enum on_behalf who)
{
    if (t->usual)
        read_rest(t, line, tag, who, &usual_shape);
    else
        read_rest(t, line, tag, who, &t->shape);
}

void l2_write_rest(struct timing *t, uint32_t line, uint32_t *tag)
{
    if (t->usual)
        write_rest(t, line, tag, &usual_shape);
    else
        write_rest(t, line, tag, &t->shape);
}
