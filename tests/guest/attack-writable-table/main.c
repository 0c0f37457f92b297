/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A table that is in use, mapped writable: refused at every level, whether by a level-1 entry of
 * an existing table or by one inside a table that asks to become one; and a page that is mapped
 * writable does not become a table.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    char *page = page_alloc();
    uint64_t l1 = *l2_entry((unsigned long)page) & PTE_FRAME, l2 = base_table()[3] & PTE_FRAME;
    uint64_t l3 = (uint64_t)mfn_of(base_table()) << 12;

    expect(map(page, l1 | PTE_P | PTE_W), -EBUSY);
    expect(map(page, l2 | PTE_P | PTE_W), -EBUSY);
    expect(map(page, l3 | PTE_P | PTE_W), -EBUSY);
    expect(map(page, l3 | PTE_P | PTE_W | PTE_U), -EBUSY);
    expect(map(page, l3 | PTE_P), 0); /* to read is always allowed */
    expect(pte_write(machine_of(l1_entry((unsigned long)page)), l3 | PTE_P | PTE_W), -EBUSY);
    expect(map(page, MFN_PTE(mfn_of(page), PTE_P | PTE_W)), 0);

    /*
     * A level-1 table whose entry would make itself writable, and one that maps the base table so.
     */
    uint64_t *own = page_alloc();
    own[0] = MFN_PTE(mfn_of(own), PTE_P | PTE_W);
    make_readonly(own);
    expect(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(own), 0), -EBUSY);
    make_writable(own);
    own[0] = l3 | PTE_P | PTE_W;
    make_readonly(own);
    expect(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(own), 0), -EBUSY);
    make_writable(own);
    own[0] = 0;

    /* Mapped writable somewhere else counts. */
    char *alias = page_alloc();
    expect(map(alias, MFN_PTE(mfn_of(own), PTE_P | PTE_W)), 0);
    make_readonly(own);
    expect(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(own), 0), -EINVAL);
    expect(map(alias, 0), 0);
    expect(mmuext(MMUEXT_PIN_L1_TABLE, mfn_of(own), 0), 0);
}
