// SPDX-License-Identifier: GPL-2.0-only
/*
 * XENMEM_exchange: frames go in, others of the same amount come out with the pfns named, and how
 * many went is written back. A frame that is not ours makes it stop with what was done before.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    char *page = page_alloc(), *other = page_alloc();
    xen_pfn_t in[2] = {mfn_of(page), mfn_of(other)}, out[2] = {pfn_of(page), pfn_of(other)};
    expect(map(page, 0), 0);
    expect(map(other, 0), 0);
    struct xen_memory_exchange exchange = {
        .in = {.nr_extents = 2, .domid = DOMID_SELF},
        .out = {.nr_extents = 2, .domid = DOMID_SELF},
    };
    set_xen_guest_handle(exchange.in.extent_start, in);
    set_xen_guest_handle(exchange.out.extent_start, out);
    domid_t self = DOMID_SELF;
    unsigned long before = HYPERCALL(memory_op, XENMEM_current_reservation, &self);
    expect(HYPERCALL(memory_op, XENMEM_exchange, &exchange), 0);
    expect(exchange.nr_exchanged, 2);
    expect(HYPERCALL(memory_op, XENMEM_current_reservation, &self), before);
    expect(machine_to_phys_mapping[out[0]], pfn_of(page));
    expect(machine_to_phys_mapping[out[1]], pfn_of(other));
    expect(map(page, MFN_PTE(out[0], PTE_P | PTE_W)), 0);
    *(volatile uint32_t *)page = 5;

    exchange.nr_exchanged = 0;
    exchange.in.nr_extents = exchange.out.nr_extents = 1;
    in[0] = 0xFFFFFFF;
    out[0] = pfn_of(other);
    long result = HYPERCALL(memory_op, XENMEM_exchange, &exchange);
    check(result == -EINVAL, "a frame of nobody gave %ld", result);
    expect(exchange.nr_exchanged, 0);
    exchange.out.nr_extents = 2; /* more out than in */
    expect(HYPERCALL(memory_op, XENMEM_exchange, &exchange), -EINVAL);
    exchange.out.nr_extents = 1;
    exchange.out.extent_order = 1;
    expect(HYPERCALL(memory_op, XENMEM_exchange, &exchange), -EINVAL);
    expect(HYPERCALL(memory_op, XENMEM_exchange, 0xFC000000), -EFAULT);
    expect(HYPERCALL(memory_op, XENMEM_current_reservation, &self), before);
}
