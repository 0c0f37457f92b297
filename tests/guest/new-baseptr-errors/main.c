/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * NEW_BASEPTR refused, and the old tables stay: for a data page, a lower table, a frame that does
 * not exist.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    uint32_t before, after;

    asm volatile("mov %%cr3, %0" : "=r"(before));
    void *page = page_alloc();
    expect(mmuext(MMUEXT_NEW_BASEPTR, mfn_of(page), 0), -EINVAL); /* mapped writable */
    uint64_t l1 = *l2_entry((unsigned long)page), l2 = base_table()[3];
    expect(mmuext(MMUEXT_NEW_BASEPTR, (l1 & PTE_FRAME) >> 12, 0), -EINVAL);
    expect(mmuext(MMUEXT_NEW_BASEPTR, (l2 & PTE_FRAME) >> 12, 0), -EINVAL);
    expect(mmuext(MMUEXT_NEW_BASEPTR, 0xFFFFFFF, 0), -EINVAL);
    make_readonly(
        page); /* all zero: no kernel mapping would remain, and a level-3 table must have one */
    expect(mmuext(MMUEXT_NEW_BASEPTR, mfn_of(page), 0), -EINVAL);
    asm volatile("mov %%cr3, %0" : "=r"(after));
    expect(after, before);
    expect(mmuext(MMUEXT_NEW_BASEPTR, mfn_of(base_table()), 0), 0);
}
