/* SPDX-License-Identifier: GPL-2.0-only */
/* EVTCHNOP_reset closes all ports of the domain; bind_vcpu is allowed where there is a choice. */
#include "tests/guest/kit/kit.h"

void test(void)
{
    struct evtchn_alloc_unbound alloc = {.dom = DOMID_SELF, .remote_dom = DOMID_SELF};

    expect(event_op(EVTCHNOP_alloc_unbound, &alloc), 0);
    struct evtchn_bind_vcpu bind = {.port = alloc.port, .vcpu = 0};
    expect(event_op(EVTCHNOP_bind_vcpu, &bind), 0);
    bind.vcpu = 99;
    expect(event_op(EVTCHNOP_bind_vcpu, &bind), -ENOENT);
    unsigned ipi = bind_ipi();
    struct evtchn_reset reset = {.dom = DOMID_SELF};
    expect(event_op(EVTCHNOP_reset, &reset), 0);
    struct evtchn_status status = {.dom = DOMID_SELF, .port = alloc.port};
    expect(event_op(EVTCHNOP_status, &status), 0);
    expect(status.status, EVTCHNSTAT_closed);
    expect(event_send(ipi), -EINVAL);
    check(bind_virq(VIRQ_TIMER) > 0, "no port after the reset");
    reset.dom = 0x7000;
    expect_no_domain(event_op(EVTCHNOP_reset, &reset));
}
