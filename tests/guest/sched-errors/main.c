/* SPDX-License-Identifier: GPL-2.0-only */
/* sched_op refused: unknown commands, other domains, watchdogs that do not exist. */
#include "tests/guest/kit/kit.h"

void test(void)
{
    expect(HYPERCALL(sched_op, 99, NULL), -ENOSYS);
    expect(HYPERCALL(sched_op, 0xffffffff, NULL), -ENOSYS);
    struct sched_remote_shutdown remote = {.domain_id = 0x7000, .reason = SHUTDOWN_crash};
    expect_no_domain(HYPERCALL(sched_op, SCHEDOP_remote_shutdown, &remote));
    struct sched_poll poll = {.nr_ports = 129};
    expect(HYPERCALL(sched_op, SCHEDOP_poll, &poll), -EINVAL);
    evtchn_port_t port = 5000;
    poll = (struct sched_poll){.nr_ports = 1, .timeout = 1};
    set_xen_guest_handle(poll.ports, &port);
    expect(HYPERCALL(sched_op, SCHEDOP_poll, &poll), -EINVAL);
    poll.ports.p = (evtchn_port_t *)0xFC000000;
    expect(HYPERCALL(sched_op, SCHEDOP_poll, &poll), -EFAULT);
    expect(HYPERCALL(sched_op, SCHEDOP_shutdown_code, NULL), -EFAULT);
}
