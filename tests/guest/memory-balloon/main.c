/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Giving frames back and taking new ones: decrease_reservation, increase_reservation,
 * populate_physmap; counts, the reservation, and the machine-to-phys entries follow.
 */
#include "tests/guest/kit/kit.h"

#define COUNT 4

static struct xen_memory_reservation reserve(xen_pfn_t *frames, unsigned count)
{
    struct xen_memory_reservation reservation = {.nr_extents = count, .domid = DOMID_SELF};

    set_xen_guest_handle(reservation.extent_start, frames);
    return reservation;
}

static unsigned long held(void)
{
    domid_t self = DOMID_SELF;

    return HYPERCALL(memory_op, XENMEM_current_reservation, &self);
}

void test(void)
{
    char *pages[COUNT];
    xen_pfn_t frames[COUNT], pfns[COUNT];
    unsigned long before = held();

    for (unsigned i = 0; i < COUNT; i++) {
        pages[i] = page_alloc();
        frames[i] = mfn_of(pages[i]);
        pfns[i] = pfn_of(pages[i]);
        expect(map(pages[i], 0), 0);
    }
    struct xen_memory_reservation request = reserve(frames, COUNT);
    expect(HYPERCALL(memory_op, XENMEM_decrease_reservation, &request), COUNT);
    expect(held(), before - COUNT);
    for (unsigned i = 0; i < COUNT; i++)
        check(map(pages[i], MFN_PTE(frames[i], PTE_P | PTE_W)) < 0, "frame %lx is still ours",
              frames[i]);

    xen_pfn_t fresh[COUNT];
    memcpy(fresh, pfns, sizeof(fresh));
    request = reserve(fresh, COUNT);
    expect(HYPERCALL(memory_op, XENMEM_populate_physmap, &request), COUNT);
    expect(held(), before);
    for (unsigned i = 0; i < COUNT; i++) {
        expect(machine_to_phys_mapping[fresh[i]], pfns[i]);
        expect(map(pages[i], MFN_PTE(fresh[i], PTE_P | PTE_W)), 0);
        p2m[pfns[i]] = fresh[i];
        *(volatile uint32_t *)pages[i] = 0x1000 + i;
    }
    for (unsigned i = 0; i < COUNT; i++)
        expect(*(volatile uint32_t *)pages[i], 0x1000 + i);

    /* Back, and by increase_reservation, which chooses no pfn for them. */
    for (unsigned i = 0; i < COUNT; i++)
        expect(map(pages[i], 0), 0);
    request = reserve(fresh, COUNT);
    expect(HYPERCALL(memory_op, XENMEM_decrease_reservation, &request), COUNT);
    request = reserve(fresh, COUNT);
    expect(HYPERCALL(memory_op, XENMEM_increase_reservation, &request), COUNT);
    expect(held(), before);
    for (unsigned i = 0; i < COUNT; i++) {
        expect(pte_write(((uint64_t)fresh[i] << 12) | MMU_MACHPHYS_UPDATE, pfns[i]), 0);
        expect(map(pages[i], MFN_PTE(fresh[i], PTE_P | PTE_W)), 0);
    }
}
