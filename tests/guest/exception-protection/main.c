/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Vector 13. Error code 0 for a privileged instruction, the selector for a bad segment load (the
 * RPL bits are not part of it; SDM 3A 6.13).
 */
#include "tests/guest/kit/kit.h"

CODE(halt, AT(halt) "hlt\nud2");
CODE(load_gdt, AT(load_gdt) "lgdt (%esp)\nud2");
CODE(load_task, "mov $0xe019, %eax\n" AT(load_task) "ltr %ax\nud2");
CODE(ring0_segment, "mov $0xe008, %eax\n" AT(ring0_segment) "mov %eax, %ds\nud2");
CODE(beyond_limit, "mov $0xfff3, %eax\n" AT(beyond_limit) "mov %eax, %es\nud2");
CODE(null_stack, "xor %eax, %eax\n" AT(null_stack) "mov %eax, %ss\nud2");

void test(void)
{
    expect_in_ring3(TRAP_CASE(halt, 13, 0)); /* in ring 1 it would block */
    expect_in_both_rings(TRAP_CASE(load_gdt, 13, 0));
    expect_in_both_rings(TRAP_CASE(load_task, 13, 0));
    expect_in_both_rings(TRAP_CASE(ring0_segment, 13, 0xe008));
    expect_in_both_rings(TRAP_CASE(beyond_limit, 13, 0xfff0));
    expect_in_both_rings(TRAP_CASE(null_stack, 13, 0));
}
