/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fetch.c - code fetch: ITLB, then L1I, then the L2, by blocks
 *
 * A block of code fetches the pages and lines it lies on, in order, each time it runs. As long as
 * all of them stay where they are, a run changes nothing but recency: the block is then resident,
 * its prologue only leaves a stamp, and it hangs on every place (ITLB entry, L1I line) that it
 * uses. A place that is given away takes the blocks that hang on it out of residence: they ask
 * again when they next run. The true last use of a place is the latest stamp of its blocks; a
 * block's places are used in the order of their position.
 *
 * The trace cache is modelled as an instruction cache of lines of code; docs/cost-model.md says
 * what that leaves out.
 */
#include "cpu/hierarchy.h"

#include "cpu/block.h"

#include <stdlib.h>
#include <string.h>

#define LINES_PER_PAGE_BITS (12 - COSTS_LINE_BITS)

struct fetch_link {
    struct fetch_link *next, *previous;
    struct block *block;
    struct fetch_place *place;
};

/* What hangs below block->model. */
struct fetch_block {
    bool resident;
    unsigned count; /* links, as long as it is resident */
    struct fetch_link link[];
};

/* ---- places ----------------------------------------------------------------------------------- */

static uint64_t stamp_of(const struct fetch_link *link)
{
    const struct fetch_block *record = link->block->model;
    return link->block->stamp + (uint64_t)(link - record->link);
}

static void fold(struct fetch_place *place)
{
    for (const struct fetch_link *link = place->links; link; link = link->next)
        if (stamp_of(link) > place->stamp)
            place->stamp = stamp_of(link);
}

/* Ends a block's residence; the places keep what is known of its uses. */
static void leave(struct block *block)
{
    struct fetch_block *record = block->model;
    for (unsigned i = 0; i < record->count; i++) {
        struct fetch_link *link = &record->link[i];
        if (stamp_of(link) > link->place->stamp)
            link->place->stamp = stamp_of(link);
        if (link->next)
            link->next->previous = link->previous;
        if (link->previous)
            link->previous->next = link->next;
        else
            link->place->links = link->next;
    }
    record->resident = false;
    block->attention = UINT64_MAX;
}

static void clear(struct fetch_place *place)
{
    while (place->links)
        leave(place->links->block);
}

static uint64_t newest_use(void *owner, unsigned entry)
{
    struct timing *t = owner;
    fold(&t->l1i.pages[entry]);
    return t->l1i.pages[entry].stamp;
}

static void dropped(void *owner, unsigned entry)
{
    struct timing *t = owner;
    clear(&t->l1i.pages[entry]);
    t->l1i.pages[entry].stamp = 0;
}

/* Memory for the records, a chunk at a time. */
struct fetch_chunk {
    struct fetch_chunk *next;
    size_t used;
    _Alignas(16) char bytes[1 << 18];
};

bool fetch_open(struct timing *t)
{
    struct l1i *l1i = &t->l1i;
    size_t lines = t->costs->l1i_bytes / COSTS_LINE_BYTES;
    l1i->ways = (unsigned)t->costs->l1i_ways;
    l1i->set_mask = (uint32_t)(lines / l1i->ways - 1);
    l1i->lines = calloc(lines, sizeof(*l1i->lines));
    if (!l1i->lines ||
        !tlb_open(&t->itlb, (unsigned)t->costs->itlb_entries, t, newest_use, dropped))
        return false;
    for (size_t i = 0; i < lines; i++)
        l1i->lines[i].line = NO_LINE;
    return true;
}

void fetch_close(struct timing *t)
{
    if (t->l1i.lines)
        timing_forget_blocks(t);
    free(t->l1i.lines);
    tlb_close(&t->itlb);
}

/* ---- fetching --------------------------------------------------------------------------------- */

/* Returns the place of a page's translation, or NULL when nothing translates. */
static struct fetch_place *fetch_page(struct timing *t, uint32_t page)
{
    if (!t->paging || !t->costs->itlb_enabled)
        return NULL;
    unsigned entry = tlb_find(&t->itlb, page);
    if (entry == TLB_NONE) {
        meter_count(t->meter, CPU_itlb_misses, 1);
        entry = hierarchy_walk(t, &t->itlb, page);
    } else {
        tlb_use(&t->itlb, entry, next_use(t));
    }
    return entry < TLB_ENTRIES_MAX ? &t->l1i.pages[entry] : NULL;
}

