/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SCHEDOP_block: unmasks events and sleeps until one comes; the upcall runs before the call
 * returns. With one pending already it returns at once. SCHEDOP_yield always returns.
 */
#include "tests/guest/kit/kit.h"

static unsigned port;

static bool note(struct trap_frame *frame)
{
    (void)frame;
    event_clear(port);
    return true;
}

void test(void)
{
    port = bind_virq(VIRQ_TIMER);
    event_mask_set(port, false);
    event_clear(port);
    event_hook = note;
    expect(HYPERCALL(vcpu_op, VCPUOP_stop_periodic_timer, 0, NULL), 0);
    uint64_t when = now() + 20 * MS;
    expect(HYPERCALL(set_timer_op, when, when >> 32), 0);
    expect(HYPERCALL(sched_op, SCHEDOP_block, NULL), 0);
    expect(vcpu()->evtchn_upcall_mask, 0);
    events_off();
    check(now() >= when, "woke at %llx, before %llx", now(), when);
    check(now() < when + 2000 * MS, "woke %llu ns late", now() - when);
    expect(upcalls, 1);

    unsigned ipi = bind_ipi();
    event_mask_set(ipi, false);
    expect(event_send(ipi), 0);
    uint64_t before = now();
    expect(HYPERCALL(sched_op, SCHEDOP_block, NULL), 0);
    events_off();
    check(now() < before + 2000 * MS, "blocked with an event pending");
    expect(upcalls, 2);
    event_clear(ipi);
    for (unsigned i = 0; i < 5; i++)
        expect(HYPERCALL(sched_op, SCHEDOP_yield, NULL), 0);
    expect(vcpu()->evtchn_upcall_mask, 1);
}
