/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * update_va_mapping refused: no level-1 table at the address, the hypervisor's range, a frame that
 * cannot be had.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    void *page = page_alloc();
    uint64_t entry = MFN_PTE(mfn_of(page), PTE_P), before = *l1_entry((unsigned long)page);

    expect(HYPERCALL(update_va_mapping, 0x10000000, entry, 0, UVMF_INVLPG), -EINVAL);
    expect(HYPERCALL(update_va_mapping, 0x10000000, 0, 0, UVMF_INVLPG), -EINVAL);
    expect(HYPERCALL(update_va_mapping, 0xE0000000, entry, 0, UVMF_INVLPG), -EINVAL);
    expect(HYPERCALL(update_va_mapping, 0xF5800000, entry, 0, UVMF_INVLPG), -EINVAL);
    expect(HYPERCALL(update_va_mapping, 0xFC000000, entry, 0, UVMF_INVLPG), -EINVAL);
    expect(HYPERCALL(update_va_mapping, 0xFFFFF000, entry, 0, UVMF_INVLPG), -EINVAL);
    expect(map(page, MFN_PTE(0xFFFFFFFFULL, PTE_P)), -EPERM);
    expect(map(page, MFN_PTE(mfn_of(base_table()), PTE_P | PTE_W)), -EBUSY);
    /* A frame that is nobody's. */
    xen_pfn_t lost = mfn_of(page_unmapped());
    struct xen_memory_reservation out = {.nr_extents = 1, .domid = DOMID_SELF};
    set_xen_guest_handle(out.extent_start, &lost);
    expect(HYPERCALL(memory_op, XENMEM_decrease_reservation, &out), 1);
    expect(map(page, MFN_PTE(lost, PTE_P)), -EBUSY);
    expect(map(page, MFN_PTE(lost, PTE_P | PTE_W)), -EBUSY);
    check((*l1_entry((unsigned long)page) & ~(PTE_A | PTE_D)) == (before & ~(PTE_A | PTE_D)),
          "the entry changed to %llx", *l1_entry((unsigned long)page));
    expect_no_domain(HYPERCALL(update_va_mapping_otherdomain, page, entry, 0, UVMF_INVLPG, 0x7000));
    expect(HYPERCALL(update_va_mapping_otherdomain, page, entry, 0, UVMF_INVLPG, DOMID_SELF), 0);
}
