/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults inside fault handlers: ring 3 faults, its handler in ring 1 faults, and that one's again,
 * ten deep; each frame stays as it was and the way back works.
 */
#include "tests/guest/kit/kit.h"

#define DEPTH 10

CODE(user, "xor %ecx, %ecx\nmov $77, %eax\nxor %edx, %edx\ndiv %ecx\nint $0x80\n" AT(user) "ud2");

static unsigned depth, deepest;
static uint32_t eips[DEPTH + 1];

static void divide(void)
{
    uint32_t quotient = 7, remainder = 0;

    asm volatile("div %2" : "+a"(quotient), "+d"(remainder) : "r"(0) : "cc");
}

static bool on_divide(struct trap_frame *frame)
{
    uint32_t eip = frame->eip, cs = frame->cs;

    depth++;
    deepest = depth > deepest ? depth : deepest;
    eips[depth] = eip;
    if (depth < DEPTH)
        divide();
    expect(frame->eip, eip);
    expect(frame->cs, cs);
    expect(eips[depth], eip);
    frame->eip += 2; /* over the instruction: div of a register */
    depth--;
    return true;
}

void test(void)
{
    trap_hooks[0] = on_divide;
    struct user_state state = user_state();
    user_run(user, user_end, &state);
    expect(trap.vector, 0x80);
    expect(trap.eax, 77);
    expect(deepest, DEPTH);
    expect(depth, 0);
}
