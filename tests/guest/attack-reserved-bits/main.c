/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bits that a table entry may not have: physical address bits beyond the processor's, PSE at level
 * 2, and at level 3 the bits that PAE reserves. What the hypervisor lets pass must not fault when
 * used.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    volatile uint32_t *page = page_alloc();
    uint64_t good = MFN_PTE(mfn_of((void *)page), PTE_P | PTE_W | PTE_A | PTE_D);
    uint64_t *l2 = page_alloc(), *l1 = page_alloc();

    *page = 0x5a5a;
    make_readonly(l1);
    make_readonly(l2);
    expect(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(l1), 0), 0);
    expect(mmuext(MMUEXT_PIN_L2_TABLE, mfn_of(l2), 0), 0);

    for (unsigned bit = 46; bit < 52; bit++)
        check_equal("a level-1 entry with an address bit beyond all memory",
                    map((void *)page, good | 1ULL << bit), -EPERM);
    for (unsigned bit = 52; bit < 59; bit++) {
        long result = map((void *)page, good | 1ULL << bit);

        check(result == 0 || result == -EINVAL, "bit %u gave %ld", bit, result);
        expect(*page, 0x5a5a);
        expect(map((void *)page, good), 0);
    }
    uint64_t slot = machine_of(&l2[0]);
    check_equal("a 2 MB entry",
                pte_write(slot, MFN_PTE(mfn_of(l1) & ~511UL, PTE_P | PTE_W | PTE_PSE)), -EINVAL);
    check_equal("PSE on a table", pte_write(slot, MFN_PTE(mfn_of(l1), PTE_P | PTE_PSE)), -EINVAL);
    check(l2[0] == 0, "the refused entry is %llx", l2[0]);
    uint64_t top = machine_of(&base_table()[1]);
    for (unsigned bit = 7; bit < 9; bit++)
        check_equal("a reserved bit at level 3",
                    pte_write(top, MFN_PTE(mfn_of(l2), PTE_P | 1ULL << bit)), -EINVAL);
    /* Writable, user, accessed and dirty mean something in four-level tables only: no harm done. */
    for (unsigned bit = 1; bit < 7; bit += bit == 2 ? 3 : 1) {
        check_equal("a bit of four-level tables at level 3",
                    pte_write(top, MFN_PTE(mfn_of(l2), PTE_P | 1ULL << bit)), 0);
        expect(mmuext(MMUEXT_NEW_BASEPTR, mfn_of(base_table()), 0), 0);
        expect(pte_write(top, 0), 0);
    }
    check_equal("a frame beyond all memory at level 3", pte_write(top, 0x800000000000ULL | PTE_P),
                -EINVAL);
    check(base_table()[1] == 0, "the refused entry is %llx", base_table()[1]);
    expect(*page, 0x5a5a);
}
