/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Vectors 11 and 12: segments that are not present, loaded into a data register (#NP) and into SS
 * (#SS), from a local descriptor table. The error code is the selector with bit 2 (table) and
 * without RPL.
 */
#include "tests/guest/kit/kit.h"

#define ABSENT(dpl) (DESC_DATA(dpl) & ~DESC_PRESENT)

CODE(data1, "mov $0x0d, %eax\n" AT(data1) "mov %eax, %es\nud2"); /* entry 1, RPL 1 */
CODE(stack1, "mov $0x0d, %eax\n" AT(stack1) "mov %eax, %ss\nud2");
CODE(data3, "mov $0x17, %eax\n" AT(data3) "mov %eax, %es\nud2"); /* entry 2, RPL 3 */
CODE(stack3, "mov $0x17, %eax\n" AT(stack3) "mov %eax, %ss\nud2");

void test(void)
{
    uint64_t *ldt = page_alloc();

    ldt[1] = flat(ABSENT(1));
    ldt[2] = flat(ABSENT(3));
    make_readonly(ldt);
    expect(mmuext(MMUEXT_SET_LDT, (unsigned long)ldt, 3), 0);

    expect_in_ring1(TRAP_CASE(data1, 11, 0x0c));
    expect_in_ring1(TRAP_CASE(stack1, 12, 0x0c));
    expect_in_ring3(TRAP_CASE(data3, 11, 0x14));
    expect_in_ring3(TRAP_CASE(stack3, 12, 0x14));
    expect(mmuext(MMUEXT_SET_LDT, 0, 0), 0);
    expect_in_ring3(TRAP_CASE(data3, 13, 0x14));
}
