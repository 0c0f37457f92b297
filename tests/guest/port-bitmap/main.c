/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PHYSDEVOP_set_iobitmap: ports whose bit is clear in the kernel's own bitmap can be used by both
 * rings whatever IOPL says, all others as IOPL says. The bitmap is read when a port is used; an
 * access needs the bits of all its bytes.
 */
#include "tests/guest/kit/kit.h"

#define PORTS 65536

static uint8_t *bitmap; /* for the first 0x200 ports */

CODE(allowed, "movw $0xd0, %dx\noutb %al, %dx\n" AT(allowed) "ud2");
CODE(refused, "movw $0xd0, %dx\n" AT(refused) "outb %al, %dx\nud2");
CODE(two_ports, "movw $0xd0, %dx\n" AT(two_ports) "outw %ax, %dx\nud2");
CODE(beyond, "movw $0x200, %dx\n" AT(beyond) "outb %al, %dx\nud2");
CODE(disabled, AT(disabled) "cli\nud2");

static long set(const void *at, uint32_t ports)
{
    struct physdev_set_iobitmap op = {.nr_ports = ports};

    op.bitmap.p = (uint8_t *)at;
    return HYPERCALL(physdev_op, PHYSDEVOP_set_iobitmap, &op);
}

void test(void)
{
    bitmap = page_alloc();
    memset(bitmap, 0xff, PAGE_SIZE);
    expect(set(bitmap, PORTS + 1), -EINVAL);
    expect(HYPERCALL(physdev_op, PHYSDEVOP_set_iobitmap, 0xFC000000), -EFAULT);
    expect(set(bitmap, 0x200), 0);
    expect_in_both_rings(TRAP_CASE(refused, 13, 0));
    bitmap[0xd0 / 8] &= (uint8_t) ~(1 << 0xd0 % 8);
    expect_in_both_rings(TRAP_CASE(allowed, 6, 0));
    expect_in_both_rings(TRAP_CASE(two_ports, 13, 0));
    expect_in_both_rings(TRAP_CASE(disabled, 13, 0)); /* IOPL's alone */
    memset(bitmap, 0, PAGE_SIZE);
    expect_in_both_rings(TRAP_CASE(beyond, 13, 0));
    expect(set(NULL, 0x200), 0);
    expect_in_both_rings(TRAP_CASE(refused, 13, 0));
    expect(set(bitmap, 0), 0);
    expect_in_both_rings(TRAP_CASE(refused, 13, 0));
}
