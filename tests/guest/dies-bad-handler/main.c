// SPDX-License-Identifier: GPL-2.0-only
/*
 * A handler of general protection faults that cannot be entered: its segment is none, so entering it
 * is another such fault, with another frame on the stack. The stack is long: 2 MB of addresses of
 * one page. It ends some time, and then the domain and nobody else.
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
    void *page = page_alloc();
    for (unsigned i = 2; i < 512; i++)
        if (user_map(i, MFN_PTE(mfn_of(page), PTE_P | PTE_W | PTE_A | PTE_D)))
            give_up("page %u of the stack could not be mapped", i);
    expect(HYPERCALL(set_trap_table, traps), 0);
    must_die("a fault whose handler cannot be entered", fault,
             (void *)(USER_BASE + 512 * PAGE_SIZE));
}
