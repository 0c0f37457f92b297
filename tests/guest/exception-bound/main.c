/* SPDX-License-Identifier: GPL-2.0-only */
/* Vector 5: an index outside its bounds. The bounds, -1 to 1, lie on the stack. */
#include "tests/guest/kit/kit.h"

CODE(outside, "mov $1, %edx\nmov %edx, -4(%esp)\nneg %edx\nmov %edx, -8(%esp)\n"
              "mov $2, %eax\n" AT(outside) "bound %eax, -8(%esp)\nret");

void test(void)
{
    expect_in_both_rings(TRAP_CASE(outside, 5, 0));
}
