/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A handler of general protection faults that cannot be entered: its segment is none, so entering
 * it is another such fault, with another frame on the stack. The stack ends some time, and then the
 * domain and nobody else.
 */
#include "tests/guest/kit/kit.h"

static void fault(void *stack)
{
    asm volatile("mov %0, %%esp\n\tint $0x99" : : "r"(stack));
}

void test(void)
{
    struct trap_info traps[] = {
        {.vector = 13, .cs = 0x0fc1, .address = (unsigned long)fault},
        {0},
    };

    expect(user_map(3, USER_ENTRY(page_alloc())), 0);
    expect(HYPERCALL(set_trap_table, traps), 0);
    must_die("a fault whose handler cannot be entered", fault, (void *)(USER_BASE + 4 * PAGE_SIZE));
}
