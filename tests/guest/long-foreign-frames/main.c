/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The end of domains with many frames: never mapped by others, mapped once by another domain, and
 * with a pinned tree of tables. Each frame may be in a TLB of the other processor, yet one flush
 * serves them all.
 */
#define __XEN_TOOLS__ 1
#include "tests/guest/kit/kit.h"
#include <xen/domctl.h>

#define PAGES  4096
#define BATCH  1024
#define TABLES 600

static unsigned long frames[PAGES];

static void populate(const struct child *child)
{
    struct xen_domctl more = {.cmd = XEN_DOMCTL_max_mem,
                              .interface_version = XEN_DOMCTL_INTERFACE_VERSION,
                              .domain = child->id};

    more.u.max_mem.max_memkb = PAGES * PAGE_SIZE / 1024;
    expect(HYPERCALL(domctl, &more), 0);
    for (unsigned at = 0; at < PAGES; at += BATCH) {
        struct xen_memory_reservation r = {.nr_extents = BATCH, .domid = child->id};

        for (unsigned i = 0; i < BATCH; i++)
            frames[at + i] = at + i;
        set_xen_guest_handle(r.extent_start, frames + at);
        expect(HYPERCALL(memory_op, XENMEM_populate_physmap, &r), BATCH);
    }
}

static void pin_tree(const struct child *child, void *window)
{
    struct mmuext_op pin = {.cmd = MMUEXT_PIN_L2_TABLE, .arg1.mfn = frames[0]};
    uint64_t *entries = window;

    for (unsigned i = 0; i <= TABLES && i <= 512; i++) {
        if (child_map(window, child->id, frames[i], PTE_P | PTE_W | PTE_A | PTE_D))
            give_up("map a table");
        for (unsigned e = 0; e < 512; e++)
            entries[e] =
                i == 0 ? MFN_PTE(frames[1 + e], PTE_P | PTE_W | PTE_A)
                       : MFN_PTE(frames[TABLES + (i * 37 + e) % (PAGES - TABLES)], PTE_P | PTE_W);
    }
    map(window, 0);
    expect(HYPERCALL(mmuext_op, &pin, 1, NULL, child->id), 0);
}

static void life(bool foreign, bool tree)
{
    static void *window;
    struct child child;

    if (!window)
        window = page_unmapped();
    child_create(&child);
    populate(&child);
    for (unsigned i = 0; foreign && i < PAGES; i++)
        if (child_map(window, child.id, frames[i], PTE_P | PTE_A))
            give_up("map a frame");
    map(window, 0);
    if (tree)
        pin_tree(&child, window);
    child_destroy(&child);
}

void test(void)
{
    struct child child;

    if (!privileged)
        return (void)check(true, "not ours");
    life(false, false);
    life(true, false);
    life(true, true);
    child_create(&child);
    populate(&child); /* the same frames once more: all of them came back */
    child_destroy(&child);
}
