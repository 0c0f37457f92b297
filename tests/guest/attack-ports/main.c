// SPDX-License-Identifier: GPL-2.0-only
/*
 * Port I/O: ring 3 has none without IOPL; ring 1 of an ordinary domain has none at all; Domain 0's
 * kernel has the harmless ones once it has asked for I/O privilege 1, but never the ports that
 * would reprogram the interrupt controllers.
 */
#include "tests/guest/kit/kit.h"

CODE(in_3f8, "mov $0x3f8, %edx\n" AT(in_3f8) "inb %dx, %al\nud2");
CODE(out_80, "mov $0x80, %edx\n" AT(out_80) "outb %al, %dx\nud2");
CODE(out_imm, AT(out_imm) "outb %al, $0x80\nud2");
CODE(string_in, "mov $0x80, %edx\n" AT(string_in) "insb\nud2");
CODE(clear_if, AT(clear_if) "cli\nud2");

void test(void)
{
    expect_in_ring3(TRAP_CASE(in_3f8, 13, 0));
    expect_in_ring3(TRAP_CASE(out_80, 13, 0));
    expect_in_ring3(TRAP_CASE(out_imm, 13, 0));
    expect_in_ring3(TRAP_CASE(string_in, 13, 0));
    expect_in_ring3(TRAP_CASE(clear_if, 13, 0));
    expect_in_ring1(TRAP_CASE(out_80, 13, 0)); /* virtual IOPL is 0 */

    struct physdev_set_iopl iopl = {.iopl = 4};
    expect(HYPERCALL(physdev_op, PHYSDEVOP_set_iopl, &iopl), -EINVAL);
    iopl.iopl = 1;
    expect(HYPERCALL(physdev_op, PHYSDEVOP_set_iopl, &iopl), 0);
    expect_in_ring3(TRAP_CASE(out_80, 13, 0));
    if (!privileged) {
        expect_in_ring1(TRAP_CASE(out_80, 13, 0));
        return;
    }
    check(trapped((void (*)(void *))out_80, NULL), "no trap");
    check(trap.vector == 6, "port 0x80 by Domain 0's kernel: vector %u", trap.vector);
    uint32_t flags;
    asm volatile("pushf\n\tpop %0" : "=r"(flags));
    check(!(flags & 0x3000), "the processor's own IOPL is raised: %x", flags);
}
