/* SPDX-License-Identifier: GPL-2.0-only */
/* timing_reference.c - see timing_reference.h */
#include "tests/unit/timing_reference.h"

#include <stdlib.h>

struct translation {
    bool valid, global;
    uint32_t first, pages; /* in pages of 4 KB */
    uint64_t used;
};

struct line {
    bool valid, written, dirty, fresh;
    uint32_t number;
    uint64_t used, arrives;
};

struct run {
    bool valid;
    uint32_t page, last;
    int direction;
    uint64_t used;
};

struct reference {
    const struct machine_costs *costs;
    timing_page_of *page_of;
    void *cpu;
    struct reference *next; /* a ring of all on the bus */
    uint64_t clock, n[CPU_NR_EVENTS], time, bus_free;
    bool paging;
    struct translation itlb[64], dtlb[64];
    struct line *l1d, *l1i, *l2, buffer[16];
    struct run run[16];
};

struct reference *reference_open(const struct machine_costs *costs, timing_page_of *page_of,
                                 void *cpu, struct reference *first)
{
    struct reference *r = calloc(1, sizeof(*r));

    r->costs = costs;
    r->page_of = page_of;
    r->cpu = cpu;
    r->next = r;
    for (struct reference *last = first; last; last = last->next)
        if (last->next == first) {
            last->next = r;
            r->next = first;
            break;
        }
    r->l1d = calloc(costs->l1d_bytes / 64, sizeof(struct line));
    r->l1i = calloc(costs->l1i_bytes / 64, sizeof(struct line));
    r->l2 = calloc(costs->l2_bytes / 64, sizeof(struct line));
    return r;
}

void reference_close(struct reference *r)
{
    free(r->l1d);
    free(r->l1i);
    free(r->l2);
    free(r);
}

static void charge(struct reference *r, enum cpu_event cause, uint64_t cycles)
{
    r->clock += cycles;
    r->n[cause] += cycles;
}

/* ---- a set-associative cache ----------------------------------------------------------------- */

static struct line *set_of(struct line *cache, uint64_t bytes, uint64_t ways, uint32_t number)
{
    uint64_t sets = bytes / 64 / ways;

    return cache + number % sets * ways;
}

static struct line *look_up(struct line *set, uint64_t ways, uint32_t number)
{
    for (uint64_t i = 0; i < ways; i++)
        if (set[i].valid && set[i].number == number)
            return &set[i];
    return NULL;
}

static struct line *oldest(struct line *set, uint64_t ways)
{
    for (uint64_t i = 0; i < ways; i++)
        if (!set[i].valid)
            return &set[i];
    struct line *found = set;
    for (uint64_t i = 1; i < ways; i++)
        if (set[i].used < found->used)
            found = &set[i];
    return found;
}

static struct line *in_l1d(struct reference *r, uint32_t number)
{
    uint64_t ways = r->costs->l1d_ways;

    return look_up(set_of(r->l1d, r->costs->l1d_bytes, ways, number), ways, number);
}

static struct line *in_l2(struct reference *r, uint32_t number)
{
    uint64_t ways = r->costs->l2_ways;

    return look_up(set_of(r->l2, r->costs->l2_bytes, ways, number), ways, number);
}

/* ---- second level ---------------------------------------------------------------------------- */

static uint64_t bus(struct reference *r, unsigned lines)
{
    uint64_t begin = r->clock > r->bus_free ? r->clock : r->bus_free;

    r->bus_free = begin + lines * r->costs->memory_occupancy;
    return begin;
}

static void combine_no_more(struct reference *r, uint32_t number)
{
    struct line *line = in_l1d(r, number);

    if (line)
        line->written = false;
    line = look_up(r->buffer, 16, number);
    if (line)
        line->valid = false;
}

static void write_back(struct reference *r)
{
    r->n[CPU_l2_writebacks]++;
    bus(r, 1);
}

/* Somebody else reads a line: true if it was dirty here. */
static bool seen_reading(struct reference *r, uint32_t number)
{
    struct line *line = in_l2(r, number);

    if (!line || !line->dirty)
        return false;
    line->dirty = false;
    combine_no_more(r, number);
    write_back(r);
    return true;
}

static bool seen_writing(struct reference *r, uint32_t number, bool *had)
{
    struct line *line = in_l2(r, number);
    bool dirty = line && line->dirty;

    *had = line != NULL;
    if (dirty)
        write_back(r);
    if (line)
        line->valid = line->dirty = line->fresh = false;
    line = in_l1d(r, number);
    if (line)
        line->valid = false;
    line = look_up(r->buffer, 16, number);
    if (line)
        line->valid = false;
    return dirty;
}

static void they_read(struct reference *r, uint32_t number)
{
    for (struct reference *other = r->next; other != r; other = other->next)
        if (r->costs->memory_coherent)
            seen_reading(other, number);
}

static void they_write(struct reference *r, uint32_t number)
{
    bool had;

    for (struct reference *other = r->next; other != r; other = other->next)
        if (r->costs->memory_coherent)
            seen_writing(other, number, &had);
}

