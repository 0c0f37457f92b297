/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Event channels of others: an ordinary domain can neither bind to what was not offered to it, nor
 * look at, make or reset channels of Domain 0; Domain 0 finds none of a domain that does not exist.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    domid_t victim = privileged ? 4711 : 0;
    long none = privileged ? -ESRCH : -EPERM;

    for (unsigned port = 0; port < 40; port++) {
        struct evtchn_bind_interdomain bind = {.remote_dom = victim, .remote_port = port};
        long result = event_op(EVTCHNOP_bind_interdomain, &bind);

        check(result == (privileged ? -ESRCH : -EINVAL), "port %u could be bound: %ld", port,
              result);
        struct evtchn_status status = {.dom = victim, .port = port};
        expect(event_op(EVTCHNOP_status, &status), none);
        /*
         * Ports are our own: the same number is nothing of theirs. Two were made for us to begin
         * with.
         */
        if (!privileged && (port == start->store_evtchn || port == start->console.domU.evtchn))
            continue;
        check(event_send(port) == -EINVAL, "sending to port %u", port);
        check(event_close(port) == -EINVAL, "closing port %u", port);
    }
    struct evtchn_alloc_unbound alloc = {.dom = victim, .remote_dom = DOMID_SELF};
    expect(event_op(EVTCHNOP_alloc_unbound, &alloc), none);
    struct evtchn_reset reset = {.dom = victim};
    expect(event_op(EVTCHNOP_reset, &reset), none);

    /* What we offer to somebody else we cannot take ourselves. */
    alloc = (struct evtchn_alloc_unbound){.dom = DOMID_SELF, .remote_dom = 4242};
    expect(event_op(EVTCHNOP_alloc_unbound, &alloc), 0);
    struct evtchn_bind_interdomain own = {.remote_dom = DOMID_SELF, .remote_port = alloc.port};
    expect(event_op(EVTCHNOP_bind_interdomain, &own), -EINVAL);
    expect(event_close(alloc.port), 0);
}
