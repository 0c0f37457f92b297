/* SPDX-License-Identifier: GPL-2.0-only */
/* Vector 16: an unmasked x87 division by zero is reported at the next waiting instruction. */
#include "tests/guest/kit/kit.h"

CODE(divide,
     "fninit\nmovl $0x37b, -4(%esp)\nfldcw -4(%esp)\nfld1\nfldz\nfdivrp\n" AT(divide) "fwait\nud2");

void test(void)
{
    expect(HYPERCALL(fpu_taskswitch, 0), 0);
    expect_in_ring1(TRAP_CASE(divide, 16, 0));
    asm volatile("fnclex");
    expect_in_ring3(TRAP_CASE(divide, 16, 0));
    asm volatile("fninit");
}
