/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Debug exceptions where they hurt: ICEBP in both rings; data breakpoints on what a load of SS
 * reads, on the stack, on the handler's frame; the trap flag into every entry of the hypervisor.
 * Each comes to this kernel, and hypercalls behind them work.
 */
#include "tests/guest/kit/kit.h"

#define TF                0x100u
#define DEBUG             1
#define PASSES            4
#define EVERY_ACCESS_OF_4 0xffff00aaUL /* DR7: all four, 4 bytes each, reads and writes */

CODE(icebp, ".byte 0xf1\n" AT(icebp) "ud2");
CODE(tf_sysenter, "pushf\norl $0x100, (%esp)\npopf\nsysenter\n" AT(tf_sysenter) "ud2");
CODE(tf_int, "pushf\norl $0x100, (%esp)\npopf\nint $0x80\n" AT(tf_int) "ud2");

static unsigned debugs;

static bool debugged(struct trap_frame *frame)
{
    frame->eflags &= ~TF;
    if (++debugs > 1000)
        HYPERCALL(set_debugreg, 7, 0);
    return true;
}

#define ASK_PAGE_SIZE "0"(__HYPERVISOR_xen_version), "b"(XENVER_pagesize), "c"(0)

static void behind_stack_loads(void *unused)
{
    uint32_t ss = FLAT_RING1_SS;
    long size;

    (void)unused;
    asm volatile("push %%ss\n\tpop %%ss\n\tint $0x82" : "=a"(size) : ASK_PAGE_SIZE : "memory");
    check_equal("a hypercall behind pop ss", size, PAGE_SIZE);
    asm volatile("mov %1, %%ss\n\tint $0x82" : "=a"(size) : "m"(ss), ASK_PAGE_SIZE : "memory");
    check_equal("a hypercall behind mov ss", size, PAGE_SIZE);
}

static void with_trap_flag(void *unused)
{
    long size;

    (void)unused;
    asm volatile("pushf\n\torl $0x100, (%%esp)\n\tpopf\n\tint $0x82\n\tnop\n\t"
                 "pushf\n\tandl $~0x100, (%%esp)\n\tpopf"
                 : "=a"(size)
                 : ASK_PAGE_SIZE
                 : "memory", "cc");
    check_equal("a hypercall with TF", size, PAGE_SIZE);
}

static void not_trapped(const char *what, void (*code)(void *))
{
    bool ended = trapped(code, NULL);

    check(!ended, "%s: trap %u at %x", what, trap.vector, trap.eip);
}

static void watch_stacks(void)
{
    static uint32_t word;
    uint32_t esp;

    asm volatile("mov %%esp, %0" : "=r"(esp));
    expect(HYPERCALL(set_debugreg, 0, (unsigned long)&word), 0);
    expect(HYPERCALL(set_debugreg, 1, (esp - 4) & ~3u), 0);
    expect(HYPERCALL(set_debugreg, 2, (esp - 64) & ~3u), 0);
    expect(HYPERCALL(set_debugreg, 3, (unsigned long)trap_stack_top - 20), 0);
}

void test(void)
{
    struct user_state state = user_state();

    expect_in_both_rings(TRAP_CASE(icebp, DEBUG, 0));
    trap_hooks[DEBUG] = debugged;
    watch_stacks();
    for (unsigned pass = 0; pass < PASSES; pass++) {
        debugs = 0;
        expect(HYPERCALL(set_debugreg, 7, EVERY_ACCESS_OF_4), 0);
        not_trapped("loads of SS", behind_stack_loads);
        not_trapped("the trap flag", with_trap_flag);
        user_run(tf_int, tf_int_end, &state);
        check_equal("the vector of int 0x80", trap.vector, 0x80);
        user_run(tf_sysenter, tf_sysenter_end, &state);
        check_equal("the vector of sysenter", trap.vector, 13);
        expect(HYPERCALL(set_debugreg, 7, 0), 0);
        check(debugs > 2, "%u debug exceptions", debugs);
    }
    trap_hooks[DEBUG] = NULL;
    expect(HYPERCALL(xen_version, XENVER_pagesize, NULL), PAGE_SIZE);
}
