/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * XENMEM_exchange as a way to more memory: the old frames must go whenever new ones have come. The
 * new numbers cannot be written back; or they are written over the list of old ones, which then
 * names nothing that could go.
 */
#include "tests/guest/kit/kit.h"

static domid_t self = DOMID_SELF;

static unsigned long held(void)
{
    return HYPERCALL(memory_op, XENMEM_current_reservation, &self);
}

static long exchange(unsigned long in, unsigned long out)
{
    struct xen_memory_exchange op = {
        .in = {.nr_extents = 1, .domid = DOMID_SELF},
        .out = {.nr_extents = 1, .domid = DOMID_SELF},
    };

    set_xen_guest_handle(op.in.extent_start, (xen_pfn_t *)in);
    set_xen_guest_handle(op.out.extent_start, (xen_pfn_t *)out);
    return HYPERCALL(memory_op, XENMEM_exchange, &op);
}

void test(void)
{
    unsigned long before = held();
    /* The list can be read, not written. */
    uint32_t *readonly = page_alloc();

    make_readonly(readonly);
    for (unsigned i = 0; i < 8; i++) {
        void *page = page_alloc();
        xen_pfn_t old = mfn_of(page);

        expect(map(page, 0), 0);
        expect(exchange((unsigned long)&old, (unsigned long)readonly), -EFAULT);
        check(held() <= before, "%lx frames after %lx, nothing was written back", held(), before);
    }
    /* One byte further: the new number lies over the upper bytes of the old one. */
    for (unsigned i = 0; i < 8; i++) {
        void *page = page_alloc();
        uint32_t list[3] = {mfn_of(page), 0, 0};

        expect(map(page, 0), 0);
        long result = exchange((unsigned long)list, (unsigned long)list + 1);
        check(result == 0 || result == -EINVAL, "overlapping lists gave %ld", result);
        check(held() <= before, "%lx frames after %lx, lists overlap", held(), before);
    }
    /* Numbers at the end of all numbers give nothing up. */
    xen_pfn_t last = ~0UL;
    struct xen_memory_reservation request = {.nr_extents = 1, .domid = DOMID_SELF};
    set_xen_guest_handle(request.extent_start, &last);
    expect(HYPERCALL(memory_op, XENMEM_decrease_reservation, &request), 0);
    expect(exchange((unsigned long)&last, (unsigned long)&last), -EINVAL);
    check(held() <= before, "%lx frames after %lx", held(), before);
}
