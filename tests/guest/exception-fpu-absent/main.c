/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Vector 7 after fpu_taskswitch(1). Before the handler runs the hypervisor has cleared the flag
 * itself, so that the handler may use the unit at once; fpu_taskswitch(0) clears it without a
 * trap.
 */
#include "tests/guest/kit/kit.h"

CODE(touch, AT(touch) "fninit\nud2");
CODE(touch_clear, "fninit\n" AT(touch_clear) "ud2");

void test(void)
{
    expect(HYPERCALL(fpu_taskswitch, 1), 0);
    expect_in_ring1(TRAP_CASE(touch, 7, 0));
    expect_in_ring1(TRAP_CASE(touch_clear, 6, 0));
    expect(HYPERCALL(fpu_taskswitch, 1), 0);
    expect_in_ring3(TRAP_CASE(touch, 7, 0));
    expect_in_ring3(TRAP_CASE(touch_clear, 6, 0));
    expect(HYPERCALL(fpu_taskswitch, 1), 0);
    expect(HYPERCALL(fpu_taskswitch, 0), 0);
    expect_in_both_rings(TRAP_CASE(touch_clear, 6, 0));
}
