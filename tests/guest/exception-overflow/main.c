/* SPDX-License-Identifier: GPL-2.0-only */
/* Vector 4 by into with OF set: a trap. With OF clear nothing happens. */
#include "tests/guest/kit/kit.h"

CODE(overflow, "mov $0x7fffffff, %eax\nadd $1, %eax\ninto\n" AT(overflow) "ret");
CODE(none, "xor %eax, %eax\ninto\nud2\n.global none_at\nnone_at = . - 2\nret");

void test(void)
{
    expect_in_both_rings(TRAP_CASE(overflow, 4, 0));
    expect_in_both_rings(TRAP_CASE(none, 6, 0));
}
