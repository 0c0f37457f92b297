/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SCHEDOP_poll: sleeps until one of the ports is pending or the time comes, without an upcall,
 * even for masked ports.
 */
#include "tests/guest/kit/kit.h"

static long poll(unsigned port, uint64_t timeout)
{
    evtchn_port_t ports[1] = {port};
    struct sched_poll arguments = {.nr_ports = 1, .timeout = timeout};

    set_xen_guest_handle(arguments.ports, ports);
    return HYPERCALL(sched_op, SCHEDOP_poll, &arguments);
}

void test(void)
{
    unsigned ipi = bind_ipi();

    event_mask_set(ipi, true);
    event_clear(ipi);
    uint64_t when = now() + 20 * MS;
    expect(poll(ipi, when), 0);
    check(now() >= when, "the poll ended %llu ns early", when - now());
    expect(event_pending(ipi), 0);

    expect(event_send(ipi), 0);
    uint64_t before = now();
    expect(poll(ipi, before + 5000 * MS), 0); /* pending: at once */
    check(now() < before + 2000 * MS, "the poll slept with its port pending");
    expect(event_pending(ipi), 1);
    event_clear(ipi);

    expect(HYPERCALL(vcpu_op, VCPUOP_stop_periodic_timer, 0, NULL), 0);
    /* Woken by the port itself: the timer's. */
    unsigned timer = bind_virq(VIRQ_TIMER);
    event_mask_set(timer, true);
    event_clear(timer);
    when = now() + 20 * MS;
    expect(HYPERCALL(set_timer_op, when, when >> 32), 0);
    expect(poll(timer, now() + 8000 * MS), 0);
    expect(event_pending(timer), 1);
    check(now() >= when && now() < when + 4000 * MS, "woken at %llx for %llx", now(), when);
    expect(upcalls, 0);
    expect(vcpu()->evtchn_upcall_mask, 1);

    /* An upcall that is pending and masked is no reason to come back. */
    event_clear(timer);
    vcpu()->evtchn_upcall_pending = 1;
    when = now() + 20 * MS;
    expect(poll(ipi, when), 0);
    check(now() >= when, "a masked upcall ended the poll %llu ns early", when - now());
    vcpu()->evtchn_upcall_pending = 0;

    /* The time that an earlier poll gave up waiting for does not wake a later block. */
    when = now() + 5 * MS;
    expect(HYPERCALL(set_timer_op, when, when >> 32), 0);
    expect(poll(timer, when + 20 * MS), 0);
    event_clear(timer);
    event_mask_set(timer, false);
    when = now() + 60 * MS;
    expect(HYPERCALL(set_timer_op, when, when >> 32), 0);
    expect(HYPERCALL(sched_op, SCHEDOP_block, NULL), 0);
    check(now() >= when, "the block ended %llu ns early", when - now());
}