static void enter_l2(struct reference *r, uint32_t number, bool dirty, bool fresh, uint64_t arrives)
{
    uint64_t ways = r->costs->l2_ways;
    struct line *line = oldest(set_of(r->l2, r->costs->l2_bytes, ways, number), ways);

    if (line->valid) {
        combine_no_more(r, line->number);
        if (line->dirty)
            write_back(r);
    }
    *line = (struct line){.valid = true,
                          .dirty = dirty,
                          .fresh = fresh,
                          .number = number,
                          .arrives = arrives,
                          .used = ++r->time};
}

static uint64_t bring(struct reference *r, uint32_t number, bool dirty, bool fresh)
{
    bool pair = r->costs->l2_sector == 128 && !in_l2(r, number ^ 1);

    they_read(r, number);
    if (pair)
        they_read(r, number ^ 1);
    uint64_t arrives = bus(r, pair ? 2 : 1) + r->costs->memory_latency;
    enter_l2(r, number, dirty, fresh, arrives);
    if (pair)
        enter_l2(r, number ^ 1, false, fresh, arrives + r->costs->memory_occupancy);
    r->n[CPU_l2_prefetches] += (unsigned)fresh + (unsigned)pair;
    return arrives;
}

static void prefetch(struct reference *r, uint32_t number)
{
    uint64_t runs = r->costs->prefetch_streams;
    struct run *run = NULL;

    if (!runs)
        return;
    for (uint64_t i = 0; i < runs; i++)
        if (r->run[i].valid && r->run[i].page == number / 64)
            run = &r->run[i];
    if (!run) {
        run = &r->run[0];
        for (uint64_t i = 1; i < runs; i++)
            if (r->run[i].used < run->used)
                run = &r->run[i];
        *run = (struct run){.valid = true, .page = number / 64, .last = number, .used = ++r->time};
        return;
    }
    run->used = ++r->time;
    int distance = (int)(number % 64) - (int)(run->last % 64);
    if (!distance)
        return;
    run->last = number;
    run->direction = distance > 4 || distance < -4 ? 0 : distance > 0 ? 1 : -1;
    for (int i = 1; run->direction && i <= (int)r->costs->prefetch_ahead; i++) {
        int place = (int)(number % 64) + i * run->direction;

        if (place < 0 || place > 63)
            break;
        uint32_t next = number - number % 64 + (uint32_t)place;
        if (!in_l2(r, next))
            bring(r, next, false, true);
    }
}

static void use_l2(struct reference *r, struct line *line)
{
    line->used = ++r->time;
    if (line->fresh) {
        line->fresh = false;
        prefetch(r, line->number);
    }
}

static void read_l2(struct reference *r, uint32_t number, enum cpu_event first,
                    enum cpu_event second)
{
    charge(r, first, r->costs->l2_latency);
    if (!r->costs->l2_enabled)
        return;
    uint64_t now = r->clock, arrives;
    struct line *line = in_l2(r, number);
    r->n[CPU_l2_accesses]++;
    if (line) {
        arrives = line->arrives;
        use_l2(r, line);
    } else {
        r->n[CPU_l2_misses]++;
        arrives = bring(r, number, false, false);
        prefetch(r, number);
    }
    if (arrives > now)
        charge(r, second, arrives - now);
}

static void write_l2(struct reference *r, uint32_t number)
{
    if (!r->costs->l2_enabled)
        return;
    struct line *line = in_l2(r, number);
    r->n[CPU_l2_accesses]++;
    if (line) {
        if (!line->dirty)
            they_write(r, number);
        line->dirty = true;
        use_l2(r, line);
    } else {
        r->n[CPU_l2_misses]++;
        they_write(r, number);
        bring(r, number, true, false);
        prefetch(r, number);
    }
    if (r->bus_free > r->clock + r->costs->memory_store_backlog)
        charge(r, CPU_cycles_memory, r->bus_free - r->clock - r->costs->memory_store_backlog);
}

/* ---- first level ----------------------------------------------------------------------------- */

static void read_l1d(struct reference *r, uint32_t number, bool walk)
{
    uint64_t ways = r->costs->l1d_ways;

    if (!r->costs->l1d_enabled)
        return;
    struct line *line = in_l1d(r, number);
    if (!line) {
        r->n[CPU_l1d_misses]++;
        read_l2(r, number, walk ? CPU_cycles_tlb : CPU_cycles_l1,
                walk ? CPU_cycles_tlb : CPU_cycles_memory);
        struct line *buffer = look_up(r->buffer, 16, number);
        line = oldest(set_of(r->l1d, r->costs->l1d_bytes, ways, number), ways);
        *line = (struct line){.valid = true, .number = number, .written = buffer != NULL};
        if (buffer)
            buffer->valid = false;
    }
    line->used = ++r->time;
}

