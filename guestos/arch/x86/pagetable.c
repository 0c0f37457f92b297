/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pagetable.c - PAE page tables (SDM 3A, 4.4)
 *
 *   31 30 | 29 ... 21 | 20 ... 12 | 11 ... 0
 *   root    directory   table       offset       4 x 512 x 512 entries of 8 bytes
 *
 * Root entries 0-2 are the program's, 3 (from 3 GB) is the kernel's. Tables of the program part are
 * made when the first page in their range is; they stay until the whole space goes. Reading an
 * entry is a plain read on both ports: tables are always visible in the linear map.
 */
#include "guestos/arch/x86/port.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"

#define ENTRIES 512
#define LINK    (PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED)

pte_t pte_make(uint32_t pfn, pte_t flags)
{
    return port_frame(pfn) << PAGE_SHIFT | flags;
}

uint32_t pte_pfn(pte_t entry)
{
    return port_pfn((pte_show(entry) & PTE_ADDRESS) >> PAGE_SHIFT);
}

static uint64_t *table_of(uint64_t entry)
{
    return page_address(pte_pfn(entry));
}

static uint32_t directory_index(uint32_t address)
{
    return address >> 21 & (ENTRIES - 1);
}

static uint32_t table_index(uint32_t address)
{
    return address >> PAGE_SHIFT & (ENTRIES - 1);
}

/* The table below `entry`, made if it is missing; NULL: no memory. */
static uint64_t *descend(struct pagetable *table, uint64_t *entry, bool root)
{
    if (*entry & PTE_PRESENT)
        return table_of(*entry);
    uint32_t pfn = page_allocate_zeroed();
    if (pfn == PFN_NONE)
        return NULL;
    page_set_link(pfn, table->tables);
    table->tables = pfn;
    uint64_t link =
        pte_make(pfn, root ? PTE_PRESENT : LINK); /* the root's entries have no rights */
    if (table->live)
        port_link(entry, link, pfn, root);
    else
        *entry = link;
    return page_address(pfn);
}

int pagetable_create(struct pagetable *table)
{
    table->root = page_allocate_zeroed();
    table->tables = PFN_NONE;
    table->live = false;
    if (table->root == PFN_NONE)
        return -ENOMEM;
    if (port_root(page_address(table->root))) {
        page_release(table->root);
        return -ENOMEM;
    }
    return 0;
}

pte_t pagetable_get(const struct pagetable *table, uint32_t address)
{
    uint64_t directory = ((uint64_t *)page_address(table->root))[address >> 30];

    if (!(directory & PTE_PRESENT))
        return 0;
    uint64_t leaf_table = table_of(directory)[directory_index(address)];
    return leaf_table & PTE_PRESENT ? table_of(leaf_table)[table_index(address)] : 0;
}

int pagetable_set(struct pagetable *table, uint32_t address, pte_t entry)
{
    uint64_t *root = page_address(table->root);
    uint64_t *directory = descend(table, &root[address >> 30], true);
    uint64_t *leaves =
        directory ? descend(table, &directory[directory_index(address)], false) : NULL;

    if (!leaves)
        return -ENOMEM;
    uint64_t *leaf = &leaves[table_index(address)];
    if (table->live)
        port_store(leaf, entry, address);
    else
        *leaf = entry;
    return 0;
}

bool pagetable_next(const struct pagetable *table, uint32_t *address, uint32_t end, pte_t *entry)
{
    const uint64_t *root = page_address(table->root);
    uint32_t at = *address;

    while (at < end) {
        uint64_t directory = root[at >> 30];

        if (!(directory & PTE_PRESENT)) {
            at = (at | 0x3fffffffu) + 1;
            continue;
        }
        uint64_t leaf_table = table_of(directory)[directory_index(at)];
        if (!(leaf_table & PTE_PRESENT)) {
            at = (at | 0x1fffffu) + 1;
            continue;
        }
        const uint64_t *leaves = table_of(leaf_table);
        uint32_t i = table_index(at),
                 stop = MIN(ENTRIES, i + ((end - at + PAGE_SIZE - 1) >> PAGE_SHIFT));
        while (i < stop && !pte_used(leaves[i]))
            i++;
        at = (at & ~0x1fffffu) + (i << PAGE_SHIFT);
        if (i < stop) {
            *address = at;
            *entry = leaves[i];
            return true;
        }
    }
    return false;
}

void pagetable_flush(struct pagetable *table)
{
    if (table->live)
        port_flush(table);
}

void pagetable_activate(struct pagetable *table)
{
    port_activate(table);
    table->live = true;
}

void pagetable_each(const struct pagetable *table, void (*visit)(uint32_t pfn))
{
    for (uint32_t pfn = table->tables, next; pfn != PFN_NONE; pfn = next) {
        next = page_link(pfn);
        visit(pfn);
    }
    visit(table->root);
}

uint32_t pagetable_pages(const struct pagetable *table)
{
    uint32_t count = 1;

    for (uint32_t pfn = table->tables; pfn != PFN_NONE; pfn = page_link(pfn))
        count++;
    return count;
}

void pagetable_retire(struct pagetable *table)
{
    if (table->live)
        port_deactivate(table);
    table->live = false;
}

void pagetable_destroy(struct pagetable *table)
{
    port_root_free(page_address(table->root));
    pagetable_each(table, page_release);
}
