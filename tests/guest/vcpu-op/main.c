/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vcpu_op: which processors are up, run-state information by call and in a registered area, the
 * periodic timer, and the errors for processors that do not exist.
 */
#include "tests/guest/kit/kit.h"

static struct vcpu_runstate_info area;

void test(void)
{
    expect(HYPERCALL(vcpu_op, VCPUOP_is_up, 0, NULL), 1);
    expect(HYPERCALL(vcpu_op, VCPUOP_is_up, 99, NULL), -ENOENT);
    expect(HYPERCALL(vcpu_op, VCPUOP_is_up, 0xffffffff, NULL), -ENOENT);
    expect(HYPERCALL(vcpu_op, 99, 0, NULL), -ENOSYS);

    struct vcpu_runstate_info first, second;
    expect(HYPERCALL(vcpu_op, VCPUOP_get_runstate_info, 0, &first), 0);
    expect(first.state, RUNSTATE_running);
    uint64_t until = now() + 5 * MS;
    while (now() < until)
        ;
    expect(HYPERCALL(vcpu_op, VCPUOP_get_runstate_info, 0, &second), 0);
    check(second.time[RUNSTATE_running] >= first.time[RUNSTATE_running] + 4 * MS,
          "running for %llx ns, then %llx", first.time[0], second.time[0]);
    check(first.state_entry_time <= now(), "entered its state at %llx", first.state_entry_time);

    struct vcpu_register_runstate_memory_area registration = {.addr.v = &area};
    area.state = 77;
    expect(HYPERCALL(vcpu_op, VCPUOP_register_runstate_memory_area, 0, &registration), 0);
    expect(area.state, RUNSTATE_running);
    check(area.state_entry_time >= first.state_entry_time && area.state_entry_time <= now(),
          "the area says its state began at %llx", area.state_entry_time);

    struct vcpu_set_periodic_timer period = {.period_ns = 10};
    expect(HYPERCALL(vcpu_op, VCPUOP_set_periodic_timer, 0, &period), -EINVAL); /* below 1 ms */
    period.period_ns = 10 * MS;
    expect(HYPERCALL(vcpu_op, VCPUOP_set_periodic_timer, 0, &period), 0);
    unsigned port = bind_virq(VIRQ_TIMER);
    event_mask_set(port, false);
    for (unsigned ticks = 0; ticks < 3; ticks++) {
        event_clear(port);
        until = now() + 3000 * MS;
        while (!event_pending(port) && now() < until)
            ;
        check(event_pending(port), "tick %u did not come", ticks);
    }
    expect(HYPERCALL(vcpu_op, VCPUOP_stop_periodic_timer, 0, NULL), 0);

    /* A time that has passed: Xen 4.17 sends the event instead of the header's -ETIME. */
    event_clear(port);
    struct vcpu_set_singleshot_timer single = {.timeout_abs_ns = now() - 5 * MS,
                                               .flags = VCPU_SSHOTTMR_future};
    long late = HYPERCALL(vcpu_op, VCPUOP_set_singleshot_timer, 0, &single);
    check(late == -ETIME || (late == 0 && event_pending(port)), "a late timer gave %ld", late);
    single.timeout_abs_ns = now() + 5 * MS;
    expect(HYPERCALL(vcpu_op, VCPUOP_set_singleshot_timer, 0, &single), 0);
    expect(HYPERCALL(vcpu_op, VCPUOP_stop_singleshot_timer, 0, NULL), 0);
    expect(HYPERCALL(vcpu_op, VCPUOP_up, 0, NULL), 0);
    expect(HYPERCALL(vcpu_op, VCPUOP_initialise, 0, NULL), -EFAULT);
}
