/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A trap from ring 3 whose frame cannot be written to the kernel's stack ends the domain, and only
 * that.
 */
#include "tests/guest/kit/kit.h"

CODE(call, "ud2\n" AT(call) "ud2");

static void run(void *state)
{
    user_run(call, call_end, state);
}

void test(void)
{
    struct user_state state = user_state();

    expect(HYPERCALL(stack_switch, FLAT_RING1_SS, 0x20000000), 0);
    must_die("a trap with the kernel's stack at an unmapped address", run, &state);
}
