/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Software interrupts and rights: an entry of privilege 1 serves ring 1 and refuses ring 3; a
 * vector without entry, and int $0x82 from ring 3, are general protection faults with error code
 * vector * 8 + 2 (SDM 3A 6.13). (QEMU 7.2 pushes vector * 16 + 2 in long mode, and so Xen cannot
 * tell the vector there.)
 */
#include "tests/guest/kit/kit.h"

CODE(for_kernel, "int $0x81\n" AT(for_kernel) "ret");
CODE(not_for_all, AT(not_for_all) "int $0x81\nud2");
CODE(no_entry, AT(no_entry) "int $0x99\nud2");
CODE(hypercall_gate, AT(hypercall_gate) "int $0x82\nud2");
CODE(page_fault_gate, AT(page_fault_gate) "int $14\nud2");

void test(void)
{
    expect_in_ring1(TRAP_CASE(for_kernel, 0x81, 0));
    expect_in_ring3(TRAP_CASE(not_for_all, 13, 0x81 * 8 + 2));
    expect_in_both_rings(TRAP_CASE(no_entry, 13, 0x99 * 8 + 2));
    expect_in_ring3(TRAP_CASE(hypercall_gate, 13, 0x82 * 8 + 2));
    expect_in_ring3(TRAP_CASE(page_fault_gate, 13, 14 * 8 + 2));
}
