/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * space.c - areas: mapping, unmapping, protecting, copying for fork
 *
 * Areas never overlap and are sorted by address. split_at() makes a boundary where one is needed,
 * so that every operation then works on whole areas. Everything that can fail (records for
 * split areas) is done before the first page-table entry changes.
 */
#include "guestos/fs/inode.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"
#include "guestos/mm/shortage.h"
#include "guestos/mm/space.h"

static struct space *all_spaces;

static void drop_entry(pte_t entry)
{
    if (!(entry & PTE_FOREIGN))
        page_release(pte_pfn(entry));
}

static void area_free(struct area *area)
{
    struct inode *file = area->file;

    if (file && file->inode_ops->unmapped)
        file->inode_ops->unmapped(file);
    if (file)
        inode_release(file);
    heap_free(area);
}

static struct area *area_copy(const struct area *from)
{
    struct area *area = heap_allocate(sizeof(*area));

    if (!area)
        return NULL;
    *area = *from;
    area->next = NULL;
    if (area->file)
        inode_hold(area->file);
    return area;
}

struct space *space_create(void)
{
    static uint64_t made;
    struct space *space = heap_allocate(sizeof(*space));

    if (!space)
        return NULL;
    if (pagetable_create(&space->table)) {
        heap_free(space);
        return NULL;
    }
    space->users = 1;
    space->serial = ++made;
    space->next = all_spaces;
    all_spaces = space;
    return space;
}

void space_release(struct space *space)
{
    struct space **link = &all_spaces;

    if (--space->users)
        return;
    while (*link != space)
        link = &(*link)->next;
    *link = space->next;
    pagetable_retire(&space->table);
    while (space->areas) {
        struct area *area = space->areas;
        pte_t entry;

        for (uint32_t at = area->start; pagetable_next(&space->table, &at, area->end, &entry);
             at += PAGE_SIZE)
            drop_entry(entry);
        space->areas = area->next;
        area_free(area);
    }
    pagetable_destroy(&space->table);
    heap_free(space);
}

struct area *space_area(const struct space *space, uint32_t address)
{
    for (struct area *area = space->areas; area && area->start <= address; area = area->next)
        if (address < area->end)
            return area;
    return NULL;
}

/* After this, no area has `address` strictly inside. */
static int split_at(struct space *space, uint32_t address)
{
    struct area *area = space_area(space, address);

    if (!area || area->start == address)
        return 0;
    struct area *upper = area_copy(area);
    if (!upper)
        return -ENOMEM;
    upper->start = address;
    upper->file_page += (address - area->start) >> PAGE_SHIFT;
    upper->next = area->next;
    area->end = address;
    area->next = upper;
    return 0;
}

static bool range_valid(uint32_t start, uint32_t bytes)
{
    return !(start & ~PAGE_MASK) && bytes && start >= LOWEST_USER && start < KERNEL_BASE &&
           PAGE_UP(bytes) >= bytes && PAGE_UP(bytes) <= KERNEL_BASE - start;
}

bool spaces_may_write_file(const struct inode *file)
{
    for (const struct space *space = all_spaces; space; space = space->next)
        for (const struct area *a = space->areas; a; a = a->next)
            if (a->file == file && a->flags & AREA_SHARED && !(a->flags & AREA_NO_WRITE))
                return true;
    return false;
}

bool spaces_may_write(const struct mount *mount)
{
    for (const struct space *space = all_spaces; space; space = space->next)
        for (const struct area *a = space->areas; a; a = a->next)
            if (a->file && a->file->mount == mount && a->flags & AREA_SHARED &&
                !(a->flags & AREA_NO_WRITE))
                return true;
    return false;
}

static void clear_entries(struct space *space, uint32_t start, uint32_t end)
{
    pte_t entry;

    /* References are given back only after the flush: a frame must not be reused while a
     * translation to it may still exist. Collected in small batches. */
    pte_t dropped[64];
    uint32_t count = 0, address = start;
    while (pagetable_next(&space->table, &address, end, &entry)) {
        pagetable_set(&space->table, address, 0);
        dropped[count++] = entry;
        address += PAGE_SIZE;
        if (count == ARRAY_LENGTH(dropped)) {
            pagetable_flush(&space->table);
            while (count)
                drop_entry(dropped[--count]);
        }
    }
    pagetable_flush(&space->table);
    while (count)
        drop_entry(dropped[--count]);
}

int space_unmap(struct space *space, uint32_t start, uint32_t bytes)
{
    if (!range_valid(start, bytes))
        return -EINVAL;
    uint32_t end = start + PAGE_UP(bytes);
    if (split_at(space, start) || split_at(space, end))
        return -ENOMEM;
    struct area **link = &space->areas;
    while (*link && (*link)->start < end) {
        struct area *area = *link;

        if (area->start < start) {
            link = &area->next;
            continue;
        }
        clear_entries(space, area->start, area->end);
        *link = area->next;
        area_free(area);
    }
    return 0;
}

int space_discard(struct space *space, uint32_t start, uint32_t bytes)
{
    if (!range_valid(start, bytes))
        return -EINVAL;
    uint32_t end = start + PAGE_UP(bytes);
    for (const struct area *area = space->areas; area && area->start < end; area = area->next)
        if (area->end > start && !(area->flags & AREA_FOREIGN))
            clear_entries(space, MAX(area->start, start), MIN(area->end, end));
    return 0;
}

void spaces_forget_file(const struct inode *file, uint32_t first)
{
    for (struct space *space = all_spaces; space; space = space->next)
        for (const struct area *area = space->areas; area; area = area->next) {
            uint32_t size = area->end - area->start, stays = 0;

            if (first > area->file_page)
                stays = MIN(first - area->file_page, size >> PAGE_SHIFT) << PAGE_SHIFT;
            if (area->file == file)
                clear_entries(space, area->start + stays, area->end);
        }
}

