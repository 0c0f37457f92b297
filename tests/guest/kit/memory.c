/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages, the current page tables read through the machine-to-phys table, and the requests that
 * change them.
 */
#include "tests/guest/kit/kit.h"

#define POOL_PAGES 160

static char pool[POOL_PAGES][PAGE_SIZE] __attribute__((aligned(4096)));
static unsigned pool_used;

void *page_alloc(void)
{
    if (pool_used == POOL_PAGES)
        give_up("the kit has no page left");
    return pool[pool_used++];
}

static uint64_t *table_below(uint64_t entry)
{
    return entry & PTE_P ? virtual_of((entry & PTE_FRAME) >> 12) : NULL;
}

uint64_t *l2_entry(unsigned long address)
{
    uint64_t *l2 = table_below(base_table()[address >> 30]);

    return l2 ? &l2[(address >> 21) & 511] : NULL;
}

uint64_t *l1_entry(unsigned long address)
{
    uint64_t *entry = l2_entry(address);
    uint64_t *l1 = entry ? table_below(*entry) : NULL;

    return l1 ? &l1[(address >> 12) & 511] : NULL;
}

long map(const void *address, uint64_t entry)
{
    return HYPERCALL(update_va_mapping, address, entry, entry >> 32, UVMF_INVLPG);
}

long pte_write(uint64_t machine, uint64_t value)
{
    struct mmu_update update = {machine, value};

    return HYPERCALL(mmu_update, &update, 1, NULL, DOMID_SELF);
}

long mmuext(unsigned command, unsigned long arg1, unsigned long arg2)
{
    struct mmuext_op op = {.cmd = command, .arg1.linear_addr = arg1};

    op.arg2.nr_ents = arg2;
    return HYPERCALL(mmuext_op, &op, 1, NULL, DOMID_SELF);
}

void make_readonly(const void *page)
{
    if (map(page, MFN_PTE(mfn_of(page), PTE_P | PTE_A | PTE_D)))
        give_up("a page of ours could not be made read-only");
}

void make_writable(const void *page)
{
    if (map(page, MFN_PTE(mfn_of(page), PTE_P | PTE_W | PTE_A | PTE_D)))
        give_up("a page of ours could not be made writable");
}

uint64_t *address_space_build(void)
{
    uint64_t *l3 = page_alloc(), *l2 = page_alloc();
    const uint64_t *current = table_below(base_table()[3]);

    /* What the hypervisor put at its own addresses is its own affair: copy up to there. */
    for (unsigned i = 0; i < ((HYPERVISOR_VIRT_START >> 21) & 511); i++)
        l2[i] = current[i];
    l3[3] = MFN_PTE(mfn_of(l2), PTE_P);
    make_readonly(l2);
    make_readonly(l3);
    return l3;
}
