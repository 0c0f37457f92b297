/* SPDX-License-Identifier: GPL-2.0-only */
/* Vector 6: what no processor executes, and what this mode does not have. */
#include "tests/guest/kit/kit.h"

CODE(ud2, AT(ud2) "ud2");
CODE(mov_cs, AT(mov_cs) ".byte 0x8e, 0xc8\nud2"); /* a load of CS */
CODE(lock_on_register, AT(lock_on_register) ".byte 0xf0\nnop\nud2");
CODE(lea_register, AT(lea_register) ".byte 0x8d, 0xc0\nud2");

void test(void)
{
    expect_in_both_rings(TRAP_CASE(ud2, 6, 0));
    expect_in_both_rings(TRAP_CASE(mov_cs, 6, 0));
    expect_in_both_rings(TRAP_CASE(lock_on_register, 6, 0));
    expect_in_both_rings(TRAP_CASE(lea_register, 6, 0));
}
