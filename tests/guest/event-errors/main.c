/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event_channel_op refused: ports that are closed, out of range or reserved, domains that are not
 * there, unknown commands.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    static const unsigned wrong[] = {0, 700, 1023, 1024, 4096, 0x7fffffff, 0xffffffff};

    for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        check_equal("send", event_send(wrong[i]), -EINVAL);
        check_equal("close", event_close(wrong[i]), -EINVAL);
        struct evtchn_bind_vcpu bind = {.port = wrong[i], .vcpu = 0};
        check_equal("bind_vcpu", event_op(EVTCHNOP_bind_vcpu, &bind), -EINVAL);
    }
    struct evtchn_status status = {.dom = DOMID_SELF, .port = 0xffffffff};
    expect(event_op(EVTCHNOP_status, &status), -EINVAL);
    status = (struct evtchn_status){.dom = 0x7000, .port = 1};
    expect_no_domain(event_op(EVTCHNOP_status, &status));
    struct evtchn_alloc_unbound alloc = {.dom = 0x7000, .remote_dom = 0};
    expect_no_domain(event_op(EVTCHNOP_alloc_unbound, &alloc));
    struct evtchn_bind_interdomain bind = {.remote_dom = 0x7000, .remote_port = 1};
    expect_no_domain(event_op(EVTCHNOP_bind_interdomain, &bind));
    bind = (struct evtchn_bind_interdomain){.remote_dom = DOMID_SELF, .remote_port = 900};
    expect(event_op(EVTCHNOP_bind_interdomain, &bind), -EINVAL);
    bind = (struct evtchn_bind_interdomain){.remote_dom = DOMID_SELF, .remote_port = 0xffffffff};
    expect(event_op(EVTCHNOP_bind_interdomain, &bind), -EINVAL);
    unsigned port = bind_ipi();
    bind = (struct evtchn_bind_interdomain){.remote_dom = DOMID_SELF, .remote_port = port};
    expect(event_op(EVTCHNOP_bind_interdomain, &bind), -EINVAL); /* not for us to bind */
    struct evtchn_bind_vcpu move = {.port = port, .vcpu = 0};
    expect(event_op(EVTCHNOP_bind_vcpu, &move), -EINVAL); /* an IPI stays where it is */
    expect(event_op(99, &move), -ENOSYS);
}
