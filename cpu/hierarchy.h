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
 *            prefetcher   bus, memory             snooped by the other processor's L2
 *
 * What happens is decided here once, for whoever asks: every access by itself (plain mode), or only
 * those that the line filter lets through (filter.h), which by construction are all that change
 * anything but recency; recency comes back through the stamps that the filter keeps. Both give
 * the same counts and cycles to the last one.
 *
 * Time. Stall cycles are charged to the meter when they happen. `now` of the bus and of lines under
 * way is the meter's clock, in which the issue cycles of a block count from its beginning.
 * Recency is another time: *sequence, which only orders uses.
 */
#ifndef XENOLITH_CPU_HIERARCHY_H
#define XENOLITH_CPU_HIERARCHY_H

#include <emmintrin.h>

#include "cpu/timing.h"
#include "cpu/tlb.h"

#define NO_LINE UINT32_MAX

/* Uses are numbered in steps of this; what lies between two is for accesses within one block. */
#define SEQUENCE_STEP 4096

/* Line numbers are searched four at a time; arrays of them are padded with NO_LINE. */
#define SEARCH_WIDTH 4
static inline unsigned search_stride(uint64_t ways)
{
    return ((unsigned)ways + SEARCH_WIDTH - 1) / SEARCH_WIDTH * SEARCH_WIDTH;
}

/* The index of `wanted` among `count` line numbers, a multiple of SEARCH_WIDTH; or -1. Bits outside
 * of `mask` are not compared. */
static inline int search_masked(const uint32_t *line, unsigned count, uint32_t wanted,
                                uint32_t mask)
{
    __m128i pattern = _mm_set1_epi32((int)wanted), compared = _mm_set1_epi32((int)mask);
    uint64_t equal = 0;
    for (unsigned i = 0; i < count; i += SEARCH_WIDTH) {
        __m128i found = _mm_loadu_si128((const __m128i *)(line + i));
        __m128i same = _mm_cmpeq_epi32(pattern, _mm_and_si128(found, compared));
        equal |= (uint64_t)(unsigned)_mm_movemask_ps(_mm_castsi128_ps(same)) << i;
    }
    return equal ? __builtin_ctzll(equal) : -1;
}

static inline int search_line(const uint32_t *line, unsigned count, uint32_t wanted)
{
    return search_masked(line, count, wanted, UINT32_MAX);
}

/*
 * Exact LRU order of up to 16 things, a nibble each: the least recently used one lowest. Who is used
 * last twice in a row, which is most of them, changes nothing.
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

static inline uint64_t order_use(uint64_t order, unsigned thing, unsigned things)
{
    unsigned top = 4 * (things - 1);
    if (order >> top == thing)
        return order;
    unsigned at = order_find(order, thing);
    uint64_t below = order & ((UINT64_C(1) << at) - 1);
    return below | order >> at >> 4 << at | (uint64_t)thing << top;
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
    bool written; /* the L2 has seen a write to it since both hold it: later ones combine */
};

/* Places of lines: sets x ways, and behind them the write-combining buffers. */
struct l1d {
    uint32_t set_mask;
    unsigned ways, stride; /* stride: ways, rounded up to what is searched at once */
    unsigned buffers, end; /* the first buffer; the end of all */
    uint32_t *line;        /* physical line numbers, or NO_LINE */
    struct l1d_state *state;
    int16_t first[TLB_ENTRIES_MAX + 1]; /* by DTLB entry: a place in the filter, or -1 */
};

/* ---- the first-level instruction cache ------------------------------------------------------- */

struct l1i_state {
    uint64_t stamp; /* last use that was told; `recency` of the owner may hold a later one */
    uint32_t owner; /* the linear line that may be fetched untold, or UINT32_MAX */
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
};

/* Streams that the prefetcher follows, by physical page. */
struct streams {
    uint32_t page[16]; /* or NO_LINE */
    uint32_t line[16]; /* last one seen */
    uint64_t order;    /* of their uses */
};

struct l2 {
    uint32_t set_mask;
    unsigned ways, stride;
    uint32_t
        *sets; /* for each set `stride` tags, the order of their uses, and room up to 2 x stride */
    uint64_t *ready;   /* for each way when its data arrive */
    uint64_t bus_free; /* when the bus has done what it was given */
    struct streams streams;
};

/* ---- one processor ---------------------------------------------------------------------------- */

struct filter;

