/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Giving back a frame that is a table in use, or mapped: whatever the call answers, nobody else
 * gets the frame while it is used, the tables go on working, and it never becomes writable to us
 * again as long as it is a table.
 */
#include "tests/guest/kit/kit.h"

#define HERE 0x40000000UL

void test(void)
{
    uint64_t *l2 = page_alloc(), *l1 = page_alloc();
    volatile uint32_t *data = page_alloc();

    *data = 0x1234;
    l1[0] = MFN_PTE(mfn_of((void *)data), PTE_P | PTE_W);
    l2[0] = MFN_PTE(mfn_of(l1), PTE_P | PTE_W);
    make_readonly(l1);
    make_readonly(l2);
    expect(pte_write(machine_of(&base_table()[HERE >> 30]), MFN_PTE(mfn_of(l2), PTE_P)), 0);
    expect(*(volatile uint32_t *)HERE, 0x1234);

    xen_pfn_t frames[1] = {mfn_of(l1)};
    struct xen_memory_reservation request = {.nr_extents = 1, .domid = DOMID_SELF};
    set_xen_guest_handle(request.extent_start, frames);
    long result = HYPERCALL(memory_op, XENMEM_decrease_reservation, &request);
    check(result == 0 || result == 1, "giving a table back gave %ld", result);
    expect(*(volatile uint32_t *)HERE, 0x1234);
    check(map(l1, MFN_PTE(mfn_of(l1), PTE_P | PTE_W)) < 0, "the table became writable");

    /* The data page, still mapped twice. */
    frames[0] = mfn_of((void *)data);
    result = HYPERCALL(memory_op, XENMEM_decrease_reservation, &request);
    check(result == 0 || result == 1, "giving a mapped page back gave %ld", result);
    xen_pfn_t fresh[64];
    request = (struct xen_memory_reservation){.nr_extents = 64, .domid = DOMID_SELF};
    set_xen_guest_handle(request.extent_start, fresh);
    long got = HYPERCALL(memory_op, XENMEM_increase_reservation, &request);
    for (long i = 0; i < got; i++)
        check(fresh[i] != mfn_of(l1) && fresh[i] != mfn_of((void *)data),
              "frame %lx was handed out while in use", fresh[i]);
    *(volatile uint32_t *)HERE = 0x4321;
    expect(*data, 0x4321);
}
