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
    for (int16_t i = t->l1d.active[entry]; i >= 0; i = t->l1d.lines[i].older) {
        filter_fold(t, &t->l1d.lines[i]);
        if (t->l1d.lines[i].paged > newest)
            newest = t->l1d.lines[i].paged;
    }
    return newest;
}

static void dropped(void *owner, unsigned entry)
{
    struct timing *t = owner;
    while (t->l1d.active[entry] >= 0)
        filter_remove(t, &t->l1d.lines[t->l1d.active[entry]]);
}

bool data_open(struct timing *t)
{
    struct l1d *l1d = &t->l1d;
    size_t lines = t->costs->l1d_bytes / COSTS_LINE_BYTES;
    size_t buffers = t->costs->l1d_write_allocate ? 0 : t->costs->l1d_combining;
    l1d->ways = (unsigned)t->costs->l1d_ways;
    l1d->set_mask = (uint32_t)(lines / l1d->ways - 1);
    l1d->lines = calloc(lines + buffers, sizeof(*l1d->lines));
    l1d->buffers = l1d->lines + lines;
    l1d->end = l1d->buffers + buffers;
    memset(l1d->active, 0xff, sizeof(l1d->active));
    if (!l1d->lines ||
        !tlb_open(&t->dtlb, (unsigned)t->costs->dtlb_entries, t, newest_use, dropped))
        return false;
    for (size_t i = 0; i < lines + buffers; i++)
        l1d->lines[i] = (struct l1d_line){.line = NO_LINE, .slot = -1, .older = -1, .newer = -1};
    return true;
}

void data_close(struct timing *t)
{
    free(t->l1d.lines);
    tlb_close(&t->dtlb);
}

static inline struct l1d_line *find(struct l1d *l1d, uint32_t line)
{
    struct l1d_line *set = &l1d->lines[(size_t)(line & l1d->set_mask) * l1d->ways];
    for (unsigned way = 0; way < l1d->ways; way++)
        if (set[way].line == line)
            return &set[way];
    return NULL;
}

static struct l1d_line *find_buffer(struct l1d *l1d, uint32_t line)
{
    for (struct l1d_line *buffer = l1d->buffers; buffer < l1d->end; buffer++)
        if (buffer->line == line)
            return buffer;
    return NULL;
}

/* Gives the least recently used of [first, end) to another line. */
static struct l1d_line *replace(struct timing *t, struct l1d_line *first, struct l1d_line *end,
                                uint32_t line)
{
    struct l1d_line *chosen = first;
    for (struct l1d_line *candidate = first; candidate < end; candidate++) {
        if (candidate->line == NO_LINE) {
            chosen = candidate;
            break;
        }
        filter_fold(t, candidate);
        if (candidate->stamp < chosen->stamp)
            chosen = candidate;
    }
    if (chosen->slot >= 0)
        filter_remove(t, chosen);
    chosen->line = line;
    chosen->written = false;
    return chosen;
}

static struct l1d_line *allocate(struct timing *t, uint32_t line)
{
    struct l1d *l1d = &t->l1d;
    struct l1d_line *set = &l1d->lines[(size_t)(line & l1d->set_mask) * l1d->ways];
    return replace(t, set, set + l1d->ways, line);
}

static void drop_line(struct timing *t, struct l1d_line *line)
{
    if (line->slot >= 0)
        filter_remove(t, line);
    line->line = NO_LINE;
}

static struct l1d_line *load(struct timing *t, uint32_t line, enum on_behalf who)
{
    struct l1d_line *found = find(&t->l1d, line);
    if (!found) {
        meter_count(t->meter, CPU_l1d_misses, 1);
        l2_read(t, line, who);
        struct l1d_line *buffer = find_buffer(&t->l1d, line);
        if (buffer)
            drop_line(t, buffer);
        found = allocate(t, line);
        found->written = buffer != NULL;
    }
    found->stamp = next_use(t);
    return found;
}

/* Returns the line or the buffer that holds it now, or NULL. */
static struct l1d_line *store(struct timing *t, uint32_t line)
{
    struct l1d_line *found = find(&t->l1d, line);
    if (!found)
        found = find_buffer(&t->l1d, line);
    if (!found) {
        meter_count(t->meter, CPU_l1d_misses, 1);
        l2_write(t, line);
        if (t->costs->l1d_write_allocate)
            found = allocate(t, line);
        else if (t->l1d.buffers < t->l1d.end)
            found = replace(t, t->l1d.buffers, t->l1d.end, line);
        else
            return NULL;
    } else if (!found->written) {
        l2_write(t, line);
    }
    found->written = true;
    found->stamp = next_use(t);
    return found;
}

void data_walk_read(struct timing *t, uint32_t line)
{
    if (t->costs->l1d_enabled)
        load(t, line, OF_WALK);
}

void data_unwritten(struct timing *t, uint32_t line)
{
    struct l1d_line *found = find(&t->l1d, line);
    if (found) {
        found->written = false;
        filter_tell_stores(t, found);
    } else if ((found = find_buffer(&t->l1d, line))) {
        drop_line(t, found);
    }
}

void data_invalidate(struct timing *t, uint32_t line)
{
    struct l1d_line *found = find(&t->l1d, line);
    if (!found)
        found = find_buffer(&t->l1d, line);
    if (found)
        drop_line(t, found);
}

/* Returns the DTLB entry of the page; TLB_ENTRIES_MAX, which holds no page, without paging or TLB. */
static unsigned translate(struct timing *t, uint32_t page)
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
    unsigned entry = translate(t, linear >> 12);
    struct l1d_line *held = NULL;

    if (t->costs->l1d_enabled)
        held = write ? store(t, line) : load(t, line, OF_ACCESS);
    if (site && held)
        filter_admit(t, held, vline, entry, site, write);
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
