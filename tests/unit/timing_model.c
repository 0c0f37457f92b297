/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * timing_model.c - caches and TLBs against the plain reference, on random traces
 *
 * Each row runs one trace three times: through the reference, through the model notified of
 * every access, and through the model behind the line filter, whose fast path is played by
 * inline_access(). After every step of the trace the clocks must be equal, and at its end all
 * counts of every processor. Devices read and write memory in between.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <string.h>

#include "cpu/model/block.h"
#include "cpu/model/filter.h"
#include "tests/unit/timing_reference.h"

#define BLOCKS 300

struct row {
    char name[24], change[4][40]; /* overrides of the machine */
    unsigned pages;               /* how much memory the trace touches */
    unsigned large;               /* one linear 4 MB in so many is a large page; 0: none */
    unsigned processors;
};

static struct row rows[] = {
    {"as it is", {""}, 200, 0, 1},
    {"small set", {""}, 20, 0, 1},
    {"large pages", {""}, 3000, 2, 1},
    {"tiny caches",
     {"cache.l1d.size=256", "cache.l1i.size=256", "cache.l1i.ways=2", "cache.l2.size=1K"},
     10,
     0,
     1},
    {"tiny TLBs", {"tlb.i.entries=1", "tlb.d.entries=2"}, 10, 3, 1},
    {"write allocate", {"cache.l1d.write_allocate=yes", "cache.l2.size=4K"}, 10, 0, 1},
    {"no combining", {"cache.l1d.combining=0", "cache.l2.size=4K"}, 10, 0, 1},
    {"one buffer", {"cache.l1d.combining=1", "cache.l1d.size=256"}, 10, 0, 1},
    {"single lines", {"cache.l2.sector=64", "memory.prefetch_streams=0"}, 40, 0, 1},
    {"far prefetch", {"memory.prefetch_ahead=8", "memory.prefetch_streams=3"}, 40, 0, 1},
    {"slow bus", {"memory.occupancy=500", "memory.store_backlog=0"}, 40, 0, 1},
    {"no L2", {"cache.l2.enabled=no"}, 40, 0, 1},
    {"no L1D", {"cache.l1d.enabled=no"}, 40, 0, 1},
    {"no L1I", {"cache.l1i.enabled=no"}, 40, 0, 1},
    {"no TLBs", {"tlb.i.enabled=no", "tlb.d.enabled=no"}, 40, 0, 1},
    {"two processors", {""}, 100, 2, 2},
    {"two, fighting", {"cache.l2.size=8K"}, 4, 0, 2},
    {"two, incoherent", {"memory.coherent=no"}, 4, 0, 2},
    {"four processors", {""}, 100, 2, 4},
    {"three, fighting", {"cache.l2.size=8K"}, 4, 0, 3},
    {"eight, fighting", {"cache.l2.size=8K"}, 4, 0, 8},
};

ParameterizedTestParameters(timing_model, equals_reference)
{
    return cr_make_param_array(struct row, rows, sizeof(rows) / sizeof(rows[0]));
}

/* A page table of one's own making: what a linear page maps to follows from its number. */
static unsigned large_every;

static void page_of(void *cpu, uint32_t linear, struct timing_page *page)
{
    (void)cpu;
    bool large = large_every && (linear >> 22) % large_every == 1 % large_every;
    *page = (struct timing_page){
        /* in pages that the trace reaches, too */
        .entry = {0x155000 + (linear >> 22) * 4, 0x154000 + (linear >> 12) * 4},
        .entries = large ? 1 : 2,
        .shift = large ? 22 : 12,
        .global = (linear >> 12) % 7 == 0 || (large && linear >> 22 & 4),
    };
}

static uint32_t physical_of(uint32_t linear)
{
    return linear ^ 0x155000; /* one to one, not the identity, within 4 MB */
}

/* One way of running a trace on one processor. */
struct way {
    struct timing *timing; /* NULL for the reference */
    struct reference *reference;
    struct meter meter;
    uint64_t clock, n[CPU_NR_EVENTS];
    struct block block[BLOCKS];
    unsigned in_block;
    uint8_t *memory;
    struct cpu_device_lines device;
};

