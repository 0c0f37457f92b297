/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * memory_op's partial results: a bad frame ends a decrease at its index; bad extents, orders and
 * domains do nothing.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    domid_t self = DOMID_SELF;
    unsigned long before = HYPERCALL(memory_op, XENMEM_current_reservation, &self);
    char *page = page_alloc();
    xen_pfn_t frames[3] = {mfn_of(page), 0xFFFFFFF, mfn_of(page)};

    expect(map(page, 0), 0);
    struct xen_memory_reservation request = {.nr_extents = 3, .domid = DOMID_SELF};
    set_xen_guest_handle(request.extent_start, frames);
    expect(HYPERCALL(memory_op, XENMEM_decrease_reservation, &request), 1);
    expect(HYPERCALL(memory_op, XENMEM_current_reservation, &self), before - 1);

    request.extent_start.p = (xen_pfn_t *)0xFC000000;
    request.nr_extents = 1;
    expect(HYPERCALL(memory_op, XENMEM_decrease_reservation, &request), 0);
    expect(HYPERCALL(memory_op, XENMEM_populate_physmap, &request), 0);
    set_xen_guest_handle(request.extent_start, frames);
    request.nr_extents = 0;
    expect(HYPERCALL(memory_op, XENMEM_decrease_reservation, &request), 0);
    request.nr_extents = 1;
    request.extent_order = 60;
    expect(HYPERCALL(memory_op, XENMEM_populate_physmap, &request), 0);
    request.extent_order = 0;
    request.domid = 0x7000;
    expect(HYPERCALL(memory_op, XENMEM_populate_physmap, &request), 0);
    expect(HYPERCALL(memory_op, XENMEM_decrease_reservation, &request), 0);
    expect(HYPERCALL(memory_op, XENMEM_current_reservation, &self), before - 1);
    request.domid = DOMID_SELF;
    frames[0] = pfn_of(page);
    expect(HYPERCALL(memory_op, XENMEM_populate_physmap, &request), 1);
    expect(HYPERCALL(memory_op, XENMEM_current_reservation, &self), before);
}
