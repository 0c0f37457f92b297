/* SPDX-License-Identifier: GPL-2.0-only */
/* hv_grant.c - the rules of hv/mm/grant.c: pins, counts, handles, and both kinds of death */
#include <criterion/criterion.h>
#include <errno.h>

#include "tests/unit/hv_support.h"
#include "hv/include/grant.h"

#define TABLE   2          /* the mapper's L1 table */
#define ADDRESS 0x7000     /* is slot 7 of it */
#define GRANTED LAB_OTHERS /* a frame of the giver's */

static struct domain mapper = {.id = LAB_DOMAIN, .max_grant_frames = 4, .max_pages = 100};
static struct domain giver = {.id = LAB_DOMAIN + 1, .max_grant_frames = 4, .max_pages = 100};

static void start(void)
{
    lab_reset();
    mapper.grants = giver.grants = NULL;
    mapper.pages = giver.pages = 20;
    domains[mapper.id] = &mapper;
    domains[giver.id] = &giver;
    cr_assert_eq(frame_get_with_type(TABLE, mapper.id, FRAME_L1), 0);
    cr_assert_eq(grant_table_grow(&giver, 1), 0);
    lab_l1 = TABLE;
}

static void grant(grant_ref_t ref, mfn frame, uint16_t flags)
{
    *grant_shared(&giver, ref) =
        (struct grant_entry_v1){.domid = mapper.id, .frame = frame, .flags = flags};
}

static struct gnttab_map_grant_ref map(uint32_t flags, grant_ref_t ref)
{
    struct gnttab_map_grant_ref op = {
        .host_addr = ADDRESS, .flags = flags, .ref = ref, .dom = giver.id};

    grant_map(&mapper, &op);
    return op;
}

static grant_status unmap(uint32_t handle, uint64_t host, uint64_t device)
{
    return grant_unmap(
        &mapper, &(struct grant_unmap){.handle = handle, .host_addr = host, .device_addr = device});
}

static void expect_counts(mfn frame, uint32_t count, uint32_t type_count)
{
    cr_assert_eq(frame_table[frame].count, count, "frame %u: %u uses", frame,
                 frame_table[frame].count);
    cr_assert_eq(frame_table[frame].type_count, type_count, "frame %u: %u typed uses", frame,
                 frame_table[frame].type_count);
}

TestSuite(hv_grant, .init = start);

/* What a mapping of each kind costs the frame and marks in the entry, and that unmapping returns
 * it. */
static const struct map_case {
    const char *name;
    uint32_t flags;
    uint32_t count, type_count;
    uint16_t marks;
} map_cases[] = {
    {"host, read", GNTMAP_host_map | GNTMAP_readonly, 2, 0, GTF_reading},
    {"host, write", GNTMAP_host_map, 2, 1, GTF_reading | GTF_writing},
    {"device, read", GNTMAP_device_map | GNTMAP_readonly, 2, 0, GTF_reading},
    {"device, write", GNTMAP_device_map, 2, 1, GTF_reading | GTF_writing},
    {"both, read", GNTMAP_host_map | GNTMAP_device_map | GNTMAP_readonly, 3, 0, GTF_reading},
    {"both, write", GNTMAP_host_map | GNTMAP_device_map, 3, 2, GTF_reading | GTF_writing},
};

Test(hv_grant, a_mapping_takes_what_its_kind_needs)
{
    for (unsigned i = 0; i < ARRAY_SIZE(map_cases); i++) {
        const struct map_case *c = &map_cases[i];
        struct gnttab_map_grant_ref op;

        grant(3, GRANTED, GTF_permit_access);
        op = map(c->flags, 3);
        cr_assert_eq(op.status, GNTST_okay, "%s", c->name);
        expect_counts(GRANTED, c->count, c->type_count);
        cr_assert_eq(grant_shared(&giver, 3)->flags, GTF_permit_access | c->marks, "%s", c->name);
        cr_assert_eq(unmap(op.handle, ADDRESS, op.dev_bus_addr), GNTST_okay, "%s", c->name);
        expect_counts(GRANTED, 1, 0);
        cr_assert_eq(grant_shared(&giver, 3)->flags, GTF_permit_access, "%s", c->name);
        cr_assert_eq(lab_table(TABLE)[7], 0);
        cr_assert_eq(unmap(op.handle, ADDRESS, op.dev_bus_addr), GNTST_bad_handle, "%s", c->name);
    }
}

