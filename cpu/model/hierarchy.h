/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hierarchy.h - the caches, TLBs and memory of one processor (`full` mode)
 *
 *      code fetch                     data access
 *      ITLB --miss--> page walk <--miss-- DTLB
 *        |                |                 |
 *       L1I              L1D <-------------L1D    write-through, by line
 *        |                |                 |
 *        +------------->  L2  <-------------+     write-back, unified
 *                         |
 *            prefetcher   bus, memory             snooped by the other processors' L2
 *
 * What happens is decided here once, for whoever asks: every access by itself (no_filter), or only
 * those that miss the line filter (filter.h). By construction those are all that change anything
 * but recency, and recency comes back through the stamps that the fast path leaves. Both give the
 * same counts and cycles to the last one.
 *
 * Time. Stall cycles are charged to the meter when they happen. `now` of the bus and of lines under
 * way is the meter's clock, in which the issue cycles of a block count from its beginning.
 * Recency is another time: *sequence, which only orders uses.
 */
#ifndef XENOLITH_CPU_HIERARCHY_H
#define XENOLITH_CPU_HIERARCHY_H

#include <emmintrin.h>

#include "cpu/model/shape.h"
#include "cpu/model/timing.h"
#include "cpu/model/tlb.h"

#define NO_LINE UINT32_MAX

/* Functions that take constants from their callers. */
#define SHAPED static inline __attribute__((always_inline))

/* Uses are numbered in steps of this; what lies between two is for accesses within one block. */
#define SEQUENCE_STEP 4096

/* The index of `wanted` among `count` line numbers, a multiple of SEARCH_WIDTH; or -1. Bits outside
 * of `mask` are not compared. */
SHAPED int search_masked(const uint32_t *line, unsigned count, uint32_t wanted, uint32_t mask)
{
    __m128i pattern = _mm_set1_epi32((int)wanted), compared = _mm_set1_epi32((int)mask);
    uint64_t equal = 0;

#pragma GCC unroll 2
    for (unsigned i = 0; i < count; i += SEARCH_WIDTH) {
        __m128i found = _mm_loadu_si128((const __m128i *)(line + i));
        __m128i same = _mm_cmpeq_epi32(pattern, _mm_and_si128(found, compared));

        equal |= (uint64_t)(unsigned)_mm_movemask_ps(_mm_castsi128_ps(same)) << i;
    }
    return equal ? __builtin_ctzll(equal) : -1;
}

SHAPED int search_line(const uint32_t *line, unsigned count, uint32_t wanted)
{
    return search_masked(line, count, wanted, UINT32_MAX);
}

/*
 * Exact LRU order of up to 16 things, a nibble each: the least recently used one lowest. Who is
 * used last twice in a row, which is most of them, changes nothing.
 */
#define ORDER_NIBBLES UINT64_C(0x1111111111111111)

static inline uint64_t order_first(unsigned things)
{
    uint64_t all = UINT64_C(0xfedcba9876543210);

    return things == 16 ? all : all & ((UINT64_C(1) << 4 * things) - 1);
}

/* Where `thing` is, in bits from the lowest. */
static inline unsigned order_find(uint64_t order, unsigned thing)
{
    uint64_t other = order ^ thing * ORDER_NIBBLES;

    return (unsigned)__builtin_ctzll((other - ORDER_NIBBLES) & ~other & 8 * ORDER_NIBBLES) - 3;
}

SHAPED uint64_t order_use(uint64_t order, unsigned thing, unsigned things)
{
    unsigned top = 4 * (things - 1);

    if (order >> top == thing)
        return order;
    unsigned at = order_find(order, thing);
    uint64_t below = order & ((UINT64_C(1) << at) - 1);
    return below | order >> at >> 4 << at | (uint64_t)thing << top;
}

/* Makes the least recently used one the last used one. */
static inline uint64_t order_take(uint64_t order, unsigned things)
{
    return order >> 4 | (order & 15) << 4 * (things - 1);
}

