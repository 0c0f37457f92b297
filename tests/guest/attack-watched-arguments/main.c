/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Breakpoints on our own memory, which the hypervisor then reads and writes for us: the accesses
 * happen, the hypervisor goes on, and our own ones are still reported.
 */
#include "tests/guest/kit/kit.h"

#define WATCH_READ_WRITE 0x000f0002 /* G0, reads and writes, four bytes */

static void store(void *word)
{
    *(volatile uint32_t *)word = 1;
}

void test(void)
{
    static char answer[16] __attribute__((aligned(16)));
    static struct multicall_entry calls[2] __attribute__((aligned(16)));

    expect(HYPERCALL(set_debugreg, 0, answer), 0);
    expect(HYPERCALL(set_debugreg, 7, WATCH_READ_WRITE), 0);
    expect(HYPERCALL(xen_version, XENVER_extraversion, answer), 0);
    expect(HYPERCALL(set_debugreg, 0, &calls[1].op), 0);
    calls[0] = (struct multicall_entry){.op = __HYPERVISOR_xen_version, .args = {XENVER_pagesize}};
    check(trapped(store, &calls[1].op), "our own access was not reported");
    check(trap.vector == 1, "our own access gave vector %u", trap.vector);
    expect(HYPERCALL(set_debugreg, 7, 0), 0);
    calls[1] = calls[0];
    expect(HYPERCALL(set_debugreg, 7, WATCH_READ_WRITE), 0);
    expect(HYPERCALL(multicall, calls, 2), 0);
    expect(HYPERCALL(set_debugreg, 7, 0), 0);
    expect(calls[0].result, PAGE_SIZE);
    expect(calls[1].result, PAGE_SIZE);
    check(answer[0], "the answer was not written");
}
