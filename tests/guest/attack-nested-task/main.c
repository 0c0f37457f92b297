/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The nested-task flag: with it an iret asks for a task switch to whatever the current task state
 * names. The kernel gets a fault, hypercalls and traps made with the flag set work, and the flag
 * does not come back by itself.
 */
#include "tests/guest/kit/kit.h"

CODE(nested, "pushf\npush %cs\nmov %esp, %eax\npush $0\npushf\norl $0x4000, (%esp)\npopf\n" AT(
                 nested) "iret\nud2");
CODE(nested_call, "pushf\norl $0x4000, (%esp)\npopf\nint $0x80\n" AT(nested_call) "ud2");

static void call_with_flag(void *result)
{
    long size;

    asm volatile("pushf\n\torl $0x4000, (%%esp)\n\tpopf\n\tint $0x82\n\t"
                 "pushf\n\tandl $~0x4000, (%%esp)\n\tpopf"
                 : "=a"(size)
                 : "0"(__HYPERVISOR_xen_version), "b"(XENVER_pagesize), "c"(0)
                 : "memory", "cc");
    *(long *)result = size;
}

void test(void)
{
    for (unsigned ring = 1; ring <= 3; ring += 2) {
        struct user_state state = user_state();

        if (ring == 1)
            check(trapped((void (*)(void *))nested, NULL), "no trap in ring 1");
        else
            user_run(nested, nested_end, &state);
        check(trap.vector == 10 || trap.vector == 13, "ring %u: vector %u error %x", ring,
              trap.vector, trap.error);
        expect(trap.eip, ring == 1 ? (uint32_t)nested_at : USER_BASE + (nested_at - nested));
    }
    long result = 0;
    check(!trapped(call_with_flag, &result), "a hypercall with the flag: vector %u", trap.vector);
    expect(result, 4096);
    uint32_t flags;
    asm volatile("pushf\n\tpop %0" : "=r"(flags));
    check(!(flags & 0x4000), "the flag is set: %x", flags);

    struct user_state state = user_state();
    user_run(nested_call, nested_call_end, &state);
    expect(trap.vector, 0x80);
    check(trap.eflags & 0x4000, "the frame's eflags are %x", trap.eflags);
}