/* Makes `thing` the least recently used one. */
static inline uint64_t order_forget(uint64_t order, unsigned thing)
{
    unsigned at = order_find(order, thing);
    uint64_t below = order & ((UINT64_C(1) << at) - 1);

    return order >> at >> 4 << at << 4 | below << 4 | thing;
}

/* ---- the first-level data cache -------------------------------------------------------------- */

struct filter_entry;

/* Everything about a line but its number, which is in l1d.line so that a set can be searched at
 * once. The filter may hold a later use than `stamp`. */
struct l1d_state {
    uint64_t stamp;             /* last use that is known */
    struct filter_entry *entry; /* in the filter, or `nobody` there */
    uint32_t vline;             /* linear line number, while in the filter */
    int16_t next, previous;     /* places in the filter under the same DTLB entry; -1: no other */
    uint8_t tlb;                /* that DTLB entry */
    bool written;               /* the L2 has seen a write to it since both hold it */
    bool twice;                 /* a buffer's: notified of more than one store to it */
};

/* Places of lines: sets x ways, and behind them the write-combining buffers. */
struct l1d {
    unsigned buffers, end; /* the first buffer; the end of all */
    uint32_t *line;        /* physical line numbers, or NO_LINE */
    struct l1d_state *state;
    uint64_t buffer_order; /* of the buffers' notified uses */
    uint32_t loose;        /* buffers, a bit each, that the fast path may have used since */
    int16_t first[TLB_ENTRIES_MAX + 1]; /* by DTLB entry: a place in the filter, or -1 */
};

/* ---- the first-level instruction cache ------------------------------------------------------- */

struct l1i_state {
    uint64_t stamp; /* last notified use; `recency` of the owner may hold a later one */
    uint32_t owner; /* linear line that the fast path fetches here, or UINT32_MAX */
    int next,
        previous; /* places under the same ITLB entry, -1: none; valid while it has an owner */
    uint8_t tlb;  /* that entry; TLB_ENTRIES_MAX: none is needed */
};

/* Places of lines: sets x ways; stride: ways, rounded up to what is searched at once. */
struct l1i {
    uint32_t set_mask;
    unsigned ways, stride, end;
    uint32_t *line; /* physical line numbers, or NO_LINE */
    struct l1i_state *state;
    int64_t *recency; /* by linear line, see fetch.c */
    struct l1i_page {
        uint64_t stamp; /* last use of an ITLB entry that is known, beside the TLB's own */
        int first;
    } page[TLB_ENTRIES_MAX + 1];
};

/* ---- the second level, the bus and the prefetcher -------------------------------------------- */

/*
 * A tag is a physical line number with flags above it; physical addresses have 32 bits here. Its
 * set, the tags and then their order, is one cache line of the host for 8 ways.
 */
enum {
    L2_TAG_LINE = 0x03ffffff,
    L2_TAG_EMPTY = L2_TAG_LINE, /* no memory has this line */
    L2_DIRTY = 1 << 26,
    L2_FRESH = 1 << 27,  /* brought by the prefetcher, not used yet */
    L2_COMING = 1 << 28, /* its data may not have arrived: see `ready` */
    L2_ASKED = 1 << 29,  /* by an access of this processor's: its L1D may hold it too */
};

/* Streams that the prefetcher follows, by physical page. */
struct streams {
    uint32_t page[16]; /* or NO_LINE */
    uint32_t line[16]; /* last one seen */
    uint64_t order;    /* of their uses */
};

struct l2 {
    uint32_t
        *sets; /* for each set `stride` tags, the order of their uses, and room up to 2 x stride */
    uint64_t *ready;   /* for each way when its data arrive */
    uint64_t bus_free; /* when the bus has done what it was given */
    struct streams streams;
};

/* ---- one processor --------------------------------------------------------------------------- */

struct filter;

