/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A cache flush of a frame that is not ours asks whether its owner grants it to us. With as large a
 * table of grants as there can be, and a hundred thousand mappings of ours, interrupts do not wait
 * for the answer.
 */
#define __XEN_TOOLS__ 1
#include "tests/guest/kit/kit.h"
#include <xen/domctl.h>

#define FRAMES     64  /* of a grant table, the most */
#define EACH       127 /* mappings of one grant, one fewer than the most */
#define GRANTS     1024
#define TABLE_SIZE (PAGE_SIZE / sizeof(struct grant_entry_v1))

static struct child child;
static unsigned long list[FRAMES];

static long flush_cache(unsigned page)
{
    struct gnttab_cache_flush request = {.a.dev_bus_addr = (uint64_t)child.frame[page] << 12,
                                         .length = 64,
                                         .op = GNTTAB_CACHE_CLEAN};

    return HYPERCALL(grant_table_op, GNTTABOP_cache_flush, &request, 1);
}

/* The child grants us one page, by a frame's worth of entries. */
static void give(unsigned table, unsigned page)
{
    static struct grant_entry_v1 *entries;

    if (!entries)
        entries = page_unmapped();
    if (child_map(entries, child.id, list[table], PTE_P | PTE_W | PTE_A | PTE_D))
        give_up("the child's table cannot be seen");
    for (unsigned i = 0; i < TABLE_SIZE; i++)
        entries[i] = (struct grant_entry_v1){
            .frame = child.frame[page], .domid = own_domain(), .flags = GTF_permit_access};
    map(entries, 0);
}

/* Maps it for a device, which takes no address: so often that our list of mappings is long. */
static void take_often(void)
{
    static struct gnttab_map_grant_ref requests[EACH];

    for (grant_ref_t ref = 0; ref < GRANTS; ref++) {
        for (unsigned i = 0; i < EACH; i++)
            requests[i] = (struct gnttab_map_grant_ref){
                .flags = GNTMAP_device_map | GNTMAP_readonly, .ref = ref, .dom = child.id};
        expect(HYPERCALL(grant_table_op, GNTTABOP_map_grant_ref, requests, EACH), 0);
        if (!expect(requests[EACH - 1].status, GNTST_okay))
            return;
    }
}

void test(void)
{
    static const char code[] = {0};
    struct gnttab_setup_table setup = {.nr_frames = FRAMES};

    if (!privileged)
        return (void)check(true, "not ours");
    child_make(&child, code, code + sizeof(code));
    setup.dom = child.id;
    set_xen_guest_handle(setup.frame_list, list);
    expect(HYPERCALL(grant_table_op, GNTTABOP_setup_table, &setup, 1), 0);
    expect(setup.status, GNTST_okay);
    give(0, CHILD_DATA);
    give(1, CHILD_DATA);
    give(FRAMES - 1, CHILD_CODE);
    take_often();
    expect(flush_cache(CHILD_DATA), 0);
    expect(flush_cache(CHILD_CODE), -EINVAL); /* granted, but not mapped */

    void *at = page_unmapped();
    struct gnttab_map_grant_ref mapped =
        grant_map(at, GNTMAP_host_map | GNTMAP_readonly, child.id, FRAMES * TABLE_SIZE - 1);

    expect(mapped.status, GNTST_okay);
    expect(flush_cache(CHILD_CODE), 0);
    expect(grant_unmap(at, mapped.handle), GNTST_okay);
    expect(flush_cache(CHILD_CODE), -EINVAL);
    child_destroy(&child);
}
