/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The older event call (number 16: command and argument in one structure) and scheduler call
 * (number 6).
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    struct {
        uint32_t command;
        union {
            struct evtchn_bind_ipi ipi;
            struct evtchn_send send;
            struct evtchn_status status;
            struct evtchn_close close;
            uint32_t room[8];
        } u;
    } op = {.command = EVTCHNOP_bind_ipi, .u.ipi = {.vcpu = 0}};

    expect(HYPERCALL(event_channel_op_compat, &op), 0);
    unsigned port = op.u.ipi.port;
    check(port > 0 && port < 1024, "port %u", port);
    event_mask_set(port, false);
    event_clear(port);
    op.command = EVTCHNOP_send;
    op.u.send.port = port;
    expect(HYPERCALL(event_channel_op_compat, &op), 0);
    expect(event_pending(port), 1);
    event_clear(port);
    op.command = EVTCHNOP_close;
    op.u.close.port = port;
    expect(HYPERCALL(event_channel_op_compat, &op), 0);
    expect(HYPERCALL(event_channel_op_compat, &op), -EINVAL);
    op.command = 99;
    expect(HYPERCALL(event_channel_op_compat, &op), -ENOSYS);
    expect(HYPERCALL(event_channel_op_compat, 0xFC000000), -EFAULT);

    expect(HYPERCALL(sched_op_compat, SCHEDOP_yield, 0), 0);
    expect(HYPERCALL(sched_op_compat, 99, 0), -ENOSYS);
    event_hook = NULL;
    unsigned timer = bind_virq(VIRQ_TIMER);
    event_mask_set(timer, false);
    expect(HYPERCALL(vcpu_op, VCPUOP_stop_periodic_timer, 0, NULL), 0);
    uint64_t when = now() + 5 * MS;
    expect(HYPERCALL(set_timer_op, when, when >> 32), 0);
    expect(HYPERCALL(sched_op_compat, SCHEDOP_block, 0), 0);
    events_off();
    check(now() >= when, "blocked only until %llx, not %llx", now(), when);
    expect(upcalls, 1);
}
