/* SPDX-License-Identifier: GPL-2.0-only */
/* filter.c - see filter.h */
#include "cpu/filter.h"

#include <string.h>
#include <sys/mman.h>

bool filter_open(struct timing *t)
{
    /* Translated code addresses it by 31 bits. */
    struct filter *filter = mmap(NULL, sizeof(*filter), PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    if (filter == MAP_FAILED)
        return false;
    memset(filter->entry, 0xff, sizeof(filter->entry));
    for (unsigned table = 0; table < FILTER_TABLES; table++)
        for (unsigned slot = 0; slot < FILTER_SLOTS; slot++)
            filter->entry[table][slot].stamp = 0;
    memset(filter->owner, 0xff, sizeof(filter->owner));
    t->filter = filter;
    return true;
}

void filter_close(struct timing *t)
{
    if (t->filter)
        munmap(t->filter, sizeof(*t->filter));
    t->filter = NULL;
}

static int16_t index_of(const struct timing *t, const struct l1d_line *line)
{
    return (int16_t)(line - t->l1d.lines);
}

void filter_admit(struct timing *t, struct l1d_line *line, uint32_t vline, unsigned tlb,
                  const struct filter_site *site, bool write)
{
    struct filter *filter = t->filter;
    unsigned slot = vline % FILTER_SLOTS;

    if (line->slot >= 0 && (line->vline != vline || line->tlb != tlb))
        filter_remove(t, line);
    if (line->slot < 0) {
        if (filter->owner[slot] >= 0)
            filter_remove(t, &t->l1d.lines[filter->owner[slot]]);
        filter->owner[slot] = index_of(t, line);
        line->slot = (int16_t)slot;
        line->vline = vline;
        line->tlb = (uint8_t)tlb;
        line->older = t->l1d.active[tlb];
        line->newer = -1;
        if (line->older >= 0)
            t->l1d.lines[line->older].newer = filter->owner[slot];
        t->l1d.active[tlb] = filter->owner[slot];
    }
    line->rings |= (uint8_t)(1u << site->table);
    struct filter_entry *entry = &filter->entry[site->table][slot];
    if (line < t->l1d.buffers)
        entry->read = filter_tag(vline);
    if (write && line->written && site->inline_stores)
        entry->write = filter_tag(vline);
    entry->addend = site->host - filter_origin(vline);
    entry->stamp = line->stamp;
}

void filter_remove(struct timing *t, struct l1d_line *line)
{
    filter_fold(t, line);
    for (unsigned left = line->rings; left; left &= left - 1) {
        struct filter_entry *entry = &t->filter->entry[__builtin_ctz(left)][line->slot];
        entry->read = entry->write = FILTER_NOTHING;
        entry->stamp = 0;
    }
    t->filter->owner[line->slot] = -1;
    if (line->older >= 0)
        t->l1d.lines[line->older].newer = line->newer;
    if (line->newer >= 0)
        t->l1d.lines[line->newer].older = line->older;
    else
        t->l1d.active[line->tlb] = line->older;
    struct tlb_entry *page = &t->dtlb.entry[line->tlb];
    if (line->paged > page->stamp)
        page->stamp = line->paged;
    line->paged = 0;
    line->rings = 0;
    line->slot = -1;
}

void filter_vacate(struct timing *t, uint32_t vline, unsigned table)
{
    int16_t owner = t->filter->owner[vline % FILTER_SLOTS];
    if (owner >= 0 && t->l1d.lines[owner].rings >> table & 1)
        filter_remove(t, &t->l1d.lines[owner]);
}

void filter_tell_stores(struct timing *t, struct l1d_line *line)
{
    for (unsigned left = line->rings; left; left &= left - 1)
        t->filter->entry[__builtin_ctz(left)][line->slot].write = FILTER_NOTHING;
}

void filter_tell_page_stores(struct timing *t, uint32_t physical_page)
{
    for (struct l1d_line *line = t->l1d.lines; line < t->l1d.end; line++)
        if (line->line >> (12 - COSTS_LINE_BITS) == physical_page)
            filter_tell_stores(t, line);
}
