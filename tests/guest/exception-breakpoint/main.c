/* SPDX-License-Identifier: GPL-2.0-only */
/* Vector 3, by int3 and by int $3: a trap, EIP is after the instruction. */
#include "tests/guest/kit/kit.h"

CODE(one_byte, "int3\n" AT(one_byte) "ret");
CODE(two_bytes, ".byte 0xcd, 3\n" AT(two_bytes) "ret");

void test(void)
{
    expect_in_both_rings(TRAP_CASE(one_byte, 3, 0));
    expect_in_both_rings(TRAP_CASE(two_bytes, 3, 0));
}
