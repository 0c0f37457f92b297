/* SPDX-License-Identifier: GPL-2.0-only */
/* hierarchy.c - opens and closes a processor's caches and TLBs; page walks and flushes */
#include "cpu/model/filter.h"
#include "cpu/model/usual_shape.h"

#include <stdlib.h>
#include <string.h>

struct timing *timing_open(struct meter *meter, bool no_filter, timing_page_of *page_of, void *cpu)
{
    struct timing *t = calloc(1, sizeof(*t));

    if (!t)
        return NULL;
    t->meter = meter;
    t->costs = meter->costs;
    t->page_of = page_of;
    t->cpu = cpu;
    t->no_filter = no_filter;
    t->sequence = &t->own_sequence;
    t->next = t;
    t->shape = shape_of(t->costs);
    t->usual = !memcmp(&t->shape, &usual_shape, sizeof(usual_shape));
    if (data_open(t) && fetch_open(t) && l2_open(t) && filter_open(t))
        return t;
    timing_close(t);
    return NULL;
}

void timing_close(struct timing *t)
{
    if (!t)
        return;
    fetch_close(t);
    data_close(t);
    l2_close(t);
    filter_close(t);
    free(t);
}

void timing_join(struct timing *t, struct timing *first)
{
    struct timing *last = first;

    while (last->next != first)
        last = last->next;
    last->next = t;
    t->next = first;
}

struct timing_page hierarchy_walk(struct timing *t, uint32_t page)
{
    struct timing_page found = {.shift = 12};

    t->page_of(t->cpu, page << 12, &found);
    meter_count(t->meter, CPU_page_walks, 1);
    meter_charge(t->meter, CPU_cycles_tlb, t->costs->cost_tlb_walk);
    for (unsigned i = 0; i < found.entries; i++)
        data_walk_read(t, found.entry[i] >> COSTS_LINE_BITS);
    return found;
}

void timing_flush(struct timing *t, bool global_too, bool paging)
{
    tlb_drop_all(&t->dtlb, global_too);
    tlb_drop_all(&t->itlb, global_too);
    data_forget_translations(t);
    fetch_forget_translations(t);
    t->paging = paging;
}

void timing_flush_page(struct timing *t, uint32_t linear)
{
    tlb_drop_page(&t->dtlb, linear >> 12);
    tlb_drop_page(&t->itlb, linear >> 12);
    data_forget_translations(t);
    fetch_forget_translations(t);
}
