/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A frame is empty from the first moment at which its new owner's friends can reach it. Two domains
 * run this kernel, as "giver N" and "taker N". The giver writes a secret into a page, gives its
 * frame back and asks for another, which is the same, over and over; the taker has been granted
 * that frame by its number all the time, tries to map it all the time, and looks into it when that
 * works between the two. What it finds there could be anybody's. Alone there is nobody to look.
 *
 * The giver's state has the round in it: a taker that was not run for a while cannot take the end
 * of another round for the one that it saw begin.
 */
#include "tests/guest/kit/kit.h"

#define CONTROL  8 /* grant references */
#define FRAME    9
#define SECRET   0x5ec2e7f0u
#define ROUNDS   4000
#define PATIENCE (10000 * MS)

enum { STARTING, OWNED, GIVEN_BACK, FINISHED, STATES };

struct control {
    volatile uint32_t state, caught;
};

static long reservation(unsigned command, xen_pfn_t *frame)
{
    struct xen_memory_reservation r = {.nr_extents = 1, .domid = DOMID_SELF};

    set_xen_guest_handle(r.extent_start, frame);
    return HYPERCALL(memory_op, command, &r);
}

static void give(void)
{
    struct control *control = page_alloc();
    volatile uint32_t *page = page_alloc();
    xen_pfn_t frame = mfn_of((void *)page);
    unsigned dirty = 0;

    grant_give(CONTROL, peer, control, GTF_permit_access);
    for (unsigned round = 0; round < ROUNDS; round++) {
        grant_table()[FRAME].frame = frame;
        grant_table()[FRAME].domid = peer;
        grant_table()[FRAME].flags = GTF_permit_access;
        for (unsigned i = 0; i < PAGE_SIZE / sizeof(*page); i++)
            page[i] = SECRET;
        if (map((void *)page, 0) || reservation(XENMEM_decrease_reservation, &frame) != 1)
            give_up("the page cannot be given back");
        control->state = round * STATES + GIVEN_BACK;
        /* As long as the other one maps the old page it counts as ours. */
        for (uint64_t end = now() + PATIENCE;
             reservation(XENMEM_increase_reservation, &frame) != 1;)
            if (now() > end)
                give_up("no page to be had");
        control->state = round * STATES + OWNED;
        if (map((void *)page, MFN_PTE(frame, PTE_P | PTE_W | PTE_A | PTE_D)))
            give_up("the new page cannot be mapped");
        for (unsigned i = 0; i < PAGE_SIZE / sizeof(*page); i++)
            dirty += page[i] != 0;
    }
    control->state = FINISHED;
    check(dirty == 0, "%u words of new pages were not clear", dirty);
    check(control->caught == 0, "%u times a page was seen before it was cleared", control->caught);
}

static void take(void)
{
    struct control *control = page_unmapped();
    volatile uint32_t *page = page_unmapped();
    unsigned mapped = 0;

    pair_map(control, CONTROL);
    for (uint64_t end = now() + PATIENCE; control->state != FINISHED && now() < end;) {
        uint32_t before = control->state;
        struct gnttab_map_grant_ref op =
            grant_map((void *)page, GNTMAP_host_map | GNTMAP_readonly, peer, FRAME);

        if (op.status)
            continue;
        uint32_t words = page[0] | page[PAGE_SIZE / sizeof(*page) - 1];

        mapped++;
        if (before % STATES == GIVEN_BACK && control->state == before && words)
            control->caught++;
        expect(grant_unmap((void *)page, op.handle), GNTST_okay);
    }
    expect(control->state, FINISHED);
    check(mapped > 0, "the frame was never mapped");
}

void test(void)
{
    pair_run(give, take);
}
