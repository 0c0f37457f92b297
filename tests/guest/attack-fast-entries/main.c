/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sysenter and syscall, which nobody has set up: a fault for the kernel from either ring, never a
 * way into ring 0.
 */
#include "tests/guest/kit/kit.h"

CODE(sysenter, AT(sysenter) "sysenter\nud2");
CODE(syscall, AT(syscall) ".byte 0x0f, 0x05\nud2");
CODE(sysexit, "xor %ecx, %ecx\nxor %edx, %edx\n" AT(sysexit) "sysexit\nud2");

static void expect_fault(const char *what, const char *from, const char *to)
{
    struct user_state state = user_state();

    user_run(from, to, &state);
    check(trap.vector == 13 || trap.vector == 6, "%s in ring 3: vector %u", what, trap.vector);
    check((trap_ring & 3) == 1, "%s: handled in ring %u", what, trap_ring & 3);
    check((trap.cs & 3) == 3, "%s: cs %x", what, trap.cs);
    expect(HYPERCALL(xen_version, XENVER_pagesize, NULL), 4096);
}

void test(void)
{
    expect_fault("sysenter", sysenter, sysenter_end);
    expect_fault("syscall", syscall, syscall_end);
    expect_fault("sysexit", sysexit, sysexit_end);
    check(trapped((void (*)(void *))sysexit, NULL), "sysexit in ring 1");
    check(trap.vector == 13 || trap.vector == 6, "sysexit in ring 1: vector %u", trap.vector);
}
