/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * stack_switch: the next trap from ring 3 arrives on the stack named, and each new one replaces
 * the last.
 */
#include "tests/guest/kit/kit.h"

CODE(call80, "int $0x80\n" AT(call80) "ud2");
CODE(bad, AT(bad) "ud2");

static void expect_on(const char *top)
{
    struct user_state state = user_state();

    user_run(call80, call80_end, &state);
    expect(trap.vector, 0x80);
    expect(trap_bottom, top - 20);
    user_run(bad, bad_end, &state);
    expect(trap.vector, 6);
    expect(trap_bottom, top - 20);
}

void test(void)
{
    char *a = page_alloc(), *b = page_alloc();

    expect_on(trap_stack_top);
    expect(HYPERCALL(stack_switch, FLAT_RING1_SS, a + PAGE_SIZE), 0);
    expect_on(a + PAGE_SIZE);
    expect(HYPERCALL(stack_switch, FLAT_RING1_SS, b + 3000), 0);
    expect_on(b + 3000);
    /* RPL 0 cannot be had: the selector is taken as ring 1's. */
    expect(HYPERCALL(stack_switch, FLAT_RING1_SS & ~3, a + 2000), 0);
    expect_on(a + 2000);
}