/* What every notified access touches comes first. */
struct timing {
    struct meter *meter;
    const struct machine_costs *costs;
    uint64_t *sequence;
    struct filter *filter; /* empty with no_filter */
    bool paging;           /* otherwise linear addresses are physical and the TLBs are not used */
    bool no_filter;        /* notified of every fetch and access; nothing takes the fast path */
    bool usual;            /* `shape` is usual_shape */
    struct shape shape;
    struct l1d l1d;
    struct l2 l2;
    struct timing *next; /* on the bus, a ring of all processors */
    struct tlb dtlb, itlb;
    struct l1i l1i;
    timing_page_of *page_of;
    void *cpu;
    uint64_t own_sequence;
    uint32_t flushed_cr0, flushed_cr4; /* the registers when the TLBs were last flushed */
};

static inline uint64_t next_use(struct timing *t)
{
    return *t->sequence += SEQUENCE_STEP;
}

/* Whom a stall is charged to: a program's own access, or a page walk. */
enum on_behalf { OF_ACCESS, OF_WALK };

static inline void charge_stall(struct timing *t, enum on_behalf who, enum cpu_event cause,
                                uint64_t cycles)
{
    meter_charge(t->meter, who == OF_WALK ? CPU_cycles_tlb : cause, cycles);
}

/* l2.c */
bool l2_open(struct timing *t);
void l2_close(struct timing *t);
/* What the inline functions below leave to it: the line is absent, on its way or fresh. */
void l2_read_rest(struct timing *t, uint32_t line, uint32_t *tag, enum on_behalf who);
void l2_write_rest(struct timing *t, uint32_t line, uint32_t *tag);

/*
 * Another master reads the line, or writes it: this processor's caches of data write it back if it
 * is dirty, which is returned. For a write they drop it, and *dropped says whether the L2 had it.
 */
bool l2_share(struct timing *t, uint32_t line);
bool l2_drop(struct timing *t, uint32_t line, bool *dropped);

/* Somebody else moves `lines` lines over the bus. */
void l2_occupy(struct timing *t, unsigned lines);

SHAPED uint32_t *l2_set(const struct l2 *l2, uint32_t line, const struct shape *as)
{
    return l2->sets + (size_t)(line & (as->l2_sets - 1)) * 2 * as->l2_stride;
}

SHAPED uint64_t *l2_ready(const struct l2 *l2, uint32_t line, const struct shape *as)
{
    return l2->ready + (size_t)(line & (as->l2_sets - 1)) * as->l2_stride;
}

/* Lets the host fetch what a miss of this line will need while translation goes on. */
SHAPED void l2_prefetch_host(const struct l2 *l2, uint32_t line, const struct shape *as)
{
    __builtin_prefetch(l2_set(l2, line, as));
    __builtin_prefetch(l2_set(l2, line ^ 1, as));
    __builtin_prefetch(l2_ready(l2, line, as));
    __builtin_prefetch(l2_ready(l2, line ^ 1, as));
}

/* The tag of a line, or NULL. */
SHAPED uint32_t *l2_find(const struct l2 *l2, uint32_t line, const struct shape *as)
{
    uint32_t *set = l2_set(l2, line, as);
    int way = search_masked(set, as->l2_stride, line, L2_TAG_LINE);

    return way < 0 ? NULL : set + way;
}

/* The tag of a line that has been asked for and used, with just the flags given; or NULL. */
SHAPED uint32_t *l2_find_in_use(const struct l2 *l2, uint32_t line_and_flags,
                                const struct shape *as)
{
    uint32_t *set = l2_set(l2, line_and_flags, as);
    int way = search_masked(set, as->l2_stride, line_and_flags | L2_ASKED, ~(uint32_t)L2_COMING);

    return way < 0 ? NULL : set + way;
}

SHAPED uint64_t *l2_order(uint32_t *set, const struct shape *as)
{
    return (uint64_t *)(void *)(set + as->l2_stride);
}

SHAPED void l2_use(struct l2 *l2, uint32_t line, const uint32_t *tag, const struct shape *as)
{
    uint32_t *set = l2_set(l2, line, as);
    uint64_t *order = l2_order(set, as);

    *order = order_use(*order, (unsigned)(tag - set), as->l2_ways);
}

