/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Timers at the ends of time: periods that are too short or that wrap around are refused; dates in
 * the past fire once; the far future does not fire.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    struct vcpu_set_periodic_timer periodic = {.period_ns = ~0ULL};

    expect(HYPERCALL(vcpu_op, VCPUOP_set_periodic_timer, 0, &periodic), -EINVAL);
    periodic.period_ns = 1;
    expect(HYPERCALL(vcpu_op, VCPUOP_set_periodic_timer, 0, &periodic), -EINVAL);
    expect(HYPERCALL(vcpu_op, VCPUOP_stop_periodic_timer, 0, NULL), 0);

    unsigned port = bind_virq(VIRQ_TIMER);
    event_mask_set(port, false);
    events_on();
    unsigned before = upcalls;
    struct vcpu_set_singleshot_timer shot = {.timeout_abs_ns = 1ULL << 62};
    expect(HYPERCALL(vcpu_op, VCPUOP_set_singleshot_timer, 0, &shot), 0);
    uint64_t until = now() + 3 * MS;
    while (now() < until)
        HYPERCALL(sched_op, SCHEDOP_yield, 0);
    check(upcalls == before, "a date in 146 years fired");
    shot.timeout_abs_ns = 1;
    expect(HYPERCALL(vcpu_op, VCPUOP_set_singleshot_timer, 0, &shot), 0);
    until = now() + 20 * MS;
    while (now() < until && upcalls == before)
        HYPERCALL(sched_op, SCHEDOP_yield, 0);
    check(upcalls == before + 1, "a date in the past fired %u times", upcalls - before);
    until = now() + 3 * MS;
    while (now() < until)
        HYPERCALL(sched_op, SCHEDOP_yield, 0);
    check(upcalls == before + 1, "and again: %u times", upcalls - before);
    events_off();
}