bool space_may_grow(const struct space *space, uint32_t bytes, uint32_t start, uint32_t end)
{
    uint32_t limit = limit_of(LIMIT_ADDRESSES), mapped = 0;

    if (limit == UNLIMITED)
        return true;
    for (const struct area *a = space->areas; a; a = a->next) {
        mapped += a->end - a->start;
        if (a->start < end && a->end > start)
            mapped -= MIN(a->end, end) - MAX(a->start, start);
    }
    return mapped <= limit && bytes <= limit - mapped;
}

bool area_is_data(const struct area *area)
{
    return area->protection & PROT_WRITE &&
           !(area->flags & (AREA_SHARED | AREA_GROWS | AREA_FOREIGN));
}

bool space_may_have_data(const struct space *space, uint32_t bytes)
{
    uint32_t limit = limit_of(LIMIT_DATA), data = 0;

    if (limit == UNLIMITED)
        return true;
    for (const struct area *a = space->areas; a; a = a->next)
        data += area_is_data(a) ? a->end - a->start : 0;
    return data <= limit && bytes <= limit - data;
}

int space_map(struct space *space, const struct area *wanted)
{
    if (!range_valid(wanted->start, wanted->end - wanted->start))
        return -EINVAL;
    struct area *area = area_copy(wanted);
    if (!area)
        return -ENOMEM;
    int error = space_unmap(space, area->start, area->end - area->start);
    if (error) {
        area_free(area);
        return error;
    }
    struct area **link = &space->areas;
    while (*link && (*link)->start < area->start)
        link = &(*link)->next;
    area->next = *link;
    *link = area;
    return 0;
}

int space_protect(struct space *space, uint32_t start, uint32_t bytes, uint32_t protection)
{
    if (!range_valid(start, bytes))
        return -EINVAL;
    uint32_t end = start + PAGE_UP(bytes);
    for (uint32_t at = start; at < end;) { /* no holes */
        struct area *area = space_area(space, at);
        if (!area)
            return -ENOMEM;
        if (area->flags & AREA_NO_WRITE && protection & PROT_WRITE)
            return -EACCES;
        if (area->flags & AREA_FOREIGN &&
            !protection) /* only their owner's name brings them back */
            return -EACCES;
        at = area->end;
    }
    if (split_at(space, start) || split_at(space, end))
        return -ENOMEM;
    for (struct area *area = space->areas; area && area->start < end; area = area->next) {
        if (area->start < start)
            continue;
        area->protection = protection;
        pte_t entry;
        /* Rights are only taken away here; they are given by the next fault. */
        for (uint32_t at = area->start; pagetable_next(&space->table, &at, area->end, &entry);
             at += PAGE_SIZE) {
            pte_t changed = protection ? pte_show(entry) : pte_hide(entry);

            if (!(protection & PROT_WRITE))
                changed &= ~PTE_WRITE;
            if (changed != entry)
                pagetable_set(&space->table, at, changed);
        }
    }
    pagetable_flush(&space->table);
    return 0;
}

uint32_t space_find(const struct space *space, uint32_t bytes)
{
    /* The highest gap below MAP_BASE that is large enough. */
    uint32_t best = 0, gap_start = LOWEST_USER;

    bytes = PAGE_UP(bytes);
    for (const struct area *area = space->areas;; area = area->next) {
        uint32_t gap_end = area ? MIN(area->start, MAP_BASE) : MAP_BASE;

        if (gap_end > gap_start && gap_end - gap_start >= bytes)
            best = gap_end - bytes;
        if (!area || area->start >= MAP_BASE)
            return best;
        gap_start = area->end;
    }
}

int space_populate(struct space *space, uint32_t start, uint32_t bytes)
{
    uint32_t end = PAGE_UP(start + bytes);

    for (uint32_t at = PAGE_DOWN(start); at < end; at += PAGE_SIZE) {
        const struct area *area = space_area(space, at);

        if (!area)
            return -ENOMEM;
        if (area->flags & AREA_FOREIGN)
            continue;
        if (!memory_for_programs() ||
            space_fault(space, at, area->protection & PROT_WRITE) != FAULT_DONE)
            return -ENOMEM;
    }
    return 0;
}

/* Gives the child every page of an area; private writable ones become read-only in both. */
static int clone_entries(struct space *to, struct space *from, const struct area *area)
{
    pte_t entry;

    for (uint32_t at = area->start; pagetable_next(&from->table, &at, area->end, &entry);
         at += PAGE_SIZE) {
        pte_t shared = area->flags & AREA_SHARED ? entry : entry & ~PTE_WRITE;

        if (pagetable_set(&to->table, at, shared & ~(PTE_ACCESSED | PTE_DIRTY)))
            return -ENOMEM;
        page_hold(pte_pfn(entry));
        if (shared != entry)
            pagetable_set(&from->table, at, shared);
    }
    return 0;
}

struct space *space_clone(struct space *from)
{
    struct space *to = space_create();

    if (!to)
        return NULL;
    to->break_start = from->break_start;
    to->break_end = from->break_end;
    to->arguments_start = from->arguments_start;
    to->arguments_end = from->arguments_end;
    struct area **link = &to->areas;
    int error = 0;
    for (const struct area *area = from->areas; area && !error; area = area->next) {
        if (area->flags & AREA_FOREIGN)
            continue;
        *link = area_copy(area);
        error = *link ? clone_entries(to, from, area) : -ENOMEM;
        link = *link ? &(*link)->next : link;
    }
    pagetable_flush(&from->table);
    if (error) {
        space_release(to);
        return NULL;
    }
    return to;
}