/* A read waits for its data. */
SHAPED void l2_read(struct timing *t, uint32_t line, enum on_behalf who, const struct shape *as)
{
    charge_stall(t, who, CPU_cycles_l1, t->costs->l2_latency);
    if (!as->l2)
        return;
    meter_count(t->meter, CPU_l2_accesses, 1);
    uint32_t *tag = l2_find(&t->l2, line, as);
    if (tag && (*tag & (L2_ASKED | L2_COMING | L2_FRESH)) == L2_ASKED)
        l2_use(&t->l2, line, tag, as);
    else
        l2_read_rest(t, line, tag, who);
}

/* A write is posted and stalls only when too much is waiting. */
SHAPED void l2_write(struct timing *t, uint32_t line, const struct shape *as)
{
    if (!as->l2)
        return;
    meter_count(t->meter, CPU_l2_accesses, 1);
    uint32_t *tag = l2_find(&t->l2, line, as);
    if (tag && (*tag & (L2_ASKED | L2_FRESH | L2_DIRTY)) == (L2_ASKED | L2_DIRTY))
        l2_use(&t->l2, line, tag, as);
    else
        l2_write_rest(t, line, tag);
    uint64_t limit = *t->meter->clock + t->costs->memory_store_backlog;
    if (__builtin_expect(t->l2.bus_free > limit, 0))
        charge_stall(t, OF_ACCESS, CPU_cycles_memory, t->l2.bus_free - limit);
}

/* data.c */
#define NOWHERE (-1)

/* The first place of the set of a line. */
SHAPED unsigned l1d_set(uint32_t line, const struct shape *as)
{
    return (line & (as->l1d_sets - 1)) * as->l1d_stride;
}

/* The place of a line in its set, or NOWHERE. */
SHAPED int l1d_find(const struct l1d *l1d, uint32_t line, const struct shape *as)
{
    unsigned set = l1d_set(line, as);
    int way = search_line(l1d->line + set, as->l1d_stride, line);

    return way < 0 ? NOWHERE : (int)set + way;
}

/* The first write-combining buffer. */
SHAPED unsigned l1d_buffers(const struct shape *as)
{
    return as->l1d_sets * as->l1d_stride;
}

/* The same among the write-combining buffers. */
SHAPED int l1d_find_buffer(const struct l1d *l1d, uint32_t line, const struct shape *as)
{
    int buffer = search_line(l1d->line + l1d_buffers(as), as->buffer_stride, line);

    return buffer < 0 ? NOWHERE : (int)l1d_buffers(as) + buffer;
}

/* In either. */
SHAPED int l1d_find_any(const struct l1d *l1d, uint32_t line, const struct shape *as)
{
    int place = l1d_find(l1d, line, as);

    return place >= 0 ? place : l1d_find_buffer(l1d, line, as);
}

bool data_open(struct timing *t);
void data_close(struct timing *t);
void data_walk_read(struct timing *t, uint32_t line);
/* The L2 dropped or shared the line: the next store to it must reach the L2 again. Mostly the L1D
 * does not have it. */
void data_unwritten_place(struct timing *t, unsigned place);
SHAPED void data_unwritten(struct timing *t, uint32_t line, const struct shape *as)
{
    int place = l1d_find_any(&t->l1d, line, as);

    if (__builtin_expect(place >= 0, 0))
        data_unwritten_place(t, (unsigned)place);
}
/* Another processor, or a device, wrote the line. */
void data_invalidate(struct timing *t, uint32_t line);

/* Lines in the filter under no DTLB entry, because none is modelled, leave it. */
void data_forget_translations(struct timing *t);

/* fetch.c */
bool fetch_open(struct timing *t);
void fetch_close(struct timing *t);
/* A device wrote the line. Returns whether the L1I had it. */
bool fetch_invalidate(struct timing *t, uint32_t line);
/* Takes off the fast path what is fetched without an ITLB entry: none is modelled, or paging is
 * off. */
void fetch_forget_translations(struct timing *t);
/* Takes everything off the fast path; what is known of last uses then stands with the places. */
void fetch_empty_filter(struct timing *t);

/* hierarchy.c: makes a page walk, as far as it is not a matter of filling a TLB. */
struct timing_page hierarchy_walk(struct timing *t, uint32_t page);

#endif
