/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The processor's own iret from ring 1: to ring 0 it faults, IOPL and IF stay what they are, and
 * VM86 mode cannot be entered by it.
 */
#include "tests/guest/kit/kit.h"

CODE(to_ring0, "pushf\npush $0xe008\npush $0\n" AT(to_ring0) "iret\nud2");
CODE(to_ring0_flat, "pushf\npush $0xe018\npush $0\n" AT(to_ring0_flat) "iret\nud2");
CODE(pop_flags, "push $0x3002\npopf\npushf\npop %eax\nint $0x80\n" AT(pop_flags) "ud2");

static void expect_flags(const char *what)
{
    check(trap.vector == 0x80, "%s: vector %u", what, trap.vector);
    check(!(trap.eax & 0x3000) && (trap.eax & 0x200), "%s: eflags became %x", what, trap.eax);
}

void test(void)
{
    check(trapped((void (*)(void *))to_ring0, NULL), "no trap");
    check(trap.vector == 13 && trap.error == 0xe008, "vector %u error %x", trap.vector, trap.error);
    check(trapped((void (*)(void *))to_ring0_flat, NULL), "no trap");
    check(trap.vector == 13 && trap.error == 0xe018, "vector %u error %x", trap.vector, trap.error);

    check(trapped((void (*)(void *))pop_flags, NULL), "no trap");
    expect_flags("popf in ring 1");
    struct user_state state = user_state();
    user_run(pop_flags, pop_flags_end, &state);
    expect_flags("popf in ring 3");
    state.eflags = 0x3202;
    user_run(pop_flags + 6, pop_flags_end, &state);
    expect_flags("iret to ring 3 with IOPL 3");
    state.eflags = 0x2;
    user_run(pop_flags + 6, pop_flags_end, &state);
    expect_flags("iret to ring 3 with IF clear");
}