/* Entries that grant nothing to the mapper, and leave no trace of the attempt. */
static const struct refusal {
    const char *name;
    uint16_t flags;
    uint16_t domain;
    mfn frame;
    uint32_t map_flags;
    grant_status result;
} refusals[] = {
    {"empty", 0, LAB_DOMAIN, GRANTED, GNTMAP_readonly, GNTST_general_error},
    {"to another", GTF_permit_access, 9, GRANTED, GNTMAP_readonly, GNTST_general_error},
    {"a transfer", GTF_accept_transfer, LAB_DOMAIN, GRANTED, GNTMAP_readonly, GNTST_general_error},
    {"read-only", GTF_permit_access | GTF_readonly, LAB_DOMAIN, GRANTED, 0, GNTST_general_error},
    {"the mapper's own frame", GTF_permit_access, LAB_DOMAIN, 5, GNTMAP_readonly, GNTST_bad_page},
    {"the hypervisor's frame", GTF_permit_access, LAB_DOMAIN, LAB_HEAP + 9, 0, GNTST_bad_page},
    {"no RAM", GTF_permit_access, LAB_DOMAIN, 0, GNTMAP_readonly, GNTST_bad_page},
    {"no frame", GTF_permit_access, LAB_DOMAIN, 0xffffffff, GNTMAP_readonly, GNTST_bad_page},
};

Test(hv_grant, refusals_change_nothing)
{
    for (unsigned i = 0; i < ARRAY_SIZE(refusals); i++) {
        const struct refusal *r = &refusals[i];

        *grant_shared(&giver, 3) =
            (struct grant_entry_v1){.domid = r->domain, .frame = r->frame, .flags = r->flags};
        cr_assert_eq(map(GNTMAP_host_map | r->map_flags, 3).status, r->result, "%s", r->name);
        cr_assert_eq(grant_shared(&giver, 3)->flags, r->flags, "%s", r->name);
        cr_assert_not(grant_pinned(grant_active(&giver, 3)), "%s", r->name);
        cr_assert_eq(lab_table(TABLE)[7], 0, "%s", r->name);
        expect_counts(GRANTED, 1, 0);
    }
    cr_assert_eq(map(GNTMAP_host_map, GRANTS_A_FRAME).status, GNTST_bad_gntref);
    grant(3, GRANTED, GTF_permit_access);
    lab_l1 = 0;
    cr_assert_eq(map(GNTMAP_host_map | GNTMAP_device_map, 3).status, GNTST_general_error);
    cr_assert_not(grant_pinned(grant_active(&giver, 3)));
    expect_counts(GRANTED, 1, 0);
}

Test(hv_grant, a_table_is_not_mapped_writable)
{
    cr_assert_eq(frame_get_with_type(GRANTED, giver.id, FRAME_L1), 0);
    grant(3, GRANTED, GTF_permit_access);
    cr_assert_eq(map(GNTMAP_host_map, 3).status, GNTST_general_error);
    cr_assert_eq(map(GNTMAP_device_map, 3).status, GNTST_general_error);
    cr_assert_eq(grant_shared(&giver, 3)->flags, GTF_permit_access);
    cr_assert_eq(map(GNTMAP_host_map | GNTMAP_readonly, 3).status, GNTST_okay);
    expect_counts(GRANTED, 3, 1);
    /* And what is mapped writable does not become a table. */
    grant(4, GRANTED + 1, GTF_permit_access);
    cr_assert_eq(map(GNTMAP_host_map, 4).status, GNTST_okay);
    cr_assert_eq(frame_get_with_type(GRANTED + 1, giver.id, FRAME_L1), -EINVAL);
}

Test(hv_grant, unmapping_needs_the_mapping_itself)
{
    struct gnttab_map_grant_ref op;

    grant(3, GRANTED, GTF_permit_access);
    op = map(GNTMAP_host_map | GNTMAP_device_map, 3);
    cr_assert_eq(unmap(op.handle + 1, ADDRESS, 0), GNTST_bad_handle);
    cr_assert_eq(unmap(~0u, ADDRESS, 0), GNTST_bad_handle);
    cr_assert_eq(unmap(op.handle, ADDRESS + PAGE_SIZE, 0), GNTST_general_error);
    cr_assert_eq(unmap(op.handle, 0, op.dev_bus_addr + PAGE_SIZE), GNTST_bad_dev_addr);
    lab_table(TABLE)[7] &= ~PTE_RW; /* no longer what was granted */
    cr_assert_eq(unmap(op.handle, ADDRESS, 0), GNTST_general_error);
    lab_table(TABLE)[7] |= PTE_RW;
    expect_counts(GRANTED, 3, 2);
    cr_assert_eq(unmap(op.handle, ADDRESS, 0), GNTST_okay);
    cr_assert_eq(unmap(op.handle, 0, op.dev_bus_addr), GNTST_okay);
    expect_counts(GRANTED, 1, 0);
}

