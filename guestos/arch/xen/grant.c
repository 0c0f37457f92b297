/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * grant.c - pages that other domains may use: the grant table, version 1
 *
 * An entry names a domain and a machine frame. It takes effect when its flags are written, so they
 * come last; it is taken back by one atomic exchange that fails while the other end uses the frame
 * (xen/grant_table.h).
 */
#include "guestos/arch/xen/front.h"
#include "guestos/mm/heap.h"

#include <xen/grant_table.h>

#define TABLE_FRAMES 4u
#define ENTRIES      (TABLE_FRAMES * PAGE_SIZE / sizeof(struct grant_entry_v1))
#define FIRST        8u /* the first are reserved for the domain builder */
#define LIST_END     0u
#define PAGE_FLAGS   (PTE_PRESENT | PTE_WRITE | PTE_ACCESSED | PTE_DIRTY)

static struct grant_entry_v1 *table; /* NULL: none */
static uint16_t next_free[ENTRIES];
static uint32_t first_free;

bool grant_init(void)
{
    xen_pfn_t frame[TABLE_FRAMES];
    struct gnttab_setup_table setup = {.dom = DOMID_SELF, .nr_frames = TABLE_FRAMES};

    if (table)
        return true;
    set_xen_guest_handle(setup.frame_list, frame);
    if (HYPERCALL_3(grant_table_op, GNTTABOP_setup_table, &setup, 1) || setup.status)
        return false;
    /* Addresses for it: pages of our own, whose frames are not seen any more from now on. */
    uint8_t *place = heap_allocate(TABLE_FRAMES * PAGE_SIZE);
    if (!place)
        return false;
    for (uint32_t i = 0; i < TABLE_FRAMES; i++)
        map_page(place + i * PAGE_SIZE, (uint64_t)frame[i] << PAGE_SHIFT | PAGE_FLAGS);
    table = (struct grant_entry_v1 *)(void *)place;
    for (uint32_t ref = FIRST; ref < ENTRIES; ref++)
        next_free[ref] = (uint16_t)(ref + 1 < ENTRIES ? ref + 1 : LIST_END);
    first_free = FIRST;
    return true;
}

uint32_t grant_reserve(void)
{
    uint32_t ref = first_free;

    if (ref != LIST_END)
        first_free = next_free[ref];
    return ref;
}

uint32_t grant_give(uint16_t domain, const void *page, bool read_only)
{
    uint32_t ref = grant_reserve();

    if (ref == LIST_END)
        return 0;
    table[ref].domid = domain;
    table[ref].frame = (uint32_t)(machine_address(page) >> PAGE_SHIFT);
    __atomic_store_n(&table[ref].flags,
                     (uint16_t)(GTF_permit_access | (read_only ? GTF_readonly : 0)),
                     __ATOMIC_RELEASE);
    return ref;
}

bool grant_end(uint32_t ref)
{
    uint16_t flags = table[ref].flags;

    do {
        if (flags & (GTF_reading | GTF_writing))
            return false;
    } while (!__atomic_compare_exchange_n(&table[ref].flags, &flags, 0, false, __ATOMIC_SEQ_CST,
                                          __ATOMIC_SEQ_CST));
    next_free[ref] = (uint16_t)first_free;
    first_free = ref;
    return true;
}

void grant_accept(uint32_t ref, uint16_t domain, const void *page)
{
    table[ref].domid = domain;
    table[ref].frame = address_pfn(page);
    __atomic_store_n(&table[ref].flags, (uint16_t)GTF_accept_transfer, __ATOMIC_RELEASE);
}

uint32_t grant_accepted(uint32_t ref)
{
    uint16_t flags = __atomic_exchange_n(&table[ref].flags, 0, __ATOMIC_SEQ_CST);

    return flags & GTF_transfer_completed ? table[ref].frame : 0;
}
