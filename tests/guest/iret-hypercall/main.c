/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The iret hypercall: EAX, EIP, CS, EFLAGS, and for ring 3 also ESP and SS come from the stack.
 * EFLAGS.IF becomes the upcall mask's opposite; IOPL is not raised.
 */
#include "tests/guest/kit/kit.h"

CODE(user, "int $0x80\n" AT(user) "ud2");

static void iret_inner(void *eflags)
{
    uint32_t eax, esp_before, esp_after;

    asm volatile("mov %%esp, %1\n\t"
                 "push %3\n\t"
                 "push %4\n\t"
                 "push $1f\n\t"
                 "push $0x1234\n\t"
                 "mov %5, %%eax\n\t"
                 "int $0x82\n"
                 "1:\tmov %%esp, %2"
                 : "=&a"(eax), "=&r"(esp_before), "=&r"(esp_after)
                 : "r"(eflags), "i"(FLAT_RING1_CS), "i"(__HYPERVISOR_iret)
                 : "memory", "cc");
    check(eax == 0x1234, "eax %x after iret", eax);
    check(esp_before == esp_after, "esp %x, not %x", esp_after, esp_before);
}

/* Its place in the hypercall page is not like the others': it saves EAX on the stack by itself. */
static void iret_user(void *unused)
{
    (void)unused;
    asm volatile("mov %0, %%ds\n\t"
                 "push %0\n\tpush %1\n\tpush $0x202\n\tpush %2\n\tpush %3\n\t"
                 "mov $0x4321, %%eax\n\tjmp hypercall_page + 23 * 32"
                 :
                 : "r"(FLAT_RING3_DS), "i"(USER_STACK), "i"(FLAT_RING3_CS), "i"(USER_BASE)
                 : "memory");
    __builtin_unreachable();
}

void test(void)
{
    events_off();
    check(!trapped(iret_inner, (void *)0x202), "iret to ring 1 trapped: vector %u", trap.vector);
    expect(vcpu()->evtchn_upcall_mask, 0);
    events_off();
    uint32_t flags;
    check(!trapped(iret_inner, (void *)0x3202), "iret with IOPL 3 trapped: vector %u", trap.vector);
    asm volatile("pushf\n\tpop %0" : "=r"(flags));
    check(!(flags & 0x3000), "IOPL is in eflags: %x", flags);
    events_off();

    struct user_state state = user_state();
    user_run(user, user_end, &state); /* puts the code there */
    check(trapped(iret_user, NULL), "no trap");
    expect(trap.vector, 0x80);
    expect(trap.eax, 0x4321);
    expect(trap.cs, FLAT_RING3_CS);
    expect(trap.esp, USER_STACK);
    expect(trap.saved_mask, 0);
    events_off();
}
