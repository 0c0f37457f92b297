/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What grants must not give: more rights than the entry says, somebody else's frame, a page table
 * to write, bytes beyond a page, a mapping that outlives its removal or that is removed by whom it
 * is not.
 */
#include "tests/guest/kit/kit.h"

static domid_t self;
static char *at;

static int try_map(unsigned flags, grant_ref_t ref)
{
    struct gnttab_map_grant_ref op = grant_map(at, GNTMAP_host_map | flags, self, ref);

    if (!op.status)
        expect(grant_unmap(at, op.handle), GNTST_okay);
    return op.status;
}

static int copy(struct gnttab_copy op)
{
    op.status = 77;
    expect(HYPERCALL(grant_table_op, GNTTABOP_copy, &op, 1), 0);
    return op.status;
}

#define FRAME(page, at)                                                                            \
    {                                                                                              \
        .u.gmfn = mfn_of(page), .domid = DOMID_SELF, .offset = at                                  \
    }
#define GRANT(entry, at)                                                                           \
    {                                                                                              \
        .u.ref = entry, .domid = self, .offset = at                                                \
    }

static void entries_that_refuse(void *page)
{
    struct grant_entry_v1 *entries = grant_table();

    grant_give(8, self, page, GTF_permit_access | GTF_readonly);
    expect(try_map(0, 8), GNTST_general_error);
    expect(try_map(GNTMAP_readonly, 8), GNTST_okay);
    grant_give(8, self + 1, page, GTF_permit_access);
    expect(try_map(GNTMAP_readonly, 8), GNTST_general_error);
    grant_give(8, self, page, GTF_invalid);
    expect(try_map(GNTMAP_readonly, 8), GNTST_general_error);
    grant_give(8, self, page, GTF_accept_transfer);
    expect(try_map(GNTMAP_readonly, 8), GNTST_general_error);
    grant_give(8, self, page, GTF_permit_access | GTF_sub_page);
    expect(try_map(GNTMAP_readonly, 8), GNTST_general_error);
    expect(entries[8].flags, GTF_permit_access | GTF_sub_page);
    expect(grant_map(at, GNTMAP_host_map, 0x7000, 8).status, GNTST_bad_domain);
    expect(grant_map(at, GNTMAP_host_map, DOMID_SELF, 8).status, GNTST_bad_domain);
    expect(grant_map(at, GNTMAP_readonly, self, 8).status, GNTST_bad_gntref); /* to nowhere */
}

/* Frames that are not the granter's, named by its entries. */
static void frames_of_others(void *page)
{
    struct grant_entry_v1 *entry = &grant_table()[8];
    static const unsigned long frames[] = {0x7fffffff, 0xfffffff, 0x100000};

    for (unsigned i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
        grant_give(8, self, page, GTF_permit_access);
        entry->frame = frames[i];
        expect(try_map(GNTMAP_readonly, 8), GNTST_bad_page);
        expect(entry->flags, GTF_permit_access);
        struct gnttab_copy op = {
            .source = GRANT(8, 0), .dest = FRAME(page, 0), .len = 8, .flags = GNTCOPY_source_gref};
        expect(copy(op), GNTST_bad_page);
    }
}

static void tables(void)
{
    struct grant_entry_v1 *entry = &grant_table()[8];

    grant_give(8, self, base_table(), GTF_permit_access);
    expect(try_map(0, 8), GNTST_general_error);
    expect(entry->flags, GTF_permit_access);
    expect(try_map(GNTMAP_readonly, 8), GNTST_okay);
    struct gnttab_copy op = {
        .source = FRAME(at, 0), .dest = GRANT(8, 0), .len = 8, .flags = GNTCOPY_dest_gref};
    expect(copy(op), GNTST_general_error);
    expect(entry->flags, GTF_permit_access);
    /* A frame that is mapped writable by a grant does not become a table. */
    void *page = page_alloc();
    grant_give(8, self, page, GTF_permit_access);
    struct gnttab_map_grant_ref map = grant_map(at, GNTMAP_host_map, self, 8);
    make_readonly(page);
    check(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(page), 0) != 0, "a granted, written frame was pinned");
    expect(grant_unmap(at, map.handle), GNTST_okay);
    expect(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(page), 0), 0);
    expect(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(page), 0), 0);
}

static void overwrite(void *page)
{
    map(at, MFN_PTE(mfn_of(page), PTE_P | PTE_W));
}

