/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables linked at a level that is not theirs, and data pages linked as tables while they are
 * writable.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    uint64_t *l2 = page_alloc(), *l1 = page_alloc();
    char *data = page_alloc();

    make_readonly(l1);
    make_readonly(l2);
    expect(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(l1), 0), 0);
    expect(mmuext(MMUEXT_PIN_L2_TABLE, mfn_of(l2), 0), 0);
    uint64_t before = base_table()[1];
    uint64_t slot3 = machine_of(&base_table()[1]), slot2 = machine_of(&l2[0]);

    expect(pte_write(slot3, MFN_PTE(mfn_of(l1), PTE_P)), -EINVAL); /* level 1 where 2 belongs */
    expect(pte_write(slot3, MFN_PTE(mfn_of(base_table()), PTE_P)), -EINVAL);
    expect(pte_write(slot3, MFN_PTE(mfn_of(data), PTE_P)), -EINVAL);
    expect(pte_write(slot2, MFN_PTE(mfn_of(base_table()), PTE_P)), -EINVAL);
    expect(pte_write(slot2, (base_table()[3] & PTE_FRAME) | PTE_P | PTE_W), -EINVAL);
    expect(pte_write(slot2, MFN_PTE(mfn_of(data), PTE_P)), -EINVAL);
    check(base_table()[1] == before && l2[0] == 0, "a refused link was made: %llx, %llx",
          base_table()[1], l2[0]);
    expect(pte_write(slot2, MFN_PTE(mfn_of(l1), PTE_P)), 0);
}