Test(hv_grant, replacing_moves_the_uses_of_the_other_entry)
{
    struct gnttab_map_grant_ref op;
    struct grant_unmap replace = {.host_addr = ADDRESS, .new_addr = 0x9000};

    lab_table(TABLE)[9] = MAKE_PTE(5, PTE_PRESENT | PTE_RW);
    cr_assert_eq(frame_get_with_type(5, mapper.id, FRAME_WRITABLE), 0);
    grant(3, GRANTED, GTF_permit_access);
    op = map(GNTMAP_host_map, 3);
    replace.handle = op.handle;
    replace.new_addr = ADDRESS; /* itself */
    cr_assert_eq(grant_unmap(&mapper, &replace), GNTST_general_error);
    expect_counts(GRANTED, 2, 1);
    replace.new_addr = 0x9000;
    cr_assert_eq(grant_unmap(&mapper, &replace), GNTST_okay);
    cr_assert_eq(lab_table(TABLE)[7], MAKE_PTE(5, PTE_PRESENT | PTE_RW));
    cr_assert_eq(lab_table(TABLE)[9], 0);
    expect_counts(GRANTED, 1, 0);
    expect_counts(5, 2, 1);
}

Test(hv_grant, the_mapper_dies)
{
    grant(3, GRANTED, GTF_permit_access);
    grant(4, GRANTED + 1, GTF_permit_access);
    cr_assert_eq(map(GNTMAP_host_map | GNTMAP_device_map, 3).status, GNTST_okay);
    cr_assert_eq(map(GNTMAP_device_map, 4).status, GNTST_okay);
    grants_release(&mapper);
    cr_assert_eq(grant_shared(&giver, 3)->flags, GTF_permit_access);
    cr_assert_eq(grant_shared(&giver, 4)->flags, GTF_permit_access);
    expect_counts(GRANTED, 2, 1); /* the page table's entry */
    expect_counts(GRANTED + 1, 1, 0);
    frame_put_with_type(TABLE);
    cr_assert(tables_release(&mapper));
    expect_counts(GRANTED, 1, 0);
}

/* The giver goes with a mapping outstanding: its number must not come back before the handle
 * goes. */
Test(hv_grant, the_giver_dies)
{
    unsigned before = lab_heap_used;
    struct gnttab_map_grant_ref op;

    grant(3, GRANTED, GTF_permit_access);
    op = map(GNTMAP_host_map, 3);
    before = lab_heap_used - before; /* the mapper's own pages */
    grants_forget(&giver);
    cr_assert_eq(lab_heap_used, before);
    cr_assert_null(giver.grants);
    domains[giver.id] = NULL;
    cr_assert(grant_handles_name(giver.id));
    cr_assert_eq(unmap(op.handle, ADDRESS, 0), GNTST_bad_handle);
    cr_assert_not(grant_handles_name(giver.id));
    cr_assert_eq(unmap(op.handle, ADDRESS, 0), GNTST_bad_handle);
    cr_assert(grants_release(&mapper));
}

Test(hv_grant, the_lent_frames_keep_a_domain)
{
    mfn shared = heap_mfn(grant_shared(&giver, 0));

    expect_counts(shared, 1, 1);
    cr_assert(grant_frames_unused(&giver));
    grant(3, shared, GTF_permit_access);
    cr_assert_eq(map(GNTMAP_host_map, 3).status, GNTST_okay);
    cr_assert_not(grant_frames_unused(&giver));
}

Test(hv_grant, tables_grow_within_their_limit)
{
    cr_assert_eq(grant_frames(&mapper), 1);
    cr_assert_eq(grant_entries(&mapper), GRANTS_A_FRAME);
    cr_assert_null(grant_shared(&mapper, 0));
    cr_assert_eq(grant_table_grow(&giver, 5), -EINVAL);
    cr_assert_eq(grant_table_grow(&giver, 4), 0);
    cr_assert_not_null(grant_shared(&giver, 4 * GRANTS_A_FRAME - 1));
    cr_assert_null(grant_shared(&giver, 4 * GRANTS_A_FRAME));
    /* No memory: what there was still works, and a later attempt goes on. */
    lab_heap_limit = lab_heap_used;
    cr_assert_eq(grant_table_grow(&mapper, 2), -ENOMEM);
    cr_assert_eq(map(GNTMAP_host_map, 3).status, GNTST_no_space);
    lab_heap_limit = LAB_FRAMES - LAB_HEAP;
    cr_assert_eq(grant_table_grow(&mapper, 2), 0);
}

