/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A table of more than one frame: it grows as setup_table asks, up to the limit that query_size
 * tells; entries of the last frame grant like those of the first, entries beyond are refused.
 */
#include "tests/guest/kit/kit.h"

#define MANY 64

static xen_pfn_t frames[MANY + 1];

static int setup(unsigned count)
{
    struct gnttab_setup_table op = {.dom = DOMID_SELF, .nr_frames = count, .status = 77};

    set_xen_guest_handle(op.frame_list, frames);
    expect(HYPERCALL(grant_table_op, GNTTABOP_setup_table, &op, 1), 0);
    return op.status;
}

static struct gnttab_query_size query(void)
{
    struct gnttab_query_size op = {.dom = DOMID_SELF, .status = 77};

    expect(HYPERCALL(grant_table_op, GNTTABOP_query_size, &op, 1), 0);
    return op;
}

void test(void)
{
    domid_t self = own_domain();
    void *page = page_alloc(), *at = page_unmapped();
    unsigned per_frame = PAGE_SIZE / sizeof(struct grant_entry_v1);
    struct gnttab_query_size size = query();

    expect(size.status, GNTST_okay);
    expect(size.nr_frames, 1);
    expect(size.max_nr_frames, MANY);
    expect(grant_map(at, GNTMAP_host_map, self, per_frame).status, GNTST_bad_gntref);
    expect(setup(0), GNTST_okay);
    expect(setup(MANY + 1), GNTST_general_error);
    expect(setup(3), GNTST_okay);
    expect(query().nr_frames, 3);
    check(frames[0] && frames[1] && frames[2] && frames[0] != frames[1] && frames[1] != frames[2],
          "frames %lx %lx %lx", frames[0], frames[1], frames[2]);
    expect(setup(1), GNTST_okay); /* it never shrinks */
    expect(query().nr_frames, 3);
    expect(setup(MANY), GNTST_okay);

    struct grant_entry_v1 *last = page_alloc();
    grant_ref_t ref = per_frame * MANY - 1;
    expect(map(last, MFN_PTE(frames[MANY - 1], PTE_P | PTE_W)), 0);
    last[per_frame - 1] =
        (struct grant_entry_v1){.domid = self, .frame = mfn_of(page), .flags = GTF_permit_access};
    struct gnttab_map_grant_ref op = grant_map(at, GNTMAP_host_map, self, ref);
    expect(op.status, GNTST_okay);
    expect(last[per_frame - 1].flags, GTF_permit_access | GTF_reading | GTF_writing);
    expect(grant_unmap(at, op.handle), GNTST_okay);
    expect(grant_map(at, GNTMAP_host_map, self, ref + 1).status, GNTST_bad_gntref);
    expect(grant_map(at, GNTMAP_host_map, self, ~0U).status, GNTST_bad_gntref);

    /* The table's own frames are not the domain's to give away or to make tables of. */
    struct gnttab_transfer transfer = {.mfn = frames[5], .domid = self, .ref = 8};
    expect(HYPERCALL(grant_table_op, GNTTABOP_transfer, &transfer, 1), 0);
    expect(transfer.status, GNTST_bad_page);
    check(mmuext(MMUEXT_PIN_L1_TABLE, frames[5], 0) != 0, "a frame of the table was pinned");
}
