/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Vector 0: division by zero, and a quotient that does not fit. A fault: EIP is the instruction's
 * own.
 */
#include "tests/guest/kit/kit.h"

CODE(by_zero, "xor %ecx, %ecx\n" AT(by_zero) "div %ecx\nret");
CODE(too_large, "mov $1, %edx\nxor %eax, %eax\nmov $1, %ecx\n" AT(too_large) "div %ecx\nret");

void test(void)
{
    expect_in_both_rings(TRAP_CASE(by_zero, 0, 0));
    expect_in_both_rings(TRAP_CASE(too_large, 0, 0));
}
