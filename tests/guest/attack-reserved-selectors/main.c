/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's own descriptors, from selector 0xe000 up: none that a guest can load has DPL 0,
 * none can be jumped to except the flat code segments of rings 1 and 3, and task states and gates
 * are out of reach from ring 3.
 */
#include "tests/guest/kit/kit.h"

CODE(jump, "mov %eax, -4(%esp)\nmovl $0, -8(%esp)\n" AT(jump) "ljmp *-8(%esp)\nud2");
CODE(load, "mov %eax, %es\nint $0x80\n" AT(load) "ud2");

static void load_es(void *selector)
{
    asm volatile("mov %0, %%es" : : "r"(selector));
    asm volatile("mov %0, %%es" : : "r"(FLAT_RING1_DS));
}

void test(void)
{
    unsigned loadable = 0, loadable3 = 0;
    struct user_state state = user_state();

    for (uint32_t selector = 0xe000; selector < 0xe200; selector += 8) {
        if (!trapped(load_es, (void *)(selector | 1))) {
            loadable++;
            uint32_t rights = 0;
            asm("lar %1, %0" : "=r"(rights) : "r"(selector | 1) : "cc");
            check((rights >> 13 & 3) >= 1, "selector %x in ring 1: rights %x", selector, rights);
        } else
            check(trap.vector == 13 || trap.vector == 11, "selector %x: vector %u", selector,
                  trap.vector);
        state.eax = selector | 3;
        user_run(load, load_end, &state);
        if (trap.vector == 0x80)
            loadable3++;
        else
            check(trap.vector == 13 || trap.vector == 11, "selector %x: vector %u", selector,
                  trap.vector);
        user_run(jump, jump_end, &state);
        bool went = trap.vector == 14 && trap.eip == 0;
        check(went == (selector == (FLAT_RING3_CS & ~7)), "a jump to %x: vector %u at %x", selector,
              trap.vector, trap.eip);
        expect(trap.cs & 3, 3);
    }
    check(loadable >= 2, "ring 1 can load %u selectors", loadable);
    check(loadable3 >= 1, "ring 3 can load %u selectors", loadable3);
}
