/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Switching address spaces: the new tables take effect at once, with their own private mapping;
 * the old base table stays pinned; what is in use cannot be made writable.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    uint64_t *space = address_space_build(), *l2 = page_alloc(), *l1 = page_alloc();
    volatile uint32_t *page = page_alloc();

    *page = 0xcafe;
    l1[3] = MFN_PTE(mfn_of((void *)page), PTE_P | PTE_A);
    l2[2] = MFN_PTE(mfn_of(l1), PTE_P);
    make_readonly(l1);
    make_readonly(l2);
    expect(pte_write(machine_of(&space[1]), MFN_PTE(mfn_of(l2), PTE_P)),
           0); /* plain write so far */
    volatile uint32_t *seen = (uint32_t *)(0x40000000 + 2 * 0x200000 + 3 * PAGE_SIZE);

    expect(mmuext(MMUEXT_PIN_L3_TABLE, mfn_of(space), 0), 0);
    expect(mmuext(MMUEXT_NEW_BASEPTR, mfn_of(space), 0), 0);
    expect(*seen, 0xcafe);
    uint32_t cr3;
    asm volatile("mov %%cr3, %0" : "=r"(cr3));
    expect(xen_cr3_to_pfn(cr3), mfn_of(space));
    expect(machine_to_phys_mapping[mfn_of(space)], pfn_of(space));
    expect(mmuext(MMUEXT_UNPIN_TABLE, mfn_of(space), 0), 0);
    expect(map(space, MFN_PTE(mfn_of(space), PTE_P | PTE_W)), -EBUSY); /* still the base */

    expect(mmuext(MMUEXT_NEW_BASEPTR, mfn_of(base_table()), 0), 0);
    make_writable(space);
    check(space[3] != 0, "the table lost its contents");
}
