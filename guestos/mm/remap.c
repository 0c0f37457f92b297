/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * remap.c - moving and resizing a mapping
 *
 * A move copies the area to its new place, enters the same frames there, and only then takes the
 * old place away: whatever fails in between leaves the old mapping as it was.
 */
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/pages.h"
#include "guestos/mm/space.h"

/* Whether nothing but the area that ends at `start` stands in the way up to `end`. */
static bool room_above(const struct space *space, uint32_t start, uint32_t end)
{
    if (end < start || end > KERNEL_BASE)
        return false;
    for (const struct area *a = space->areas; a; a = a->next)
        if (a->start < end && a->end > start)
            return false;
    return true;
}

/* Enters the frames of one range at another place too. */
static int share_entries(struct space *space, uint32_t from, uint32_t to, uint32_t bytes)
{
    pte_t entry;

    for (uint32_t at = from; pagetable_next(&space->table, &at, from + bytes, &entry);
         at += PAGE_SIZE) {
        if (pagetable_set(&space->table, to + (at - from), entry))
            return -ENOMEM;
        page_hold(pte_pfn(entry));
    }
    return 0;
}

static int move(struct space *space, const struct area *area, uint32_t address, uint32_t old_size,
                uint32_t to, uint32_t new_size)
{
    struct area moved = *area;
    uint32_t common = MIN(old_size, new_size);

    moved.start = to;
    moved.end = to + new_size;
    moved.flags &= ~AREA_GROWS;
    moved.file_page += (address - area->start) >> PAGE_SHIFT;
    int error = space_map(space, &moved);
    if (error)
        return error;
    error = share_entries(space, address, to, common);
    if (error) {
        space_unmap(space, to, new_size);
        return error;
    }
    error = space_unmap(space, address, old_size);
    if (error)
        space_unmap(space, to, new_size);
    return error;
}

int space_remap(struct space *space, uint32_t address, uint32_t old_bytes, uint32_t new_bytes,
                uint32_t flags, uint32_t wanted)
{
    uint32_t old_size = PAGE_UP(old_bytes), new_size = PAGE_UP(new_bytes);

    if (address & ~PAGE_MASK || flags & ~(REMAP_MAY_MOVE | REMAP_FIXED) || !new_size || !old_size ||
        new_size < new_bytes || old_size < old_bytes ||
        (flags & REMAP_FIXED && !(flags & REMAP_MAY_MOVE)))
        return -EINVAL;
    struct area *area = space_area(space, address);
    if (!area || old_size > area->end - address || area->flags & AREA_FOREIGN)
        return -EFAULT;
    if (flags & REMAP_FIXED) {
        if (wanted & ~PAGE_MASK || new_size > KERNEL_BASE || wanted > KERNEL_BASE - new_size ||
            (wanted < address + old_size && address < wanted + new_size))
            return -EINVAL;
        /* Unmapping what was there may split this area: look it up again. */
        int error = space_unmap(space, wanted, new_size);
        area = space_area(space, address);
        if (!error)
            error = move(space, area, address, old_size, wanted, new_size);
        return error ? error : (int)wanted;
    }
    if (new_size <= old_size) {
        int error =
            new_size < old_size ? space_unmap(space, address + new_size, old_size - new_size) : 0;

        return error ? error : (int)address;
    }
    if (area->end == address + old_size && new_size <= KERNEL_BASE - address &&
        room_above(space, area->end, address + new_size)) {
        area->end = address + new_size;
        return (int)address;
    }
    if (!(flags & REMAP_MAY_MOVE))
        return -ENOMEM;
    uint32_t to = space_find(space, new_size);
    int error = to ? move(space, area, address, old_size, to, new_size) : -ENOMEM;
    return error ? error : (int)to;
}
