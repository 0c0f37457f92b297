/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * grant_table_op: setup_table names the frames of our table, which we can map and write;
 * query_size tells how many there are; bad counts, domains, commands and pointers are refused.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    xen_pfn_t frames[64] = {0};
    struct gnttab_setup_table setup = {.dom = DOMID_SELF, .nr_frames = 1, .status = 77};

    set_xen_guest_handle(setup.frame_list, frames);
    expect(HYPERCALL(grant_table_op, GNTTABOP_setup_table, &setup, 1), 0);
    expect(setup.status, GNTST_okay);
    check(frames[0] != 0, "no frame");
    struct grant_entry_v1 *entries = page_alloc();
    expect(map(entries, MFN_PTE(frames[0], PTE_P | PTE_W)), 0);
    entries[20].domid = 0x55;
    entries[20].flags = 0;
    expect(entries[20].domid, 0x55);

    struct gnttab_query_size query = {.dom = DOMID_SELF, .status = 77};
    expect(HYPERCALL(grant_table_op, GNTTABOP_query_size, &query, 1), 0);
    expect(query.status, GNTST_okay);
    check(query.nr_frames >= 1 && query.max_nr_frames >= query.nr_frames, "%u frames of %u",
          query.nr_frames, query.max_nr_frames);

    setup.nr_frames = 100000;
    setup.status = 77;
    expect(HYPERCALL(grant_table_op, GNTTABOP_setup_table, &setup, 1), 0);
    expect(setup.status, GNTST_general_error);
    setup.nr_frames = 1;
    setup.dom = 0x7000;
    expect(HYPERCALL(grant_table_op, GNTTABOP_setup_table, &setup, 1), 0);
    expect(setup.status, GNTST_bad_domain);
    query.dom = 0x7000;
    expect(HYPERCALL(grant_table_op, GNTTABOP_query_size, &query, 1), 0);
    expect(query.status, GNTST_bad_domain);
    expect(HYPERCALL(grant_table_op, GNTTABOP_setup_table, 0xFC000000, 1), -EFAULT);
    expect(HYPERCALL(grant_table_op, 99, &setup, 1), -ENOSYS);
    expect(HYPERCALL(grant_table_op, GNTTABOP_query_size, &query, 0), -EINVAL);
}
