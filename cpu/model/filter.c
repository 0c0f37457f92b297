/* SPDX-License-Identifier: GPL-2.0-only */
/* filter.c - see filter.h */
#include "cpu/model/filter.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

const struct filter_entry filter_nobody = {.read = FILTER_NOTHING, .write = FILTER_NOTHING};

/* Memory for one, all of it below 2 GB, as translated code addresses it by 31 bits; NULL if there
   is none. MAP_32BIT says so to Linux; emulators of it ignore the word and take a hint. */
static struct filter *filter_place(void)
{
    enum { STEP = 1 << 28, END = 7 };

    for (uintptr_t step = 0; step < END; step++) {
        struct filter *filter = mmap((void *)(step * STEP), sizeof(*filter), PROT_READ | PROT_WRITE,
                                     MAP_PRIVATE | MAP_ANONYMOUS | (step ? 0 : MAP_32BIT), -1, 0);

        if (filter == MAP_FAILED)
            continue;
        if ((uintptr_t)filter + sizeof(*filter) <= INT32_MAX)
            return filter;
        munmap(filter, sizeof(*filter));
    }
    return NULL;
}

bool filter_open(struct timing *t)
{
    struct filter *filter = filter_place();

    if (!filter)
        return false;
    memset(filter->entry, 0xff, sizeof(filter->entry));
    for (unsigned table = 0; table < FILTER_TABLES; table++)
        for (unsigned slot = 0; slot < FILTER_SLOTS; slot++)
            filter->entry[table][slot].stamp = 0;
    memset(filter->owner, 0xff, sizeof(filter->owner));
    t->filter = filter;
    for (unsigned place = 0; place < t->l1d.end; place++)
        t->l1d.state[place].entry = filter_nowhere();
    filter->active = calloc((t->l1d.end + 63) / 64, sizeof(*filter->active));
    return filter->active != NULL;
}

void filter_close(struct timing *t)
{
    if (!t->filter)
        return;
    free(t->filter->active);
    munmap(t->filter, sizeof(*t->filter));
    t->filter = NULL;
}

void filter_notify_stores(struct timing *t, unsigned place)
{
    if (filter_holds(&t->l1d.state[place]))
        t->l1d.state[place].entry->write = FILTER_NOTHING;
}

void filter_notify_page_stores(struct timing *t, uint32_t physical_page)
{
    for (unsigned place = 0; place < t->l1d.end; place++)
        if (t->l1d.line[place] >> (12 - COSTS_LINE_BITS) == physical_page)
            filter_notify_stores(t, place);
}
