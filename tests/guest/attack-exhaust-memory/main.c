/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Asking for more memory than the domain may have: the maximum reservation is the end, whatever is
 * asked for beyond it, and everything taken can be given back.
 */
#include "tests/guest/kit/kit.h"

#define BATCH 512

void test(void)
{
    static xen_pfn_t frames[40][BATCH];
    domid_t self = DOMID_SELF;
    unsigned long before = HYPERCALL(memory_op, XENMEM_current_reservation, &self);
    unsigned long maximum = HYPERCALL(memory_op, XENMEM_maximum_reservation, &self);
    unsigned long taken[40] = {0}, sum = 0;
    unsigned batches = 0;

    while (batches < 40) {
        struct xen_memory_reservation request = {.nr_extents = BATCH, .domid = DOMID_SELF};

        set_xen_guest_handle(request.extent_start, frames[batches]);
        taken[batches] = HYPERCALL(memory_op, XENMEM_increase_reservation, &request);
        if (!check(taken[batches] <= BATCH, "an increase gave %lx", taken[batches]))
            return;
        sum += taken[batches];
        if (taken[batches++] < BATCH)
            break;
    }
    unsigned long after = HYPERCALL(memory_op, XENMEM_current_reservation, &self);
    check(after == before + sum, "held %lx, then %lx more, now %lx", before, sum, after);
    check(after <= maximum, "%lx pages held of %lx allowed", after, maximum);
    struct xen_memory_reservation huge = {.nr_extents = 0x3fffffff, .domid = DOMID_SELF};
    set_xen_guest_handle(huge.extent_start, frames[0]);
    long result = HYPERCALL(memory_op, XENMEM_populate_physmap, &huge);
    check(result <= 0, "a populate of 2^30 pages gave %ld", result);
    for (unsigned i = 0; i < batches; i++) {
        struct xen_memory_reservation request = {.nr_extents = taken[i], .domid = DOMID_SELF};

        set_xen_guest_handle(request.extent_start, frames[i]);
        if (taken[i])
            expect(HYPERCALL(memory_op, XENMEM_decrease_reservation, &request), taken[i]);
    }
    expect(HYPERCALL(memory_op, XENMEM_current_reservation, &self), before);
}
