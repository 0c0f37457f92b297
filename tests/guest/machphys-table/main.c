/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine-to-phys table at 0xF5800000: the inverse of mfn_list, readable by ring 1, writable
 * by nobody but the hypervisor, and MMU_MACHPHYS_UPDATE as the way to change the entry of a frame
 * of one's own.
 */
#include "tests/guest/kit/kit.h"

static void write_table(void *entry)
{
    *(volatile unsigned long *)entry = 0;
}

/* The frames that hold the table may be mapped, by the privileged domain, read-only. */
static void try_frames(void)
{
    xen_pfn_t first[1] = {0};
    struct xen_machphys_mfn_list list = {.max_extents = 1};
    unsigned long *at = page_unmapped();

    set_xen_guest_handle(list.extent_start, first);
    expect(HYPERCALL(memory_op, XENMEM_machphys_mfn_list, &list), 0);
    expect(list.nr_extents, 1);
    if (!privileged) {
        expect(child_map(at, DOMID_XEN, first[0], PTE_P | PTE_A), -EPERM);
        return;
    }
    expect(child_map(at, DOMID_XEN, first[0], PTE_P | PTE_W | PTE_A), -EBUSY);
    if (expect(child_map(at, DOMID_XEN, first[0], PTE_P | PTE_A), 0))
        check(memcmp(at, machine_to_phys_mapping, PAGE_SIZE) == 0, "it is not the table's frame");
    struct mmu_update update = {(uint64_t)first[0] << 12, 0};
    expect(HYPERCALL(mmu_update, &update, 1, NULL, DOMID_SELF | (DOMID_XEN + 1) << 16), -ESRCH);
    expect(map(at, 0), 0);
}

void test(void)
{
    try_frames();
    unsigned wrong = 0;
    for (unsigned long pfn = 0; pfn < start->nr_pages; pfn++)
        wrong += machine_to_phys_mapping[p2m[pfn]] != pfn;
    check(wrong == 0, "%u of %lu entries are not the inverse of mfn_list", wrong, start->nr_pages);

    void *page = page_alloc();
    unsigned long *entry = &machine_to_phys_mapping[mfn_of(page)];
    check(trapped(write_table, entry), "the table is writable");
    check(trap.vector == 14 || trap.vector == 13, "a write gave vector %u", trap.vector);
    expect(*entry, pfn_of(page));

    uint64_t machine = machine_of(page);
    expect(pte_write(machine | MMU_MACHPHYS_UPDATE, 0x1234), 0);
    expect(*entry, 0x1234);
    expect(pte_write(machine | MMU_MACHPHYS_UPDATE, pfn_of(page)), 0);
    expect(*entry, pfn_of(page));

    /* The hypervisor's own frame, and one beyond all memory, are not ours to change. */
    expect(pte_write(0xFFFFFFFF000ULL | MMU_MACHPHYS_UPDATE, 1), -EINVAL);
}
