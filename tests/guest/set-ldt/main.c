/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * MMUEXT_SET_LDT: selectors with the table bit work after it, from both rings, over more than one
 * page, and not after the table is taken away. While it is in use its pages cannot be mapped
 * writable.
 */
#include "tests/guest/kit/kit.h"

CODE(load_low, "mov $0x0f, %eax\nmov %eax, %fs\nint $0x80\n" AT(load_low) "ud2");
CODE(load_high, "mov $0x1007, %eax\nmov %eax, %fs\nint $0x80\n" AT(load_high) "ud2");

void test(void)
{
    uint64_t *ldt = page_alloc(), *more = page_alloc();

    check((char *)more == (char *)ldt + PAGE_SIZE, "the pages are not in a row");
    ldt[1] = flat(DESC_DATA(3));
    more[0] = flat(DESC_DATA(3));
    make_readonly(ldt);
    make_readonly(more);
    expect(mmuext(MMUEXT_SET_LDT, (unsigned long)ldt, 1024), 0);
    expect_in_both_rings(TRAP_CASE(load_low, 0x80, 0));
    expect_in_both_rings(TRAP_CASE(load_high, 0x80, 0));
    expect(map(ldt, MFN_PTE(mfn_of(ldt), PTE_P | PTE_W)), -EBUSY);
    expect(map(more, MFN_PTE(mfn_of(more), PTE_P | PTE_W)), -EBUSY);

    /* One page only: the selector is beyond the limit. */
    expect(mmuext(MMUEXT_SET_LDT, (unsigned long)ldt, 512), 0);
    expect_in_both_rings(TRAP_CASE(load_low, 0x80, 0));
    struct trap_case gone = {"beyond", load_high, load_high_end, load_high + 5, 13, 0x1004};
    expect_in_both_rings(&gone);
    make_writable(more);

    expect(mmuext(MMUEXT_SET_LDT, 0, 0), 0);
    gone = (struct trap_case){"no table", load_low, load_low_end, load_low + 5, 13, 0x0c};
    expect_in_both_rings(&gone);
    make_writable(ldt);
}
