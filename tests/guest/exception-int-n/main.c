/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Software interrupts: a trap-table entry for everyone (privilege 3) takes int $n from both rings;
 * EIP is after the instruction and there is no error code.
 */
#include "tests/guest/kit/kit.h"

CODE(for_all, "int $0x80\n" AT(for_all) "ret");
CODE(with_values,
     "mov $0x12345678, %eax\nmov $0x9abcdef0, %ebx\nint $0x80\n" AT(with_values) "ret");

void test(void)
{
    expect_in_both_rings(TRAP_CASE(for_all, 0x80, 0));
    expect_in_ring3(TRAP_CASE(with_values, 0x80, 0));
    expect(trap.eax, 0x12345678);
    expect(trap.ebx, 0x9abcdef0);
    expect(trap.ds & 0xffff, FLAT_RING3_DS);
}
