/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Limits of segments come before page tables: an access beyond the limit is #GP(0), through SS
 * #SS(0), where one within it is a page fault. Which segment it goes through is told by the prefix,
 * the base register, or the kind of instruction. Both addresses are mapped nowhere.
 */
#include "tests/guest/kit/kit.h"

#define LIMITED  0x4ffffU /* pages: up to 0x4fffffff */
#define BEYOND   "0x50000000"
#define WITHIN   "0x4ffff000"
#define SELECTOR 0x0f /* entry 1 of the LDT, RPL 3 */

/*
 * One instruction in ring 3 with every segment register but CS limited, and registers full of the
 * address.
 */
struct access {
    const char *what, *from, *to;
    unsigned vector;
};
#define ACCESS(name, text) CODE(name, text "\nud2")
#define CASE(name, vector)                                                                         \
    {                                                                                              \
#name, name, name##_end, vector                                                            \
    }

ACCESS(by_ds, "mov (%esi), %eax");
ACCESS(by_ds_indexed, "mov -0x10(%edi,%ecx,4), %eax");
ACCESS(by_ds_absolute, "mov " BEYOND ", %eax");
ACCESS(by_ss_base, "mov (%ebp), %eax");
ACCESS(by_ss_prefix, "movl $1, %ss:(%esi)");
ACCESS(by_ss_push, "push %eax");
ACCESS(by_ss_call, "call *%eax");
ACCESS(by_es_prefix, "addl $1, %es:(%ebp)");
ACCESS(by_es_string, "stosb");
ACCESS(by_fs, "movb %fs:(%ebx), %al");
ACCESS(by_gs, "movw %ax, %gs:(%edi)");
ACCESS(stays_ds, "movl " WITHIN ", %eax");
ACCESS(stays_ss, "movl %ss:" WITHIN ", %eax");

static const struct access accesses[] = {
    CASE(by_ds, 13),      CASE(by_ds_indexed, 13), CASE(by_ds_absolute, 13),
    CASE(by_ss_base, 12), CASE(by_ss_prefix, 12),  CASE(by_ss_push, 12),
    CASE(by_ss_call, 12), CASE(by_es_prefix, 13),  CASE(by_es_string, 13),
    CASE(by_fs, 13),      CASE(by_gs, 13),         CASE(stays_ds, 14),
    CASE(stays_ss, 14),
};

/* Offsets that wrap around to below the base, as C libraries use them, reach what lies there. */
CODE(wraps, "mov $0x1f, %eax\nmov %eax, %gs\n" AT(wraps) "mov %gs:0xfffffff0, %eax\nud2");

CODE(flat1, AT(flat1) "mov " BEYOND ", %eax\nud2");
CODE(beyond1, "mov $0x15, %eax\nmov %eax, %es\n" AT(beyond1) "mov %es:" BEYOND ", %eax\nud2");
CODE(within1, "mov $0x15, %eax\nmov %eax, %es\n" AT(within1) "mov %es:" WITHIN ", %eax\nud2");

static void in_ring3(const struct access *access)
{
    struct user_state state = user_state();

    state.ds = state.es = state.fs = state.gs = state.ss = SELECTOR;
    state.esi = state.edi = state.ebp = state.ebx = state.eax = 0x50000000;
    state.ecx = 4;
    state.esp = 0x50001000;
    user_run(access->from, access->to, &state);
    check(trap.vector == access->vector, "%s: vector %u, not %u (error %x)", access->what,
          trap.vector, access->vector, trap.error);
    check(trap.eip == USER_BASE, "%s: eip is %x", access->what, trap.eip);
    check(trap.error == (access->vector == 14 ? 4 : 0), "%s: error %x", access->what, trap.error);
}

void test(void)
{
    uint64_t *ldt = page_alloc();

    ldt[1] = descriptor(0, LIMITED, DESC_DATA(3), 0xc);
    ldt[2] = descriptor(0, LIMITED, DESC_DATA(1), 0xc);
    ldt[3] = descriptor(0x50000010, 0xfffff, DESC_DATA(3), 0xc);
    make_readonly(ldt);
    expect(mmuext(MMUEXT_SET_LDT, (unsigned long)ldt, 4), 0);

    for (unsigned i = 0; i < sizeof(accesses) / sizeof(accesses[0]); i++)
        in_ring3(&accesses[i]);
    expect_in_ring3(TRAP_CASE(wraps, 14, 4));
    expect_in_ring1(TRAP_CASE(flat1, 14, 0));
    expect_in_ring1(TRAP_CASE(beyond1, 13, 0));
    expect_in_ring1(TRAP_CASE(within1, 14, 0));
}
