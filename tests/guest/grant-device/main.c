/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * GNTMAP_device_map: no address of ours, but the frame is held as it is until it is unmapped by its
 * bus address; alone, and together with a mapping for the processor.
 */
#include "tests/guest/kit/kit.h"

static int unmap(const void *at, uint64_t bus, grant_handle_t handle)
{
    struct gnttab_unmap_grant_ref op = {
        .host_addr = (unsigned long)at, .dev_bus_addr = bus, .handle = handle, .status = 77};

    expect(HYPERCALL(grant_table_op, GNTTABOP_unmap_grant_ref, &op, 1), 0);
    return op.status;
}

void test(void)
{
    domid_t self = own_domain();
    void *page = page_alloc(), *at = page_unmapped();
    uint64_t bus = machine_of(page);
    struct grant_entry_v1 *entry = &grant_table()[8];

    grant_give(8, self, page, GTF_permit_access);
    struct gnttab_map_grant_ref op = grant_map(NULL, GNTMAP_device_map, self, 8);
    expect(op.status, GNTST_okay);
    expect(op.dev_bus_addr, bus);
    expect(entry->flags, GTF_permit_access | GTF_reading | GTF_writing);
    /* Written by a device, it cannot be a page table. */
    make_readonly(page);
    check(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(page), 0) != 0, "a frame under a device was pinned");
    expect(unmap(NULL, 0, op.handle), GNTST_okay); /* nothing asked, nothing done */
    expect(entry->flags, GTF_permit_access | GTF_reading | GTF_writing);
    expect(unmap(NULL, bus + PAGE_SIZE, op.handle), GNTST_bad_dev_addr);
    expect(unmap(NULL, bus, op.handle), GNTST_okay);
    expect(entry->flags, GTF_permit_access);
    expect(unmap(NULL, bus, op.handle), GNTST_bad_handle);
    expect(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(page), 0), 0);
    /* And the other way round: a table is not written, but may be read. */
    expect(grant_map(NULL, GNTMAP_device_map, self, 8).status, GNTST_general_error);
    op = grant_map(NULL, GNTMAP_device_map | GNTMAP_readonly, self, 8);
    expect(op.status, GNTST_okay);
    expect(entry->flags, GTF_permit_access | GTF_reading);
    expect(unmap(NULL, bus, op.handle), GNTST_okay);
    expect(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(page), 0), 0);

    op = grant_map(at, GNTMAP_device_map | GNTMAP_host_map, self, 8);
    expect(op.status, GNTST_okay);
    expect(can_write(at), true);
    expect(unmap(NULL, bus, op.handle), GNTST_okay);
    expect(entry->flags, GTF_permit_access | GTF_reading | GTF_writing);
    expect(can_write(at), true);
    expect(unmap(at, 0, op.handle), GNTST_okay);
    expect(entry->flags, GTF_permit_access);
    expect(unmap(at, 0, op.handle), GNTST_bad_handle);
    op = grant_map(at, GNTMAP_device_map | GNTMAP_host_map, self, 8);
    expect(unmap(at, bus, op.handle), GNTST_okay);
    expect(entry->flags, GTF_permit_access);
    make_writable(page);
}
