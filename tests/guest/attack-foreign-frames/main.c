/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Everything that takes a frame's number, with numbers of frames that belong to others, to the
 * hypervisor, or to nobody: refused each time. (That they cannot be mapped is
 * attack-map-hypervisor.)
 */
#include "tests/guest/kit/kit.h"

static uint8_t ours[1 << 20];
static unsigned tried;

static void attack(unsigned long mfn)
{
    uint64_t machine = (uint64_t)mfn << 12;
    void *page = page_alloc();
    xen_pfn_t frame = mfn;
    long result;
    static const unsigned pins[] = {MMUEXT_PIN_L1_TABLE, MMUEXT_PIN_L2_TABLE, MMUEXT_PIN_L3_TABLE,
                                    MMUEXT_UNPIN_TABLE,  MMUEXT_NEW_BASEPTR,  MMUEXT_CLEAR_PAGE};

    tried++;
    for (unsigned i = 0; i < sizeof(pins) / sizeof(pins[0]); i++) {
        result = mmuext(pins[i], mfn, 0);
        check(result < 0, "mmuext %u of frame %lx gave %ld", pins[i], mfn, result);
    }
    result = mmuext(MMUEXT_COPY_PAGE, mfn_of(page), mfn);
    check(result < 0, "copying from frame %lx gave %ld", mfn, result);
    result = mmuext(MMUEXT_COPY_PAGE, mfn, mfn_of(page));
    check(result < 0, "copying to frame %lx gave %ld", mfn, result);
    result = pte_write(machine, 0);
    check(result < 0, "writing to frame %lx gave %ld", mfn, result);
    result = pte_write(machine | MMU_MACHPHYS_UPDATE, 5);
    check(result < 0, "naming frame %lx gave %ld", mfn, result);
    result = HYPERCALL(update_descriptor, machine, machine >> 32, 0, 0);
    check(result < 0, "a descriptor in frame %lx gave %ld", mfn, result);
    result = HYPERCALL(set_gdt, &frame, 8);
    check(result < 0, "a GDT in frame %lx gave %ld", mfn, result);

    struct xen_memory_reservation request = {.nr_extents = 1, .domid = DOMID_SELF};
    set_xen_guest_handle(request.extent_start, &frame);
    result = HYPERCALL(memory_op, XENMEM_decrease_reservation, &request);
    check(result == 0, "giving up frame %lx gave %ld", mfn, result);
    struct xen_memory_exchange exchange = {.in = request, .out = request};
    result = HYPERCALL(memory_op, XENMEM_exchange, &exchange);
    check(result < 0, "exchanging frame %lx gave %ld", mfn, result);
    /* As a table of the next level down. */
    uint64_t *root = base_table();
    result = pte_write(machine_of(&root[1]), MFN_PTE(mfn, PTE_P));
    check(result < 0, "frame %lx as a directory gave %ld", mfn, result);
}

void test(void)
{
    unsigned long highest = HYPERCALL(memory_op, XENMEM_maximum_ram_page, NULL);

    if (highest >= sizeof(ours))
        highest = sizeof(ours) - 1;
    for (unsigned long pfn = 0; pfn < start->nr_pages; pfn++)
        ours[p2m[pfn]] = 1;
    ours[start->shared_info / PAGE_SIZE] = 1;
    for (unsigned long mfn = 0x100; mfn <= highest; mfn += highest / 64)
        if (!ours[mfn])
            attack(mfn);
    static const unsigned long beyond[] = {0xfee00, 0xfec00, 0xfffff, 0x100000, 0xffffffff};
    for (unsigned i = 0; i < sizeof(beyond) / sizeof(beyond[0]); i++)
        attack(beyond[i]);
    check(tried > 20, "only %u frames to try", tried);
}