/* What every access that is told touches comes first. */
struct timing {
    struct meter *meter;
    const struct machine_costs *costs;
    uint64_t *sequence;
    struct filter *filter; /* empty in plain mode */
    bool paging;           /* otherwise linear addresses are physical and the TLBs are not used */
    bool plain;            /* every fetch and access is told; nothing is let through */
    struct l1d l1d;
    struct l2 l2;
    struct timing *other; /* the other processor on the bus, or NULL */
    struct tlb dtlb, itlb;
    struct l1i l1i;
    timing_page_of *page_of;
    void *cpu;
    uint64_t own_sequence;
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

static inline uint32_t *l2_set(const struct l2 *l2, uint32_t line)
{
    return l2->sets + (size_t)(line & l2->set_mask) * 2 * l2->stride;
}

/* Lets the host fetch what a miss of this line will need while translation goes on. */
static inline void l2_prefetch_host(const struct timing *t, uint32_t line)
{
    __builtin_prefetch(l2_set(&t->l2, line));
    __builtin_prefetch(l2_set(&t->l2, line ^ 1));
    __builtin_prefetch(t->l2.ready + (size_t)(line & t->l2.set_mask) * t->l2.stride);
    __builtin_prefetch(t->l2.ready + (size_t)((line ^ 1) & t->l2.set_mask) * t->l2.stride);
}

/* The tag of a line, or NULL. */
static inline uint32_t *l2_find(const struct l2 *l2, uint32_t line)
{
    uint32_t *set = l2_set(l2, line);
    int way = l2->stride == 8 ? search_masked(set, 8, line, L2_TAG_LINE)
                              : search_masked(set, l2->stride, line, L2_TAG_LINE);
    return way < 0 ? NULL : set + way;
}

static inline uint64_t *l2_order(const struct l2 *l2, uint32_t *set)
{
    return (uint64_t *)(void *)(set + l2->stride);
}

static inline void l2_use(struct l2 *l2, uint32_t line, const uint32_t *tag)
{
    uint32_t *set = l2_set(l2, line);
    uint64_t *order = l2_order(l2, set);
    *order = order_use(*order, (unsigned)(tag - set), l2->ways);
}

/* A read waits for its data. */
static inline void l2_read(struct timing *t, uint32_t line, enum on_behalf who)
{
    charge_stall(t, who, CPU_cycles_l1, t->costs->l2_latency);
    if (!t->costs->l2_enabled)
        return;
    meter_count(t->meter, CPU_l2_accesses, 1);
    uint32_t *tag = l2_find(&t->l2, line);
    if (tag && !(*tag & (L2_COMING | L2_FRESH)))
        l2_use(&t->l2, line, tag);
    else
        l2_read_rest(t, line, tag, who);
}

/* A write is posted and stalls only when too much is waiting. */
static inline void l2_write(struct timing *t, uint32_t line)
{
    if (!t->costs->l2_enabled)
        return;
    meter_count(t->meter, CPU_l2_accesses, 1);
    uint32_t *tag = l2_find(&t->l2, line);
    if (tag && (*tag & (L2_FRESH | L2_DIRTY)) == L2_DIRTY)
        l2_use(&t->l2, line, tag);
    else
        l2_write_rest(t, line, tag);
    uint64_t limit = *t->meter->clock + t->costs->memory_store_backlog;
    if (t->l2.bus_free > limit)
        charge_stall(t, OF_ACCESS, CPU_cycles_memory, t->l2.bus_free - limit);
}

/* data.c */
#define NOWHERE (-1)

/* The place of a line in its set, or NOWHERE. Constants let the compiler unroll the usual case. */
static inline int l1d_find(const struct l1d *l1d, uint32_t line)
{
    unsigned first = (line & l1d->set_mask) * l1d->stride;
    int way = l1d->stride == 4 ? search_line(l1d->line + first, 4, line)
                               : search_line(l1d->line + first, l1d->stride, line);
    return way < 0 ? NOWHERE : (int)first + way;
}

/* The same among the write-combining buffers. */
static inline int l1d_find_buffer(const struct l1d *l1d, uint32_t line)
{
    unsigned count = l1d->end - l1d->buffers;
    int buffer = count == 8 ? search_line(l1d->line + l1d->buffers, 8, line)
                            : search_line(l1d->line + l1d->buffers, count, line);
    return buffer < 0 ? NOWHERE : (int)l1d->buffers + buffer;
}

bool data_open(struct timing *t);
void data_close(struct timing *t);
void data_walk_read(struct timing *t, uint32_t line);
/* The L2 dropped or shared the line: the next store to it must reach the L2 again. Mostly the L1D
 * does not have it. */
void data_unwritten_place(struct timing *t, unsigned place);
static inline void data_unwritten(struct timing *t, uint32_t line)
{
    int place = l1d_find(&t->l1d, line);
    if (place < 0)
        place = l1d_find_buffer(&t->l1d, line);
    if (__builtin_expect(place >= 0, 0))
        data_unwritten_place(t, (unsigned)place);
}
/* The other processor wrote the line. */
void data_invalidate(struct timing *t, uint32_t line);

/* Lines in the filter under no DTLB entry, because none is modelled, leave it. */
void data_forget_translations(struct timing *t);

/* fetch.c */
bool fetch_open(struct timing *t);
void fetch_close(struct timing *t);
/* What is fetched untold without an ITLB entry, because none is modelled or paging is off, is told. */
void fetch_forget_translations(struct timing *t);

/* hierarchy.c: makes a page walk and fills an entry of `tlb` with what it finds. */
unsigned hierarchy_walk(struct timing *t, struct tlb *tlb, uint32_t page);

#endif
