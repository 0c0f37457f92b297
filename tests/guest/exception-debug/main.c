/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Vector 1 by the trap flag: after one instruction, EIP at the next, TF in the saved flags, DR6.BS
 * set.
 */
#include "tests/guest/kit/kit.h"

CODE(step, "pushf\norl $0x100, (%esp)\npopf\nnop\n" AT(step) "nop\nret");

void test(void)
{
    for (int ring = 1; ring <= 3; ring += 2) {
        expect(HYPERCALL(set_debugreg, 6, 0), 0);
        if (ring == 1)
            expect_in_ring1(TRAP_CASE(step, 1, 0));
        else
            expect_in_ring3(TRAP_CASE(step, 1, 0));
        check(trap.eflags & 0x100, "ring %d: eflags %x lack TF", ring, trap.eflags);
        unsigned long dr6 = HYPERCALL(get_debugreg, 6);
        check(dr6 & 0x4000, "ring %d: dr6 %lx lacks BS", ring, dr6);
    }
}
