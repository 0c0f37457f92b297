/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fault.c - bringing in a page
 *
 * Four cases, by what the page table has and what the area allows:
 *   nothing there, anonymous      a fresh zero page
 *   nothing there, file           the file's own page, read-only; for a write to a private area,
 *                                 a copy of it
 *   there, read-only, write       the only holder gets it writable, others a copy (copy on write)
 *   there, and allowed            a stale translation, or another processor was first: nothing
 */
#include "guestos/fs/inode.h"
#include "guestos/kernel/counters.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"
#include "guestos/mm/shortage.h"
#include "guestos/mm/space.h"

static pte_t area_flags(const struct area *area)
{
    return PTE_PRESENT | PTE_USER | PTE_ACCESSED |
           (area->protection & PROT_WRITE ? PTE_WRITE | PTE_DIRTY : 0);
}

static enum fault_result set_entry(struct space *space, uint32_t address, uint32_t pfn, pte_t flags)
{
    if (pagetable_set(&space->table, address, pte_make(pfn, flags))) {
        page_release(pfn);
        return FAULT_NO_MEMORY;
    }
    pagetable_flush(&space->table);
    return FAULT_DONE;
}

static uint32_t copy_page(uint32_t from)
{
    uint32_t pfn = pages_allocate(0);

    if (pfn != PFN_NONE)
        memcpy(page_address(pfn), page_address(from), PAGE_SIZE);
    return pfn;
}

static enum fault_result fault_missing(struct space *space, const struct area *area,
                                       uint32_t address, bool write)
{
    if (!area->file) {
        uint32_t pfn = page_allocate_zeroed();

        if (pfn == PFN_NONE)
            return FAULT_NO_MEMORY;
        return set_entry(space, address, pfn, area_flags(area));
    }
    uint32_t index = area->file_page + ((address - area->start) >> PAGE_SHIFT);
    bool shared = area->flags & AREA_SHARED;
    uint32_t pfn = inode_page(area->file, index, shared && write);
    if (pfn ==
        PFN_NONE) /* shared memory without a name is the programs', not a disk that is full */
        return area->file->mount || memory_for_programs() ? FAULT_NO_FILE : FAULT_NO_MEMORY;
    page_hold(
        pfn); /* before more memory is asked for: pages that only a file holds may be given up */
    if (write && !shared) {
        uint32_t copy = copy_page(pfn);

        page_release(pfn);
        if (copy == PFN_NONE)
            return FAULT_NO_MEMORY;
        return set_entry(space, address, copy, area_flags(area));
    }
    /*
     * A page of a file on a device must be seen to become dirty: it is writable only after a write.
     */
    if (write || (shared && !inode_is_backed(area->file)))
        return set_entry(space, address, pfn, area_flags(area));
    return set_entry(space, address, pfn, PTE_PRESENT | PTE_USER | PTE_ACCESSED);
}

static enum fault_result fault_write(struct space *space, const struct area *area, uint32_t address,
                                     pte_t entry)
{
    uint32_t pfn = pte_pfn(entry);

    if (area->flags & AREA_SHARED && area->file && inode_is_backed(area->file) &&
        inode_page(area->file, area->file_page + ((address - area->start) >> PAGE_SHIFT), true) ==
            PFN_NONE)
        return FAULT_NO_FILE;
    if ((area->flags & AREA_SHARED) || page_references(pfn) == 1) {
        pagetable_set(&space->table, address, pte_make(pfn, area_flags(area)));
        pagetable_flush(&space->table);
        return FAULT_DONE;
    }
    uint32_t copy = copy_page(pfn);
    if (copy == PFN_NONE)
        return FAULT_NO_MEMORY;
    enum fault_result result = set_entry(space, address, copy, area_flags(area));
    page_release(pfn);
    count(COUNT_cow_copies);
    return result;
}

/*
 * A touch just below a stack extends it, if it stays within the limit and clear of the next area.
 */
static struct area *grow_stack(struct space *space, uint32_t address)
{
    struct area *below = NULL, *area = space->areas;

    while (area && area->end <= address) {
        below = area;
        area = area->next;
    }
    uint32_t start = PAGE_DOWN(address);
    if (!area || !(area->flags & AREA_GROWS) ||
        area->end - start > MIN(limit_of(LIMIT_STACK), STACK_LIMIT) ||
        (below && below->end > start) || start < LOWEST_USER)
        return NULL;
    area->start = start;
    return area;
}

static enum fault_result bring_in(struct space *space, const struct area *area, uint32_t address,
                                  bool write)
{
    address = PAGE_DOWN(address);
    pte_t entry = pagetable_get(&space->table, address);
    if (!(entry & PTE_PRESENT))
        return area->flags & AREA_FOREIGN ? FAULT_NO_FILE
                                          : fault_missing(space, area, address, write);
    if (write && !(entry & PTE_WRITE))
        return entry & PTE_FOREIGN ? FAULT_NO_RIGHT : fault_write(space, area, address, entry);
    return FAULT_DONE;
}

enum fault_result space_fault(struct space *space, uint32_t address, bool write)
{
    if (address >= KERNEL_BASE)
        return FAULT_NO_AREA;
    struct area *area = space_area(space, address);
    if (!area)
        area = grow_stack(space, address);
    if (!area)
        return FAULT_NO_AREA;
    if (!(area->protection & (write ? PROT_WRITE : PROT_READ | PROT_WRITE | PROT_EXEC)))
        return FAULT_NO_RIGHT;
    return bring_in(space, area, address, write);
}

enum fault_result space_fault_forced(struct space *space, uint32_t address)
{
    const struct area *area = space_area(space, address);

    if (!area)
        return FAULT_NO_AREA;
    if (area->flags & AREA_SHARED && !(area->protection & PROT_WRITE))
        return FAULT_NO_RIGHT;
    return bring_in(space, area, address, true);
}

int space_write(struct space *space, uint32_t address, const void *data, uint32_t bytes)
{
    const char *from = data;

    while (bytes) {
        enum fault_result result = space_fault(space, address, true);

        if (result != FAULT_DONE)
            return result == FAULT_NO_MEMORY ? -ENOMEM : -EFAULT;
        uint32_t offset = address & ~PAGE_MASK, n = MIN(bytes, PAGE_SIZE - offset);
        char *page = page_address(pte_pfn(pagetable_get(&space->table, address)));
        memcpy(page + offset, from, n);
        address += n;
        from += n;
        bytes -= n;
    }
    return 0;
}
