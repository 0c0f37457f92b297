/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Two domains that share memory by grants, and do not trust each other: both run this kernel, with
 * "giver N" or "taker N" on the command line, N being the other's number (run-created.sh). The
 * giver fills its table; the taker uses what it may, tries what it may not, leaves a mapping behind
 * when it ends, and so does the giver. Alone, as Domain 0, a kernel is told nothing and only checks
 * that there is no neighbour.
 */
#include "tests/guest/kit/kit.h"

#define REF_TALK   8  /* read and write: how far both are */
#define REF_READ   9  /* to be read only */
#define REF_OTHER  10 /* to a third domain */
#define REF_TABLE  11 /* a page table of the giver's */
#define REF_ACCEPT 12 /* waits for a frame */
#define REF_GONE   13 /* a frame that the giver gives back to the hypervisor */
#define PATIENCE   (5000 * MS)

enum { NOTHING, READY, TAKEN, FINISHED };

static void yield(void)
{
    HYPERCALL(sched_op, SCHEDOP_yield, NULL);
}

static void wait_for(volatile uint32_t *word, uint32_t value)
{
    for (uint64_t end = now() + PATIENCE; *word != value; yield())
        if (now() > end)
            give_up("the other one does not get to %u", value);
}

/* A frame that we do not map goes to the hypervisor. */
static void give_back(const void *page)
{
    xen_pfn_t mfn = mfn_of(page);
    struct xen_memory_reservation out = {.nr_extents = 1, .domid = DOMID_SELF};

    set_xen_guest_handle(out.extent_start, &mfn);
    expect(HYPERCALL(memory_op, XENMEM_decrease_reservation, &out), 1);
}

static void give(void)
{
    volatile uint32_t *talk = page_alloc(), *read_only = page_alloc(), *received = page_unmapped();
    struct grant_entry_v1 *entries = grant_table();
    void *given_back = page_alloc();

    give_back(page_unmapped()); /* room for what is going to come */
    read_only[0] = 0x5ead;
    grant_give(REF_READ, peer, (void *)read_only, GTF_permit_access | GTF_readonly);
    grant_give(REF_OTHER, peer + 7, (void *)read_only, GTF_permit_access);
    grant_give(REF_TABLE, peer, base_table(), GTF_permit_access);
    grant_give(REF_ACCEPT, peer, (void *)received, GTF_accept_transfer);
    grant_give(REF_GONE, peer, given_back, GTF_permit_access);
    talk[0] = READY;
    grant_give(REF_TALK, peer, (void *)talk, GTF_permit_access);
    wait_for(talk, TAKEN);
    expect(read_only[0], 0x5ead);
    expect(talk[1], 0xc0ffee);
    expect(entries[REF_TALK].flags & (GTF_reading | GTF_writing), GTF_reading | GTF_writing);
    expect(entries[REF_READ].flags & (GTF_reading | GTF_writing), GTF_reading);

    /* A frame of the taker's is ours now. */
    expect(entries[REF_ACCEPT].flags,
           GTF_accept_transfer | GTF_transfer_committed | GTF_transfer_completed);
    expect(map((void *)received, MFN_PTE(entries[REF_ACCEPT].frame, PTE_P | PTE_W)), 0);
    expect(received[3], 0x9e7);

    /* Given back while the taker maps it: it is not ours any more, but the taker keeps it. */
    expect(map(given_back, 0), 0);
    give_back(given_back);
    talk[0] = FINISHED;
}

static int refused(void *at, unsigned flags, grant_ref_t ref)
{
    struct gnttab_map_grant_ref op = grant_map(at, GNTMAP_host_map | flags, peer, ref);

    return op.status;
}

static void take(void)
{
    volatile uint32_t *talk = page_unmapped(), *read_only = page_unmapped();
    volatile uint32_t *gone = page_unmapped(), *frame = page_alloc();
    char *at = page_unmapped();
    struct gnttab_map_grant_ref op;

    op = pair_map((void *)talk, REF_TALK);
    expect(talk[0], READY);
    expect(grant_map((void *)read_only, GNTMAP_host_map | GNTMAP_readonly, peer, REF_READ).status,
           GNTST_okay);
    expect(read_only[0], 0x5ead);
    check(!can_write((void *)read_only), "what is to be read was written");
    expect(refused(at, 0, REF_READ), GNTST_general_error);
    expect(refused(at, GNTMAP_readonly, REF_OTHER), GNTST_general_error);
    expect(refused(at, 0, REF_TABLE), GNTST_general_error);
    expect(refused(at, 0, REF_ACCEPT), GNTST_general_error);
    expect(refused(at, 0, 200), GNTST_general_error);
    /* By its number the frame is not to be had, and the grant's own entry proves nothing. */
    expect(map(at, MFN_PTE(op.dev_bus_addr >> 12, PTE_P)), -EBUSY);
    struct gnttab_setup_table setup = {.dom = peer, .nr_frames = 1};
    expect(HYPERCALL(grant_table_op, GNTTABOP_setup_table, &setup, 1), 0);
    expect(setup.status, GNTST_permission_denied);
    struct gnttab_query_size query = {.dom = peer};
    expect(HYPERCALL(grant_table_op, GNTTABOP_query_size, &query, 1), 0);
    expect(query.status, GNTST_permission_denied);

    /* Bytes: from what may be read; not to it. */
    struct gnttab_copy copy = {.source = {.u.ref = REF_READ, .domid = peer},
                               .dest = {.u.gmfn = mfn_of((void *)frame), .domid = DOMID_SELF},
                               .len = 4,
                               .flags = GNTCOPY_source_gref};
    expect(HYPERCALL(grant_table_op, GNTTABOP_copy, &copy, 1), 0);
    expect(copy.status, GNTST_okay);
    expect(frame[0], 0x5ead);
    struct gnttab_copy back = {.dest = copy.source, .source = copy.dest, .len = 4};
    back.flags = GNTCOPY_dest_gref;
    expect(HYPERCALL(grant_table_op, GNTTABOP_copy, &back, 1), 0);
    expect(back.status, GNTST_general_error);

    /* A frame of ours becomes the giver's. */
    unsigned long mfn = mfn_of((void *)frame);
    frame[3] = 0x9e7;
    expect(map((void *)frame, 0), 0);
    struct gnttab_transfer transfer = {.mfn = mfn, .domid = peer, .ref = REF_ACCEPT};
    expect(HYPERCALL(grant_table_op, GNTTABOP_transfer, &transfer, 1), 0);
    expect(transfer.status, GNTST_okay);
    expect(map((void *)frame, MFN_PTE(mfn, PTE_P)), -EBUSY);

    op = grant_map((void *)gone, GNTMAP_host_map, peer, REF_GONE);
    expect(op.status, GNTST_okay);
    gone[0] = 0x90ae;
    talk[1] = 0xc0ffee;
    talk[0] = TAKEN;
    wait_for(talk, FINISHED);
    expect(gone[0], 0x90ae);
    expect(grant_unmap((void *)gone, op.handle), GNTST_okay);
    check(!can_read((void *)gone), "the frame is still mapped");
    /* `talk` and `read_only` stay mapped: whoever ends us has to clear up. */
}

void test(void)
{
    pair_run(give, take);
}
