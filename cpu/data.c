/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * data.c - data accesses: DTLB, then L1D, then below
 *
 * The L1D is write-through. A load that misses brings its line; a store that misses does so only
 * with write_allocate, and always goes to the L2. A store that hits goes to the L2 unless an
 * earlier one since both caches hold the line did: the write-combining store buffers between the
 * two are taken to merge such stores, so the L2 learns that the line is dirty, once.
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
    l1d->ways = (unsigned)t->costs->l1d_ways;
    l1d->set_mask = (uint32_t)(lines / l1d->ways - 1);
    l1d->lines = calloc(lines, sizeof(*l1d->lines));
    memset(l1d->active, 0xff, sizeof(l1d->active));
    if (!l1d->lines ||
        !tlb_open(&t->dtlb, (unsigned)t->costs->dtlb_entries, t, newest_use, dropped))
        return false;
    for (size_t i = 0; i < lines; i++)
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

static struct l1d_line *replace(struct timing *t, uint32_t line)
{
    struct l1d *l1d = &t->l1d;
    struct l1d_line *set = &l1d->lines[(size_t)(line & l1d->set_mask) * l1d->ways], *chosen = set;
    for (unsigned way = 0; way < l1d->ways; way++) {
        if (set[way].line == NO_LINE) {
            chosen = &set[way];
            break;
        }
        filter_fold(t, &set[way]);
        if (set[way].stamp < chosen->stamp)
            chosen = &set[way];
    }
    if (chosen->slot >= 0)
        filter_remove(t, chosen);
    chosen->line = line;
    chosen->written = false;
    return chosen;
}

static struct l1d_line *load(struct timing *t, uint32_t line, enum on_behalf who)
{
    struct l1d_line *found = find(&t->l1d, line);
    if (!found) {
        meter_count(t->meter, CPU_l1d_misses, 1);
        l2_read(t, line, who);
        found = replace(t, line);
    }
    found->stamp = next_use(t);
    return found;
}

/* Returns the line if the L1D holds it now, or NULL. */
static struct l1d_line *store(struct timing *t, uint32_t line)
{
    struct l1d_line *found = find(&t->l1d, line);
    if (!found) {
        meter_count(t->meter, CPU_l1d_misses, 1);
        l2_write(t, line);
        if (!t->costs->l1d_write_allocate)
            return NULL;
        found = replace(t, line);
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
    if (!found)
        return;
    found->written = false;
    filter_tell_stores(t, found);
}

void data_invalidate(struct timing *t, uint32_t line)
{
    struct l1d_line *found = find(&t->l1d, line);
    if (!found)
        return;
    if (found->slot >= 0)
        filter_remove(t, found);
    found->line = NO_LINE;
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