static void revoked(void *page)
{
    struct grant_entry_v1 *entry = &grant_table()[8];

    *(volatile uint32_t *)page = 0x1234;
    grant_give(8, self, page, GTF_permit_access);
    struct gnttab_map_grant_ref map = grant_map(at, GNTMAP_host_map, self, 8);
    expect(map.status, GNTST_okay);
    entry->flags = 0; /* by force */
    expect(*(volatile uint32_t *)at, 0x1234);
    /* In use it goes on for its user; not used, it is over. */
    expect(grant_unmap(at + PAGE_SIZE * 3, map.handle), GNTST_general_error);
    expect(grant_unmap(at, map.handle + 100), GNTST_bad_handle);
    expect(grant_unmap(at, ~0U), GNTST_bad_handle);
    expect(*(volatile uint32_t *)at, 0x1234);
    expect(grant_unmap(at, map.handle), GNTST_okay);
    check(!can_read(at), "the mapping outlives its removal");
    expect(try_map(GNTMAP_readonly, 8), GNTST_general_error);

    /* An entry changed behind the grant's back is not removed by its handle. */
    grant_give(8, self, page, GTF_permit_access);
    map = grant_map(at, GNTMAP_host_map, self, 8);
    void *other = page_alloc();
    trapped(overwrite, other); /* Xen built for debugging answers with #GP, afterwards */
    expect(grant_unmap(at, map.handle), GNTST_general_error);
    expect(can_write(at), true);
    expect(grant_map(at, GNTMAP_host_map, self, 8).status, GNTST_okay);
    expect(grant_unmap(at, map.handle), GNTST_okay);
    check(!can_read(at), "it stayed");
}

static void edges(void *page)
{
    void *to = page_alloc();
    struct gnttab_copy op = {.source = FRAME(page, 4000), .dest = FRAME(to, 0), .len = 97};

    expect(copy(op), GNTST_bad_copy_arg);
    op = (struct gnttab_copy){.source = FRAME(page, 0), .dest = FRAME(to, 0xffff), .len = 0xffff};
    expect(copy(op), GNTST_bad_copy_arg);
    op = (struct gnttab_copy){.source = FRAME(page, 4000), .dest = FRAME(to, 4000), .len = 96};
    expect(copy(op), GNTST_okay);
    op = (struct gnttab_copy){.source = FRAME(page, 0), .dest = FRAME(to, 0), .len = 8};
    op.source.domid = self; /* a frame's number is for its owner only, by DOMID_SELF */
    expect(copy(op), GNTST_permission_denied);
    op = (struct gnttab_copy){.source = FRAME(page, 0), .dest = FRAME(to, 0), .len = 8};
    op.dest.domid = 0x7000;
    expect(copy(op), GNTST_permission_denied);
    op.flags = GNTCOPY_dest_gref;
    expect(copy(op), GNTST_bad_domain);
    op = (struct gnttab_copy){.source = FRAME(page, 0), .dest = FRAME(to, 0), .len = 8};
    op.dest.u.gmfn = 0x7fffffff;
    expect(copy(op), GNTST_bad_page);
    grant_give(9, self, to, GTF_permit_access | GTF_readonly);
    op = (struct gnttab_copy){
        .source = FRAME(page, 0), .dest = GRANT(9, 0), .len = 8, .flags = GNTCOPY_dest_gref};
    expect(copy(op), GNTST_general_error);
    op.dest.u.ref = 100000;
    expect(copy(op), GNTST_bad_gntref);
}

/* The list's second element lies where nothing is: the first is done, and says so. */
static void half_a_list(void *page)
{
    char *list = page_alloc();
    struct gnttab_map_grant_ref *op = (void *)(list + PAGE_SIZE - sizeof(*op));

    page_unmapped();
    grant_give(8, self, page, GTF_permit_access);
    *op = (struct gnttab_map_grant_ref){
        .host_addr = (unsigned long)at, .flags = GNTMAP_host_map, .ref = 8, .dom = self};
    op->status = 77;
    expect(HYPERCALL(grant_table_op, GNTTABOP_map_grant_ref, op, 0x7fffffff), -EFAULT);
    expect(op->status, GNTST_okay);
    expect(grant_unmap(at, op->handle), GNTST_okay);
    /* A list that cannot be written to: what was mapped stays, without a handle for us. */
    make_readonly(list);
    expect(HYPERCALL(grant_table_op, GNTTABOP_unmap_grant_ref, op, 1), -EFAULT);
    make_writable(list);
}

void test(void)
{
    void *page = page_alloc();

    at = page_unmapped();
    self = own_domain();
    entries_that_refuse(page);
    frames_of_others(page);
    tables();
    revoked(page);
    edges(page);
    half_a_list(page);
}
