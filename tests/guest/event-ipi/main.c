/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bind_ipi: a port to oneself. Send sets the pending bit, the selector word and the upcall flag;
 * twice is once.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    unsigned port = bind_ipi();

    check(port > 0 && port < 1024, "port %u", port);
    event_mask_set(port, false);
    event_clear(port);
    expect(event_pending(port), 0);
    expect(event_send(port), 0);
    expect(event_pending(port), 1);
    expect(vcpu()->evtchn_pending_sel, 1UL << (port / 32));
    expect(vcpu()->evtchn_upcall_pending, 1);
    expect(event_send(port), 0);
    expect(event_pending(port), 1);
    expect(upcalls, 0); /* the upcall mask is set */
    event_clear(port);
    expect(event_close(port), 0);
    expect(event_send(port), -EINVAL);
    expect(event_pending(port), 0);

    struct evtchn_bind_ipi bind = {.vcpu = 99};
    expect(event_op(EVTCHNOP_bind_ipi, &bind), -ENOENT);
}
