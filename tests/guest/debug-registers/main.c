/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * set_debugreg and get_debugreg: values come back, a breakpoint on data and one on code stop both
 * rings with vector 1 and the number in DR6, and the moves to and from debug registers from ring 1
 * do the same as the calls.
 */
#include "tests/guest/kit/kit.h"

CODE(write, "movl $1, 0x402010\n" AT(write) "nop\nud2");
CODE(execute, "nop\n" AT(execute) "nop\nud2");

void test(void)
{
    expect(user_map(2, USER_ENTRY(page_alloc())), 0);
    for (unsigned i = 0; i < 4; i++)
        expect(HYPERCALL(set_debugreg, i, 0x400000 + i * 16), 0);
    for (unsigned i = 0; i < 4; i++)
        expect(HYPERCALL(get_debugreg, i), 0x400000 + i * 16);

    expect(HYPERCALL(set_debugreg, 1, 0x402010), 0);
    expect(HYPERCALL(set_debugreg, 6, 0), 0);
    expect(HYPERCALL(set_debugreg, 7, 0x00d00008), 0); /* G1: four bytes written */
    expect_in_ring1(TRAP_CASE(write, 1, 0));
    check((HYPERCALL(get_debugreg, 6) & 0xf) == 2, "dr6 is %lx", HYPERCALL(get_debugreg, 6));
    expect(HYPERCALL(set_debugreg, 6, 0), 0);
    expect_in_ring3(TRAP_CASE(write, 1, 0));
    check((HYPERCALL(get_debugreg, 6) & 0xf) == 2, "dr6 is %lx", HYPERCALL(get_debugreg, 6));

    expect(HYPERCALL(set_debugreg, 7, 0), 0);
    expect(HYPERCALL(set_debugreg, 2, USER_BASE + 1), 0);
    expect(HYPERCALL(set_debugreg, 6, 0), 0);
    expect(HYPERCALL(set_debugreg, 7, 0x20), 0); /* G2: execution */
    expect_in_ring3(TRAP_CASE(execute, 1, 0));
    check((HYPERCALL(get_debugreg, 6) & 0xf) == 4, "dr6 is %lx", HYPERCALL(get_debugreg, 6));
    expect(HYPERCALL(set_debugreg, 7, 0), 0);

    uint32_t value;
    asm volatile("mov %%dr1, %0" : "=r"(value));
    expect(value, 0x402010);
    asm volatile("mov %0, %%dr3" : : "r"(0x12345678));
    expect(HYPERCALL(get_debugreg, 3), 0x12345678);
}
