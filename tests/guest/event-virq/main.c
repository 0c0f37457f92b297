/* SPDX-License-Identifier: GPL-2.0-only */
/* bind_virq: the same port or an error the second time, no such interrupt, no such processor. */
#include "tests/guest/kit/kit.h"

void test(void)
{
    struct evtchn_bind_virq bind = {.virq = VIRQ_TIMER, .vcpu = 0};

    expect(event_op(EVTCHNOP_bind_virq, &bind), 0);
    unsigned port = bind.port;
    check(port > 0, "port %u", port);
    expect(event_op(EVTCHNOP_bind_virq, &bind), -EEXIST);

    struct evtchn_status status = {.dom = DOMID_SELF, .port = port};
    expect(event_op(EVTCHNOP_status, &status), 0);
    expect(status.status, EVTCHNSTAT_virq);
    expect(status.u.virq, VIRQ_TIMER);
    expect(status.vcpu, 0);

    bind = (struct evtchn_bind_virq){.virq = NR_VIRQS, .vcpu = 0};
    expect(event_op(EVTCHNOP_bind_virq, &bind), -EINVAL);
    bind = (struct evtchn_bind_virq){.virq = 0xffffffff, .vcpu = 0};
    expect(event_op(EVTCHNOP_bind_virq, &bind), -EINVAL);
    bind = (struct evtchn_bind_virq){.virq = VIRQ_DEBUG, .vcpu = 99};
    expect(event_op(EVTCHNOP_bind_virq, &bind), -ENOENT);
    bind = (struct evtchn_bind_virq){.virq = VIRQ_DEBUG, .vcpu = 0};
    expect(event_op(EVTCHNOP_bind_virq, &bind), 0);
    check(bind.port != port, "two interrupts on port %u", port);

    expect(event_close(port), 0);
    bind = (struct evtchn_bind_virq){.virq = VIRQ_TIMER, .vcpu = 0};
    expect(event_op(EVTCHNOP_bind_virq, &bind), 0); /* free again */
}
