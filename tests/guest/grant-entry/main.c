/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Grants mapped into an L1 entry that is named by its machine address, and the bits that the flags
 * ask for: user, the guest's own. What is not an L1 entry of ours is refused.
 */
#include "tests/guest/kit/kit.h"

static domid_t self;

static struct gnttab_map_grant_ref map_at(uint64_t place, unsigned flags)
{
    struct gnttab_map_grant_ref op = {
        .host_addr = place, .flags = GNTMAP_host_map | flags, .ref = 8, .dom = self, .status = 77};

    expect(HYPERCALL(grant_table_op, GNTTABOP_map_grant_ref, &op, 1), 0);
    return op;
}

static int unmap_at(uint64_t place, grant_handle_t handle)
{
    struct gnttab_unmap_grant_ref op = {.host_addr = place, .handle = handle, .status = 77};

    expect(HYPERCALL(grant_table_op, GNTTABOP_unmap_grant_ref, &op, 1), 0);
    return op.status;
}

void test(void)
{
    volatile uint32_t *page = page_alloc();
    char *at = page_unmapped();
    volatile uint64_t *entry = l1_entry((unsigned long)at);
    uint64_t place = machine_of((void *)entry);

    self = own_domain();
    *page = 0x600d;
    grant_give(8, self, (void *)page, GTF_permit_access);

    struct gnttab_map_grant_ref op = map_at(place, GNTMAP_contains_pte);
    expect(op.status, GNTST_okay);
    expect(op.dev_bus_addr, (uint64_t)mfn_of((void *)page) << 12);
    expect((*entry & PTE_FRAME) >> 12, mfn_of((void *)page));
    expect(*entry & (PTE_P | PTE_W | PTE_U), PTE_P | PTE_W);
    expect(*(volatile uint32_t *)at, 0x600d);
    expect(unmap_at(place + 8, op.handle), GNTST_general_error);
    expect(unmap_at(place, op.handle), GNTST_okay);
    expect(*entry, 0);

    op = map_at((unsigned long)at,
                GNTMAP_application_map | GNTMAP_readonly | 5U << _GNTMAP_guest_avail0);
    expect(op.status, GNTST_okay);
    expect(*entry & (PTE_P | PTE_W | PTE_U), PTE_P | PTE_U);
    expect(*entry >> 9 & 7, 5);
    expect(unmap_at((unsigned long)at, op.handle), GNTST_okay);

    /* A mapping may take the place of another: what was there loses a use. */
    void *before = page_alloc();
    unsigned long before_mfn = mfn_of(before);
    op = map_at((unsigned long)before, 0);
    expect(op.status, GNTST_okay);
    expect(*(volatile uint32_t *)before, 0x600d);
    expect(unmap_at((unsigned long)before, op.handle), GNTST_okay);
    check(!can_read(before), "what the grant replaced is back");
    expect(map(before, MFN_PTE(before_mfn, PTE_P | PTE_W)), 0);

    expect(map_at(place + 4, GNTMAP_contains_pte).status, GNTST_general_error);
    expect(map_at(machine_of((void *)page), GNTMAP_contains_pte).status, GNTST_general_error);
    expect(map_at(machine_of(l2_entry((unsigned long)at)), GNTMAP_contains_pte).status,
           GNTST_general_error);
    expect(map_at(machine_of(base_table()), GNTMAP_contains_pte).status, GNTST_general_error);
    expect(map_at(start->shared_info, GNTMAP_contains_pte).status, GNTST_general_error);
    expect(map_at(0x7ffffffff000ULL, GNTMAP_contains_pte).status, GNTST_general_error);
    expect(map_at(1ULL << 32 | (unsigned long)at, 0).status, GNTST_general_error);
    expect(map_at(0x10000000, 0).status, GNTST_general_error); /* no table */
    expect(map_at(0xFC000000, 0).status, GNTST_general_error); /* not ours */
    expect(*entry, 0);
    expect(grant_table()[8].flags, GTF_permit_access);
}
