/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * alloc_unbound and bind_interdomain, both ends in one domain: a send at one end marks the other;
 * closing one end makes the other unbound again. status names each state.
 */
#include "tests/guest/kit/kit.h"

static unsigned status_of(unsigned port)
{
    struct evtchn_status status = {.dom = DOMID_SELF, .port = port};

    expect(event_op(EVTCHNOP_status, &status), 0);
    return status.status;
}

void test(void)
{
    struct evtchn_alloc_unbound alloc = {.dom = DOMID_SELF, .remote_dom = DOMID_SELF};

    expect(event_op(EVTCHNOP_alloc_unbound, &alloc), 0);
    unsigned near = alloc.port;
    expect(status_of(near), EVTCHNSTAT_unbound);
    expect(event_send(near), 0); /* to nobody, and no error */

    struct evtchn_bind_interdomain bind = {.remote_dom = DOMID_SELF, .remote_port = near};
    expect(event_op(EVTCHNOP_bind_interdomain, &bind), 0);
    unsigned far = bind.local_port;
    check(far != near && far > 0, "ports %u and %u", near, far);
    expect(status_of(near), EVTCHNSTAT_interdomain);
    expect(status_of(far), EVTCHNSTAT_interdomain);
    struct evtchn_status status = {.dom = DOMID_SELF, .port = far};
    expect(event_op(EVTCHNOP_status, &status), 0);
    expect(status.u.interdomain.port, near);

    event_clear(near);
    event_clear(far);
    expect(event_send(near), 0);
    expect(event_pending(far), 1);
    expect(event_pending(near), 0);
    event_clear(far);
    expect(event_send(far), 0);
    expect(event_pending(near), 1);
    event_clear(near);

    expect(event_op(EVTCHNOP_bind_interdomain, &bind), -EINVAL); /* bound already */
    expect(event_close(far), 0);
    expect(status_of(near), EVTCHNSTAT_unbound);
    expect(status_of(far), EVTCHNSTAT_closed);
    expect(event_close(near), 0);
    expect(status_of(near), EVTCHNSTAT_closed);
}
