/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * XENMEM_exchange refused: sizes that do not match, sides of different domains, lists out of reach;
 * nothing is exchanged, and the frames that should have gone are the domain's still.
 */
#include "tests/guest/kit/kit.h"

#define BAD ((xen_pfn_t *)0xFC000000)

static xen_pfn_t in_list[4], out_list[4];
static xen_pfn_t gone[4]; /* the frames that are offered, not mapped */

static struct xen_memory_exchange four(void)
{
    struct xen_memory_exchange op = {.in = {.nr_extents = 4, .domid = DOMID_SELF},
                                     .out = {.nr_extents = 4, .domid = DOMID_SELF}};

    for (unsigned i = 0; i < 4; i++) {
        in_list[i] = gone[i];
        out_list[i] = machine_to_phys_mapping[gone[i]];
    }
    set_xen_guest_handle(op.in.extent_start, in_list);
    set_xen_guest_handle(op.out.extent_start, out_list);
    return op;
}

static void refused(const char *what, struct xen_memory_exchange op, long want)
{
    check_equal(what, HYPERCALL(memory_op, XENMEM_exchange, &op), want);
}

static void wrong_shapes(void)
{
    struct xen_memory_exchange op = four();

    op.out.domid = 1;
    refused("sides of two domains", op, -EINVAL);
    op = four();
    op.out.nr_extents = 3;
    refused("fewer out than in", op, -EINVAL);
    op = four();
    op.out.extent_order = 1;
    refused("more out than in", op, -EINVAL);
    op = four();
    op.nr_exchanged = 5;
    refused("more done than there are", op, -EINVAL);
    op = four();
    op.in.nr_extents = op.out.nr_extents = 0x80000000;
    op.in.extent_order = op.out.extent_order = 1;
    refused("more than an address space", op, -EINVAL);
    op = four();
    op.nr_exchanged = 4;
    refused("all done", op, 0);
    op = four();
    op.in.nr_extents = op.out.nr_extents = 0;
    refused("nothing to do", op, 0);
}

static void lists_out_of_reach(void)
{
    struct xen_memory_exchange op = four();

    op.in.extent_start.p = BAD;
    refused("list of frames in the hypervisor", op, -EFAULT);
    op = four();
    op.out.extent_start.p = BAD;
    refused("list of places in the hypervisor", op, -EFAULT);
    op = four();
    op.in.extent_start.p = page_unmapped();
    refused("list of frames not mapped", op, -EFAULT);
}

static void frames_that_may_not_go(void)
{
    struct xen_memory_exchange op = four();

    in_list[2] = mfn_of(base_table()); /* in use */
    refused("a frame in use", op, -EINVAL);
    op = four();
    in_list[3] = 0xfffffff;
    refused("no frame", op, -EINVAL);
}

/* Where the new frames' numbers should go can be read only. Xen 4.17 has exchanged them by then. */
static void places_readonly(void)
{
    struct xen_memory_exchange op = four();
    xen_pfn_t *places = page_alloc();

    memcpy(places, out_list, sizeof(out_list));
    make_readonly(places);
    set_xen_guest_handle(op.out.extent_start, places);
    refused("places that cannot be written", op, -EFAULT);
}

void test(void)
{
    domid_t self = DOMID_SELF;
    long before = HYPERCALL(memory_op, XENMEM_current_reservation, &self);
    struct xen_memory_exchange op;

    for (unsigned i = 0; i < 4; i++) {
        void *page = page_alloc();

        gone[i] = mfn_of(page);
        expect(map(page, 0), 0);
    }
    wrong_shapes();
    lists_out_of_reach();
    expect(HYPERCALL(memory_op, XENMEM_current_reservation, &self), before);
    for (unsigned i = 0; i < 4; i++)
        expect(machine_to_phys_mapping[gone[i]], pfn_of(virtual_of(gone[i])));
    op = four();
    expect(HYPERCALL(memory_op, XENMEM_exchange, &op), 0);
    expect((unsigned long)op.nr_exchanged, 4);
    for (unsigned i = 0; i < 4; i++)
        gone[i] = out_list[i];
    frames_that_may_not_go();
    places_readonly();
    expect(HYPERCALL(memory_op, XENMEM_current_reservation, &self), before);
}