static void write_l1d(struct reference *r, uint32_t number)
{
    uint64_t ways = r->costs->l1d_ways;

    if (!r->costs->l1d_enabled)
        return;
    struct line *line = in_l1d(r, number);
    if (!line)
        line = look_up(r->buffer, 16, number);
    if (!line) {
        r->n[CPU_l1d_misses]++;
        write_l2(r, number);
        if (!r->costs->l1d_write_allocate) {
            if (!r->costs->l1d_combining)
                return;
            line = oldest(r->buffer, r->costs->l1d_combining);
            *line = (struct line){.valid = true, .number = number, .written = true};
            line->used = ++r->time;
            return;
        }
        line = oldest(set_of(r->l1d, r->costs->l1d_bytes, ways, number), ways);
        *line = (struct line){.valid = true, .number = number};
    } else if (!line->written) {
        write_l2(r, number);
    }
    line->written = true;
    line->used = ++r->time;
}

static void translate(struct reference *r, struct translation *tlb, uint64_t entries,
                      uint64_t enabled, enum cpu_event missed, uint32_t page)
{
    struct translation *found = NULL;

    if (!r->paging || !enabled)
        return;
    for (uint64_t i = 0; i < entries; i++)
        if (tlb[i].valid && page - tlb[i].first < tlb[i].pages)
            found = &tlb[i];
    if (!found) {
        struct timing_page walk = {.shift = 12};

        r->page_of(r->cpu, page << 12, &walk);
        r->n[missed]++;
        r->n[CPU_page_walks]++;
        charge(r, CPU_cycles_tlb, r->costs->cost_tlb_walk);
        for (unsigned i = 0; i < walk.entries; i++)
            read_l1d(r, walk.entry[i] / 64, true);
        for (uint64_t i = 0; i < entries && !found; i++)
            if (!tlb[i].valid)
                found = &tlb[i];
        for (uint64_t i = 0; i < entries; i++)
            if (!found || (found->valid && tlb[i].used < found->used))
                found = &tlb[i];
        found->pages = 1u << (walk.shift - 12);
        found->first = page & ~(found->pages - 1);
        found->global = walk.global;
        found->valid = true;
    }
    found->used = ++r->time;
}

void reference_access(struct reference *r, uint32_t linear, uint32_t physical, bool write)
{
    translate(r, r->dtlb, r->costs->dtlb_entries, r->costs->dtlb_enabled, CPU_dtlb_misses,
              linear >> 12);
    if (write)
        write_l1d(r, physical / 64);
    else
        read_l1d(r, physical / 64, false);
}

void reference_fetch(struct reference *r, uint32_t linear, unsigned bytes, uint32_t frame0,
                     uint32_t frame1)
{
    uint32_t last = linear + bytes - 1;
    uint64_t ways = r->costs->l1i_ways;

    for (uint32_t page = linear >> 12; page <= last >> 12; page++)
        translate(r, r->itlb, r->costs->itlb_entries, r->costs->itlb_enabled, CPU_itlb_misses,
                  page);
    for (uint32_t at = linear & ~63u; r->costs->l1i_enabled && at <= last; at += 64) {
        uint32_t number = ((at >> 12 == linear >> 12 ? frame0 : frame1) | (at & 0xfff)) / 64;
        struct line *set = set_of(r->l1i, r->costs->l1i_bytes, ways, number);
        struct line *line = look_up(set, ways, number);

        if (!line) {
            r->n[CPU_l1i_misses]++;
            read_l2(r, number, CPU_cycles_l1, CPU_cycles_memory);
            line = oldest(set, ways);
            *line = (struct line){.valid = true, .number = number};
        }
        line->used = ++r->time;
    }
}

void reference_device(struct reference *r, uint32_t physical, uint32_t bytes, bool write,
                      struct cpu_device_lines *lines)
{
    uint32_t first = physical / 64, last = (physical + bytes - 1) / 64;
    uint64_t ways = r->costs->l1i_ways;
    struct reference *at = r;

    lines->moved += last - first + 1;
    do {
        for (uint32_t number = first; at->costs->memory_coherent && number <= last; number++) {
            struct line *code =
                look_up(set_of(at->l1i, at->costs->l1i_bytes, ways, number), ways, number);
            bool had = false;

            lines->written_back +=
                write ? seen_writing(at, number, &had) : seen_reading(at, number);
            lines->dropped += write && (had || code);
            if (write && code)
                code->valid = false;
        }
        if (at->costs->l2_enabled)
            bus(at, last - first + 1);
        at = at->next;
    } while (at != r);
}

void reference_flush(struct reference *r, bool global_too, bool paging)
{
    for (unsigned i = 0; i < 64; i++) {
        r->itlb[i].valid &= !global_too && r->itlb[i].global;
        r->dtlb[i].valid &= !global_too && r->dtlb[i].global;
    }
    r->paging = paging;
}

void reference_flush_page(struct reference *r, uint32_t linear)
{
    for (unsigned i = 0; i < 64; i++) {
        r->itlb[i].valid &= (linear >> 12) - r->itlb[i].first >= r->itlb[i].pages;
        r->dtlb[i].valid &= (linear >> 12) - r->dtlb[i].first >= r->dtlb[i].pages;
    }
}

void reference_issue(struct reference *r, uint64_t cycles)
{
    charge(r, CPU_cycles_issue, cycles);
}

uint64_t reference_clock(const struct reference *r)
{
    return r->clock;
}

const uint64_t *reference_counts(const struct reference *r)
{
    return r->n;
}
