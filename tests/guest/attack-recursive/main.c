/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Self maps. A level-2 entry that names its own table gives a linear view of the tables and is
 * allowed read-only, at that level only; writable it is refused, and so is a level-3 entry that
 * names level 3.
 */
#include "tests/guest/kit/kit.h"

#define HERE 0x40000000UL

void test(void)
{
    uint64_t *l2 = page_alloc(), *l1 = page_alloc();

    make_readonly(l1);
    make_readonly(l2);
    expect(pte_write(machine_of(&base_table()[HERE >> 30]), MFN_PTE(mfn_of(l2), PTE_P)), 0);
    expect(pte_write(machine_of(&l2[1]), MFN_PTE(mfn_of(l2), PTE_P | PTE_W)), -EINVAL);
    check(l2[1] == 0, "the refused entry is %llx", l2[1]);
    expect(pte_write(machine_of(&base_table()[0]), MFN_PTE(mfn_of(base_table()), PTE_P)), -EINVAL);

    expect(pte_write(machine_of(&l2[0]), MFN_PTE(mfn_of(l1), PTE_P)), 0);
    expect(pte_write(machine_of(&l2[1]), MFN_PTE(mfn_of(l2), PTE_P)), 0);
    /* Page i of the second 2 MB now is the table that entry i names. */
    volatile uint64_t *first = (uint64_t *)(HERE + 0x200000);
    volatile uint64_t *second = (uint64_t *)(HERE + 0x200000 + PAGE_SIZE);
    check(first[0] == 0 && first[511] == 0, "the level-1 table shows %llx", first[0]);
    check((second[1] & ~PTE_A) == (l2[1] & ~PTE_A), "the table itself shows %llx", second[1]);
    expect(map((void *)(HERE + 5 * PAGE_SIZE), MFN_PTE(mfn_of(l1), PTE_P)), 0);
    check(first[5] == l1[5] && l1[5], "the new entry shows as %llx", first[5]);
    expect(pte_write(machine_of(&l2[1]), 0), 0);
}
