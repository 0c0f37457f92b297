/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * iret in a multicall: it goes where its frame says, and the rest of the list is not carried out.
 */
#include "tests/guest/kit/kit.h"

static struct multicall_entry list[2] = {
    {.op = __HYPERVISOR_iret},
    {.op = __HYPERVISOR_xen_version, .args = {XENVER_pagesize}, .result = 0x5555},
};

static void leave(void *unused)
{
    uint32_t eax, ebx = (uint32_t)list, ecx = 2;

    (void)unused;
    asm volatile("push $0x202\n\t"
                 "push %3\n\t"
                 "push $1f\n\t"
                 "push $0x1234\n\t"
                 "mov %4, %%eax\n\t"
                 "int $0x82\n"
                 "1:"
                 : "=&a"(eax), "+b"(ebx), "+c"(ecx)
                 : "i"(FLAT_RING1_CS), "i"(__HYPERVISOR_multicall)
                 : "memory", "cc");
    check(eax == 0x1234, "eax is %x", eax);
}

void test(void)
{
    check(!trapped(leave, NULL), "it ended with vector %u", trap.vector);
    check(list[1].result == 0x5555, "the entry behind it gave %lx", list[1].result);
    events_off();
}
