/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * GNTTABOP_unmap_and_replace: another address's entry takes the place of the mapping, and is
 * emptied. What is not the mapping's address, or has no page table, is refused, and the mapping
 * stays.
 */
#include "tests/guest/kit/kit.h"

static int replace(const void *at, const void *with, grant_handle_t handle)
{
    struct gnttab_unmap_and_replace op = {.host_addr = (unsigned long)at,
                                          .new_addr = (unsigned long)with,
                                          .handle = handle,
                                          .status = 77};

    expect(HYPERCALL(grant_table_op, GNTTABOP_unmap_and_replace, &op, 1), 0);
    return op.status;
}

void test(void)
{
    domid_t self = own_domain();
    volatile uint32_t *granted = page_alloc(), *other = page_alloc();
    volatile uint32_t *at = page_unmapped(), *beside = page_unmapped();
    unsigned long other_mfn = mfn_of((void *)other);

    *granted = 0x1111;
    *other = 0x2222;
    grant_give(8, self, (void *)granted, GTF_permit_access);
    struct gnttab_map_grant_ref op = grant_map((void *)at, GNTMAP_host_map, self, 8);
    expect(op.status, GNTST_okay);

    expect(replace((void *)at, (void *)other, 0xffffff), GNTST_bad_handle);
    expect(replace((void *)beside, NULL, op.handle), GNTST_general_error);
    expect(replace((void *)at, (void *)0x10000000, op.handle), GNTST_general_error);
    expect(*at, 0x1111);

    expect(replace((void *)at, (void *)other, op.handle), GNTST_okay);
    expect(*at, 0x2222);
    check(!can_read((void *)other), "the replacement is still at its old address");
    expect(grant_table()[8].flags, GTF_permit_access);
    expect(replace((void *)at, (void *)other, op.handle), GNTST_bad_handle);
    /* The replacement's use has moved: it can be unmapped, and the frame used anew. */
    expect(map((void *)at, 0), 0);
    expect(map((void *)other, MFN_PTE(other_mfn, PTE_P | PTE_W)), 0);
    expect(*other, 0x2222);

    /* With nothing, it is an unmapping. */
    op = grant_map((void *)at, GNTMAP_host_map, self, 8);
    expect(op.status, GNTST_okay);
    expect(replace((void *)at, NULL, op.handle), GNTST_okay);
    check(!can_read((void *)at), "the mapping is still there");

    /* An entry named by its own address cannot be replaced, only unmapped. */
    uint64_t *entry = l1_entry((unsigned long)at);
    uint64_t place = machine_of(entry);
    struct gnttab_map_grant_ref by_entry = {
        .host_addr = place, .flags = GNTMAP_host_map | GNTMAP_contains_pte, .ref = 8, .dom = self};
    expect(HYPERCALL(grant_table_op, GNTTABOP_map_grant_ref, &by_entry, 1), 0);
    expect(by_entry.status, GNTST_okay);
    struct gnttab_unmap_and_replace undo = {
        .host_addr = place, .new_addr = (unsigned long)other, .handle = by_entry.handle};
    expect(HYPERCALL(grant_table_op, GNTTABOP_unmap_and_replace, &undo, 1), 0);
    expect(undo.status, GNTST_general_error);
    expect(*at, 0x1111);
    expect(*other, 0x2222);
    undo.new_addr = 0;
    expect(HYPERCALL(grant_table_op, GNTTABOP_unmap_and_replace, &undo, 1), 0);
    expect(undo.status, GNTST_okay);
    check(!can_read((void *)at), "the mapping by entry is still there");
}