static void inline_access(struct way *way, uint32_t linear, bool write, unsigned table)
{
    struct timing *t = way->timing;
    uint32_t vline = linear >> 6;
    struct filter_entry *entry = &t->filter->entry[table][vline % FILTER_SLOTS];

    if ((write ? entry->write : entry->read) == filter_tag(vline)) {
        uintptr_t host = (uintptr_t)way->memory + (physical_of(linear) & ~63u);

        cr_assert_eq(entry->addend + filter_origin(vline), host);
    } else {
        struct filter_site site = {.table = table,
                                   .host = (uintptr_t)way->memory + (physical_of(linear) & ~63u),
                                   .inline_stores = linear >> 12 & 1};

        timing_access(t, linear, physical_of(linear), write, site);
    }
    entry->stamp = *t->sequence + ++way->in_block;
}

static void access_one(struct way *way, uint32_t linear, bool write, unsigned table)
{
    if (!way->timing)
        reference_access(way->reference, linear, physical_of(linear), write);
    else if (way->timing->no_filter)
        timing_access(way->timing, linear, physical_of(linear), write, (struct filter_site){0});
    else
        inline_access(way, linear, write, table);
}

/* What a block's prologue does. */
static void fetch_inline(struct timing *t, const struct block *block)
{
    uint32_t first = timing_first_line(block), lines = timing_lines(block);
    int64_t all = 0;

    for (uint32_t i = 0; i < lines; i++)
        all |= *timing_recency(t, first + i);
    if (all < 0) {
        timing_fetch(t, block);
        return;
    }
    uint64_t now = next_use(t);
    for (uint32_t i = 0; i < lines; i++)
        *timing_recency(t, first + i) = (int64_t)now + i;
}

static void run_block(struct way *way, unsigned number, uint32_t linear, unsigned bytes,
                      uint64_t cycles)
{
    uint32_t last = linear + bytes - 1;
    uint32_t frame0 = physical_of(linear) & ~0xfffu, frame1 = physical_of(last) & ~0xfffu;

    if (!way->timing) {
        reference_fetch(way->reference, linear, bytes, frame0, frame1);
        reference_issue(way->reference, cycles);
        return;
    }
    struct block *block = &way->block[number];
    if (!block->bytes)
        *block = (struct block){.pc = linear, .bytes = (uint16_t)bytes, .frame = {frame0, frame1}};
    timing_prepare(way->timing, block);
    fetch_inline(way->timing, block);
    way->in_block = 0;
    meter_charge(&way->meter, CPU_cycles_issue, cycles);
}

static uint64_t clock_of(const struct way *way)
{
    return way->timing ? way->clock : reference_clock(way->reference);
}

static const uint64_t *counts_of(const struct way *way)
{
    return way->timing ? way->n : reference_counts(way->reference);
}

enum { WAYS = 3, STEPS = 60000 };

/* Random numbers of one's own: the same traces everywhere. */
static uint64_t random_state;

static uint32_t draw(uint32_t below)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((random_state >> 33) % below);
}

static struct {
    uint32_t linear;
    unsigned bytes;
} code[BLOCKS];

/* An address: often near an earlier one, often in sequence, sometimes anywhere. */
static uint32_t draw_address(unsigned pages, uint32_t *cursor)
{
    static uint32_t recent[16];
    uint32_t chosen = draw(10);
    uint32_t address;

    if (chosen < 4)
        address = recent[draw(16)] ^ draw(64);
    else if (chosen < 7)
        address = *cursor += 4 + draw(64);
    else
        address = draw(pages * 4096);
    address = address % (pages * 4096);
    recent[draw(16)] = address;
    return address;
}

static void step(struct way *ways, const struct row *row)
{
    static uint32_t cursor;
    uint32_t kind = draw(1000);

    if (kind < 250) {
        unsigned number = draw(draw(4) ? 12 : BLOCKS), cycles = 1 + draw(20);

        for (int w = 0; w < WAYS; w++)
            run_block(&ways[w], number, code[number].linear, code[number].bytes, cycles);
    } else if (kind < 253) {
        bool global_too = draw(4) == 0, paging = draw(12) != 0;

        global_too |= !paging || !ways[1].timing->paging;
        for (int w = 0; w < WAYS; w++)
            if (ways[w].timing)
                timing_flush(ways[w].timing, global_too, paging);
            else
                reference_flush(ways[w].reference, global_too, paging);
    } else if (kind < 257) {
        uint32_t linear = draw(row->pages * 4096);

        for (int w = 0; w < WAYS; w++)
            if (ways[w].timing)
                timing_flush_page(ways[w].timing, linear);
            else
                reference_flush_page(ways[w].reference, linear);
    } else if (kind >= 980 && kind < 990) {
        uint32_t physical = physical_of(draw(row->pages * 4096));
        uint32_t bytes = 1 + draw(draw(3) ? 300 : 4096);
        bool write = draw(2);

        for (int w = 0; w < WAYS; w++)
            if (ways[w].timing)
                timing_device(ways[w].timing, physical, bytes, write, &ways[w].device);
            else
                reference_device(ways[w].reference, physical, bytes, write, &ways[w].device);
    } else if (kind == 997) {
        timing_empty_filter(ways[2].timing);
    } else if (kind == 999) {
        uint32_t page = draw(row->pages);

        filter_notify_page_stores(ways[2].timing, page);
    } else if (kind == 998) {
        for (int w = 1; w < WAYS; w++)
            memset(ways[w].block, 0, sizeof(ways[w].block));
    } else {
        uint32_t linear = draw_address(row->pages, &cursor);
        bool write = draw(3) == 0;
        unsigned table = draw(3);

        for (int w = 0; w < WAYS; w++)
            access_one(&ways[w], linear, write, table);
    }
}

