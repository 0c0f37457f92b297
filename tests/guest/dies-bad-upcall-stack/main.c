/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An upcall that finds the kernel's stack pointing into the hypervisor ends the domain, and only
 * that.
 */
#include "tests/guest/kit/kit.h"

static void upcall(void *port)
{
    (void)port;
    asm volatile("mov $0xF5800010, %%esp\n\tmovb $0, %0\n\t1: int $0x82\n\tjmp 1b"
                 : "=m"(vcpu()->evtchn_upcall_mask)
                 : "a"(__HYPERVISOR_sched_op), "b"(SCHEDOP_yield), "c"(0));
}

void test(void)
{
    unsigned port = bind_ipi();

    event_mask_set(port, false);
    expect(event_send(port), 0);
    check(vcpu()->evtchn_upcall_pending, "no upcall is pending");
    must_die("an upcall on a stack in the hypervisor", upcall, NULL);
}
