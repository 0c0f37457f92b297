/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Segments with a base, or expanding down, that reach the hypervisor's addresses by another way
 * than a flat one: each access there faults, from ring 1 and from ring 3.
 */
#include "tests/guest/kit/kit.h"

CODE(user_read,
     "mov %eax, %fs\nmov %ebx, %esi\nmov %fs:(%esi), %ecx\n" AT(user_read) "int $0x80\nud2");
CODE(user_write,
     "mov %eax, %fs\nmov %ebx, %esi\nmovb $0, %fs:(%esi)\n" AT(user_write) "int $0x80\nud2");

static uint32_t selector, offset;

static void read_through(void *unused)
{
    (void)unused;
    uint32_t value;
    asm volatile("push %%fs\n\tmov %1, %%fs\n\tmov %%fs:(%2), %0\n\tpop %%fs"
                 : "=&r"(value)
                 : "r"(selector), "r"(offset));
}

static void write_through(void *unused)
{
    (void)unused;
    asm volatile("push %%fs\n\tmov %0, %%fs\n\tmovl $0, %%fs:(%1)\n\tpop %%fs"
                 :
                 : "r"(selector), "r"(offset));
}

void test(void)
{
    uint64_t *ldt = page_alloc();
    static const struct {
        const char *what;
        uint32_t base, limit, access, offset;
    } cases[] = {
        {"a high base", 0xF0000000, 0xfffff, 0x93, 0x0c100000},
        {"a base inside", 0xFC000000, 0xfffff, 0x93, 0},
        {"a base that wraps around", 0x10000000, 0xfffff, 0x93, 0xec100000},
        {"one that expands down", 0, 0x0, 0x97, 0xfc100000},
        {"one that expands down from a base", 0xF0000000, 0x1, 0x97, 0x0c100000},
    };
    const unsigned count = sizeof(cases) / sizeof(cases[0]);

    for (unsigned i = 0; i < count; i++)
        ldt[i + 1] = descriptor(cases[i].base, cases[i].limit, cases[i].access | 3 << 5, 0xc);
    make_readonly(ldt);
    expect(mmuext(MMUEXT_SET_LDT, (unsigned long)ldt, count + 1), 0);
    for (unsigned i = 0; i < count; i++) {
        selector = (i + 1) << 3 | 7;
        offset = cases[i].offset;
        check(trapped(read_through, NULL), "ring 1 read through %s", cases[i].what);
        check(trap.vector == 13 || trap.vector == 14 || trap.vector == 11, "%s: vector %u",
              cases[i].what, trap.vector);
        check(trapped(write_through, NULL), "ring 1 wrote through %s", cases[i].what);
        struct user_state state = user_state();
        state.eax = selector;
        state.ebx = offset;
        user_run(user_read, user_read_end, &state);
        check(trap.vector != 0x80, "ring 3 read through %s", cases[i].what);
        user_run(user_write, user_write_end, &state);
        check(trap.vector != 0x80, "ring 3 wrote through %s", cases[i].what);
    }
}