ParameterizedTest(struct row *row, timing_model, equals_reference)
{
    static struct way ways[CPU_MAX][WAYS];
    struct machine_costs costs;
    char why[256];

    cr_assert(costs_read(&costs, "machines/xeon-2400.ini", why, sizeof(why)), "%s", why);
    for (int i = 0; i < 4 && row->change[i][0]; i++)
        cr_assert(costs_override(&costs, row->change[i], why, sizeof(why)), "%s", why);
    cr_assert(costs_check(&costs, why, sizeof(why)), "%s", why);

    uint8_t *memory = malloc(1 << 24);
    large_every = row->large;
    random_state = 1;
    for (int i = 0; i < BLOCKS; i++) {
        code[i].linear = draw(row->pages * 4096);
        code[i].bytes = draw(10) ? 1 + draw(100) : 1 + draw(3000);
    }
    for (unsigned p = 0; p < row->processors; p++)
        for (int w = 0; w < WAYS; w++) {
            struct way *way = &ways[p][w];

            *way = (struct way){.memory = memory};
            way->meter = (struct meter){.clock = &way->clock, .n = way->n, .costs = &costs};
            if (w == 0)
                way->reference =
                    reference_open(&costs, page_of, NULL, p ? ways[0][0].reference : NULL);
            else
                way->timing = timing_open(&way->meter, w == 1, page_of, NULL);
            if (p && w)
                timing_join(way->timing, ways[0][w].timing);
        }

    unsigned p = 0;
    for (unsigned i = 0; i < STEPS; i++) {
        if (draw(50) == 0)
            p = draw(row->processors);
        step(ways[p], row);
        for (int w = 1; w < WAYS; w++)
            cr_assert_eq(clock_of(&ways[p][w]), clock_of(&ways[p][0]),
                         "%s: the clocks of way %d and the reference differ after step %u",
                         row->name, w, i);
    }
    for (p = 0; p < row->processors; p++)
        for (int w = 1; w < WAYS; w++) {
            cr_assert(!memcmp(&ways[p][w].device, &ways[p][0].device, sizeof(ways[p][w].device)),
                      "%s: devices met other lines in way %d", row->name, w);
            for (int event = 0; event < CPU_NR_EVENTS; event++)
                cr_assert_eq(counts_of(&ways[p][w])[event], counts_of(&ways[p][0])[event],
                             "%s: event %d of way %d is %lu, the reference says %lu", row->name,
                             event, w, counts_of(&ways[p][w])[event],
                             counts_of(&ways[p][0])[event]);
        }
    for (p = 0; p < row->processors; p++)
        for (int w = 0; w < WAYS; w++)
            if (w)
                timing_close(ways[p][w].timing);
            else
                reference_close(ways[p][w].reference);
    free(memory);
}

/* The numbers that the compiler knows are those of the machine that experiments use by default. */
Test(timing_model, knows_the_paper_s_machine)
{
    struct machine_costs costs;
    uint64_t clock = 0, n[CPU_NR_EVENTS] = {0};
    struct meter meter = {.clock = &clock, .n = n, .costs = &costs};
    char why[200];

    cr_assert(costs_read(&costs, "machines/xeon-2400.ini", why, sizeof(why)), "%s", why);
    struct timing *t = timing_open(&meter, false, page_of, NULL);
    cr_assert(t);
    cr_expect(t->usual);
    timing_close(t);
}
