/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults that the kernel repairs: a page is mapped in the handler and the instruction runs again;
 * system calls return a value into the caller's register. All other registers are as they were.
 */
#include "tests/guest/kit/kit.h"

#define PAGES 40

CODE(user, "mov $0x402000, %esi\nmov $40, %ecx\nxor %ebx, %ebx\nmov $0x600dcafe, %ebp\n"
           "1: add (%esi), %ebx\nmov %ecx, (%esi)\nadd $4096, %esi\nloop 1b\n"
           "mov $100, %ecx\n2: mov %ecx, %eax\nint $0x80\nadd %eax, %ebx\nloop 2b\n"
           "int $0x80\n" AT(user) "ud2");

static unsigned faults, calls;

static bool map_page(struct trap_frame *frame)
{
    (void)frame;
    uint32_t *page = page_alloc();
    page[0] = 3;
    faults++;
    uint32_t at = vcpu()->arch.cr2;
    check((at & 0xfff) == 0 && at == 0x402000 + (faults - 1) * PAGE_SIZE, "cr2 %x", at);
    return user_map((at - USER_BASE) / PAGE_SIZE, USER_ENTRY(page)) == 0;
}

static bool answer(struct trap_frame *frame)
{
    if (frame->ecx == 0)
        return false;
    calls++;
    frame->eax *= 2;
    return true;
}

void test(void)
{
    trap_hooks[14] = map_page;
    trap_hooks[0x80] = answer;
    struct user_state state = user_state();
    user_run(user, user_end, &state);
    expect(trap.vector, 0x80);
    expect(faults, PAGES);
    expect(calls, 100);
    expect(trap.ebx, PAGES * 3 + 100 * 101);
    expect(trap.ebp, 0x600dcafe);
    expect(trap.esi, 0x402000 + PAGES * PAGE_SIZE);
}