static struct fetch_place *fetch_line(struct timing *t, uint32_t line)
{
    struct l1i *l1i = &t->l1i;
    if (!t->costs->l1i_enabled)
        return NULL;
    struct fetch_place *set = &l1i->lines[(size_t)(line & l1i->set_mask) * l1i->ways];
    struct fetch_place *chosen = NULL, *empty = NULL;
    for (unsigned way = 0; way < l1i->ways && !chosen; way++) {
        if (set[way].line == line)
            chosen = &set[way];
        else if (set[way].line == NO_LINE && !empty)
            empty = &set[way];
    }
    if (!chosen) {
        meter_count(t->meter, CPU_l1i_misses, 1);
        l2_read(t, line, OF_ACCESS);
        chosen = empty;
        for (unsigned way = 0; way < l1i->ways && !empty; way++) {
            fold(&set[way]);
            if (!chosen || set[way].stamp < chosen->stamp)
                chosen = &set[way];
        }
        clear(chosen);
        chosen->line = line;
    }
    chosen->stamp = next_use(t);
    return chosen;
}

/* Whether everything a block fetched is still there: a long one may drive out its own beginning. */
static bool all_there(const struct timing *t, struct fetch_place *const *place,
                      const uint32_t *wanted, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        size_t entry = (size_t)(place[i] - t->l1i.pages);
        bool there = entry < TLB_ENTRIES_MAX ? tlb_find(&t->itlb, wanted[i]) == entry
                                             : place[i]->line == wanted[i];
        if (!there)
            return false;
    }
    return true;
}

/* Records live until all blocks are forgotten. */
static struct fetch_block *new_record(struct timing *t, unsigned places)
{
    size_t bytes = sizeof(struct fetch_block) + places * sizeof(struct fetch_link);
    struct fetch_chunk *chunk = t->chunks;
    if (!chunk || chunk->used + bytes > sizeof(chunk->bytes)) {
        chunk = malloc(sizeof(*chunk));
        if (!chunk)
            abort();
        chunk->used = 0;
        chunk->next = t->chunks;
        t->chunks = chunk;
    }
    struct fetch_block *record = (void *)(chunk->bytes + chunk->used);
    chunk->used += bytes;
    *record = (struct fetch_block){0};
    return record;
}

void timing_fetch(struct timing *t, struct block *block)
{
    uint32_t last = block->pc + (block->bytes ? block->bytes - 1u : 0);
    unsigned pages = (last >> 12) - (block->pc >> 12) + 1;
    unsigned lines = (last >> COSTS_LINE_BITS) - (block->pc >> COSTS_LINE_BITS) + 1;
    struct fetch_place *place[pages + lines];
    uint32_t wanted[pages + lines];
    unsigned count = 0;

    if (block->model && ((struct fetch_block *)block->model)->resident)
        return;
    for (unsigned i = 0; i < pages; i++) {
        wanted[count] = (block->pc >> 12) + i;
        place[count] = fetch_page(t, (block->pc >> 12) + i);
        count += place[count] != NULL;
    }
    for (unsigned i = 0; i < lines; i++) {
        uint32_t vline = (block->pc >> COSTS_LINE_BITS) + i;
        uint64_t frame = block->frame[vline >> LINES_PER_PAGE_BITS != block->pc >> 12];
        wanted[count] =
            (uint32_t)(frame >> COSTS_LINE_BITS) | (vline & ((1u << LINES_PER_PAGE_BITS) - 1));
        place[count] = fetch_line(t, wanted[count]);
        count += place[count] != NULL;
    }
    /* A block that hangs on nothing would not learn when that changes. */
    if (t->plain || !count || !all_there(t, place, wanted, count))
        return;
    if (!block->model)
        block->model = new_record(t, pages + lines);
    struct fetch_block *record = block->model;
    record->resident = true;
    record->count = count;
    for (unsigned i = 0; i < count; i++) {
        struct fetch_link *link = &record->link[i];
        *link = (struct fetch_link){.next = place[i]->links, .block = block, .place = place[i]};
        if (link->next)
            link->next->previous = link;
        place[i]->links = link;
    }
    block->stamp = *t->sequence;
    block->attention = 0;
}

void fetch_leave_all(struct timing *t)
{
    for (unsigned i = 0; i < TLB_ENTRIES_MAX; i++)
        clear(&t->l1i.pages[i]);
    for (size_t i = 0; i < (size_t)(t->l1i.set_mask + 1) * t->l1i.ways; i++)
        clear(&t->l1i.lines[i]);
}

void timing_forget_blocks(struct timing *t)
{
    fetch_leave_all(t);
    while (t->chunks) {
        struct fetch_chunk *next = t->chunks->next;
        free(t->chunks);
        t->chunks = next;
    }
}
