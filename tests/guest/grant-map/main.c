/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A page granted by Domain 0 to itself: mapped at an address of ours, read and written, read-only
 * where asked for, and unmapped again; the entry says that it is in use. References that were not
 * granted, or to another domain, are refused.
 */
#include "tests/guest/kit/kit.h"

static struct grant_entry_v1 *entries;

static struct gnttab_map_grant_ref map_ref(void *at, unsigned flags, unsigned ref)
{
    struct gnttab_map_grant_ref op = {
        .host_addr = (unsigned long)at, .flags = flags, .ref = ref, .dom = 0, .status = 77};

    expect(HYPERCALL(grant_table_op, GNTTABOP_map_grant_ref, &op, 1), 0);
    return op;
}

static int unmap(void *at, grant_handle_t handle)
{
    struct gnttab_unmap_grant_ref op = {
        .host_addr = (unsigned long)at, .handle = handle, .status = 77};

    expect(HYPERCALL(grant_table_op, GNTTABOP_unmap_grant_ref, &op, 1), 0);
    return op.status;
}

static void write_word(void *at)
{
    *(volatile uint32_t *)at = 5;
}

void test(void)
{
    if (!privileged) {
        /*
         * An ordinary domain does not know its own number: what it can see is that others refuse
         * it.
         */
        void *at = page_alloc();

        expect(map(at, 0), 0);
        struct gnttab_map_grant_ref op = map_ref(at, GNTMAP_host_map, 100);
        check(op.status < 0, "a reference into Domain 0 gave %d", op.status);
        return;
    }
    xen_pfn_t frames[1];
    struct gnttab_setup_table setup = {.dom = DOMID_SELF, .nr_frames = 1};
    set_xen_guest_handle(setup.frame_list, frames);
    expect(HYPERCALL(grant_table_op, GNTTABOP_setup_table, &setup, 1), 0);
    entries = page_alloc();
    expect(map(entries, MFN_PTE(frames[0], PTE_P | PTE_W)), 0);
    volatile uint32_t *page = page_alloc();
    char *at = page_alloc();
    expect(map(at, 0), 0);
    *page = 0xabcd;
    entries[9] = (struct grant_entry_v1){
        .domid = 0, .frame = mfn_of((void *)page), .flags = GTF_permit_access};

    struct gnttab_map_grant_ref op = map_ref(at, GNTMAP_host_map, 9);
    expect(op.status, GNTST_okay);
    expect(*(volatile uint32_t *)at, 0xabcd);
    *(volatile uint32_t *)at = 0x1234;
    expect(*page, 0x1234);
    expect(entries[9].flags & (GTF_reading | GTF_writing), GTF_reading | GTF_writing);
    expect(unmap(at, op.handle), GNTST_okay);
    expect(entries[9].flags & (GTF_reading | GTF_writing), 0);
    check(unmap(at, op.handle) < 0, "a handle was unmapped twice");
    check(trapped(write_word, at) && trap.vector == 14, "the page is still mapped");

    op = map_ref(at, GNTMAP_host_map | GNTMAP_readonly, 9);
    expect(op.status, GNTST_okay);
    check(trapped(write_word, at) && trap.vector == 14 && trap.error == 3,
          "a read-only grant was written");
    expect(unmap(at, op.handle), GNTST_okay);
    entries[9].flags = GTF_permit_access | GTF_readonly;
    expect(map_ref(at, GNTMAP_host_map, 9).status, GNTST_general_error);
    entries[10] = (struct grant_entry_v1){
        .domid = 5, .frame = mfn_of((void *)page), .flags = GTF_permit_access};
    check(map_ref(at, GNTMAP_host_map, 10).status < 0, "a grant to domain 5 was mapped by us");
    check(map_ref(at, GNTMAP_host_map, 11).status < 0, "no grant was mapped");
    expect(map_ref(at, GNTMAP_host_map, 0x7fffffff).status, GNTST_bad_gntref);
    check(map_ref(at, 0, 9).status < 0, "a mapping to nowhere");
    check(unmap(at, 0xffff) == GNTST_bad_handle, "a handle of nothing");
}
