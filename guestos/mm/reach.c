/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * reach.c - the memory of another program, page by page
 *
 * A page that is not there is brought in as if the program had touched it. Its table is then the
 * one this processor uses, as the rules of page tables want it (arch/pagetable.h).
 */
#include "guestos/mm/reach.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"
#include "guestos/process/process.h"

/* The entry of a page that is there and may be used so; 0: there is none. */
static pte_t entry_for(struct space *space, uint32_t address, enum reach how)
{
    pte_t entry = pagetable_get(&space->table, address);
    pte_t needed = PTE_PRESENT | (how == REACH_WRITE ? PTE_WRITE : 0);
    bool own = pte_used(entry) && !(entry & PTE_FOREIGN) && page_references(pte_pfn(entry)) == 1;

    if ((entry & needed) == needed && (how != REACH_FORCE_WRITE || entry & PTE_WRITE || own))
        return entry & PTE_FOREIGN ? 0 : entry;
    if (entry & PTE_HIDDEN)
        return 0;
    pagetable_use(&space->table);
    enum fault_result result = how == REACH_FORCE_WRITE ? space_fault_forced(space, address)
                                                        : space_fault(space, address, how);
    pagetable_use(&current_process()->space->table);
    entry = result == FAULT_DONE ? pagetable_get(&space->table, address) : 0;
    return entry & PTE_PRESENT && !(entry & PTE_FOREIGN) ? entry : 0;
}

uint32_t space_reach(struct space *space, uint32_t address, void *buffer, uint32_t bytes,
                     enum reach how)
{
    uint32_t done = 0;

    while (done < bytes && address + done < KERNEL_BASE && address + done >= address) {
        uint32_t at = address + done, offset = at & ~PAGE_MASK;
        uint32_t n = MIN(bytes - done, PAGE_SIZE - offset);
        pte_t entry = entry_for(space, at, how);

        if (!entry)
            break;
        char *page = (char *)page_address(pte_pfn(entry)) + offset;
        if (how == REACH_READ)
            memcpy((char *)buffer + done, page, n);
        else
            memcpy(page, (const char *)buffer + done, n);
        done += n;
    }
    return done;
}
