/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * XENMEM_exchange: frames go in, others of the same amount come out with the pfns named, and how
 * many went is written back. A frame that is not ours makes it stop with what was done before.
 * Extents of other sizes come out than went in, both ways, though the domain has all the memory it
 * may have.
 */
#include "tests/guest/kit/kit.h"

#define ORDER 3
#define MANY  (1 << ORDER)

/* Many frames for one extent, and that one for many again. */
static void sizes(void)
{
    xen_pfn_t single[MANY], extent, number[MANY];
    domid_t self = DOMID_SELF;
    unsigned long before = HYPERCALL(memory_op, XENMEM_current_reservation, &self);

    for (unsigned i = 0; i < MANY; i++) {
        char *page = page_alloc();

        single[i] = mfn_of(page);
        number[i] = pfn_of(page);
        expect(map(page, 0), 0);
    }
    extent = number[0];
    struct xen_memory_exchange exchange = {
        .in = {.nr_extents = MANY, .domid = DOMID_SELF},
        .out = {.nr_extents = 1, .extent_order = ORDER, .domid = DOMID_SELF},
    };
    set_xen_guest_handle(exchange.in.extent_start, single);
    set_xen_guest_handle(exchange.out.extent_start, &extent);
    if (!expect(HYPERCALL(memory_op, XENMEM_exchange, &exchange), 0))
        return;
    expect(exchange.nr_exchanged, MANY);
    check(extent % MANY == 0, "the extent begins at %lx", extent);
    for (unsigned i = 0; i < MANY; i++)
        expect(machine_to_phys_mapping[extent + i], number[0] + i);

    struct xen_memory_exchange back = {.in = exchange.out, .out = exchange.in};
    set_xen_guest_handle(back.out.extent_start, number);
    expect(HYPERCALL(memory_op, XENMEM_exchange, &back), 0);
    expect(back.nr_exchanged, 1);
    expect(HYPERCALL(memory_op, XENMEM_current_reservation, &self), before);
}

void test(void)
{
    sizes();
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