Test(hv_grant, handles_are_told_apart_and_come_back)
{
    uint32_t first, second, next;

    cr_assert(grant_handle_get(&mapper, &first) && grant_handle_get(&mapper, &second));
    cr_assert_neq(first, second);
    grant_handle_put(&mapper, first);
    cr_assert(grant_handle_get(&mapper, &next));
    cr_assert_eq(next, first);
    for (unsigned i = 2; i < MAPPINGS_A_PAGE; i++)
        cr_assert(grant_handle_get(&mapper, &next));
    cr_assert_eq(mapper.grants->handles, MAPPINGS_A_PAGE);
    cr_assert(grant_handle_get(&mapper, &next));
    cr_assert_eq(next, MAPPINGS_A_PAGE, "a second page of them");
    lab_heap_limit = lab_heap_used;
    for (unsigned i = 1; i < MAPPINGS_A_PAGE; i++)
        cr_assert(grant_handle_get(&mapper, &next));
    cr_assert_not(grant_handle_get(&mapper, &next), "no page for a third");
}

Test(hv_grant, pins_of_one_kind_are_limited)
{
    mfn frame;

    grant(3, GRANTED, GTF_permit_access);
    for (unsigned i = 0; i < GRANT_USE_LIMIT; i++)
        cr_assert_eq(grant_pin(&giver, 3, mapper.id, GRANT_HOST_READ, true, &frame), GNTST_okay);
    cr_assert_eq(grant_pin(&giver, 3, mapper.id, GRANT_HOST_READ, true, &frame),
                 GNTST_general_error);
    cr_assert_eq(grant_pin(&giver, 3, mapper.id, GRANT_HOST_WRITE, true, &frame), GNTST_okay);
    cr_assert_eq(grant_pin(&giver, 3, 9, GRANT_HOST_WRITE, true, &frame), GNTST_general_error,
                 "one domain at a time");
}

Test(hv_grant, copies)
{
    struct gnttab_copy op = {.source = {.u.ref = 3, .domid = giver.id, .offset = 8},
                             .dest = {.u.gmfn = 5, .domid = DOMID_SELF, .offset = 16},
                             .len = 8,
                             .flags = GNTCOPY_source_gref};

    grant(3, GRANTED, GTF_permit_access | GTF_readonly);
    lab_table(GRANTED)[1] = 0x1122334455667788;
    cr_assert_eq(grant_copy(&mapper, &op), GNTST_okay);
    cr_assert_eq(lab_table(5)[2], 0x1122334455667788);
    op.source.offset = 4089;
    cr_assert_eq(grant_copy(&mapper, &op), GNTST_bad_copy_arg);
    op.source.offset = 0;
    op.dest.u.gmfn = TABLE;
    cr_assert_eq(grant_copy(&mapper, &op), GNTST_general_error, "into a page table");
    op.dest.u.gmfn = GRANTED + 1;
    cr_assert_eq(grant_copy(&mapper, &op), GNTST_bad_page, "into another's frame");
    op.flags = 0;
    cr_assert_eq(grant_copy(&mapper, &op), GNTST_permission_denied);
    expect_counts(GRANTED, 1, 0);
    expect_counts(5, 1, 0);
    cr_assert_eq(grant_shared(&giver, 3)->flags, GTF_permit_access | GTF_readonly);
}

Test(hv_grant, transfers)
{
    struct gnttab_transfer op = {.mfn = 5, .domid = giver.id, .ref = 3};

    cr_assert_eq(grant_table_grow(&giver, 1), 0);
    grant(3, 77, GTF_accept_transfer);
    frame_get(5, mapper.id);
    cr_assert_eq(grant_transfer(&mapper, &op), GNTST_bad_page, "in use");
    frame_put(5);
    op.mfn = GRANTED;
    cr_assert_eq(grant_transfer(&mapper, &op), GNTST_bad_page, "another's");
    op.mfn = LAB_FRAMES;
    cr_assert_eq(grant_transfer(&mapper, &op), GNTST_bad_page, "no frame");
    op.mfn = 5;
    cr_assert_eq(grant_transfer(&mapper, &op), GNTST_okay);
    cr_assert_eq(frame_table[5].owner, giver.id);
    cr_assert_eq(m2p[5], 77);
    cr_assert_eq(grant_shared(&giver, 3)->frame, 5);
    cr_assert_eq(grant_shared(&giver, 3)->flags,
                 GTF_accept_transfer | GTF_transfer_committed | GTF_transfer_completed);
    cr_assert_eq(lab_freed, 0);
    op.mfn = 6; /* the entry has had its frame: this one is lost */
    cr_assert_eq(grant_transfer(&mapper, &op), GNTST_general_error);
    cr_assert_eq(lab_freed, 1);
    op.mfn = 7;
    giver.max_pages = giver.pages;
    cr_assert_eq(grant_transfer(&mapper, &op), GNTST_general_error);
    giver.max_pages = 100;
    cr_assert_eq(lab_freed, 2);
}
