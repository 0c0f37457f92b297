/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * set_timer_op: one event at the time, not before; 0 takes the timer back; a time that has passed
 * comes at once.
 */
#include "tests/guest/kit/kit.h"

static unsigned port;

static bool wait_until(uint64_t deadline)
{
    while (now() < deadline)
        if (event_pending(port))
            return true;
    return event_pending(port);
}

void test(void)
{
    port = bind_virq(VIRQ_TIMER);
    event_mask_set(port, false);
    /* Xen also ticks at 100 Hz until told to stop. */
    expect(HYPERCALL(vcpu_op, VCPUOP_stop_periodic_timer, 0, NULL), 0);
    event_clear(port);

    uint64_t when = now() + 10 * MS;
    expect(HYPERCALL(set_timer_op, when, when >> 32), 0);
    check(wait_until(when + 2000 * MS), "no event");
    check(now() >= when, "the event came %llu ns early", when - now());
    event_clear(port);
    check(!wait_until(now() + 30 * MS), "a second event");

    when = now() + 10 * MS;
    expect(HYPERCALL(set_timer_op, when, when >> 32), 0);
    expect(HYPERCALL(set_timer_op, 0, 0), 0);
    check(!wait_until(when + 30 * MS), "an event from a timer that was taken back");

    when = now() - 5 * MS;
    expect(HYPERCALL(set_timer_op, when, when >> 32), 0);
    check(wait_until(now() + 2000 * MS), "no event for a time that has passed");
}
