/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * All ports taken: the next allocation says -ENOSPC, every port was different, and a closed one
 * comes back.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    static uint8_t seen[8192];
    unsigned last = 0, count = 0;
    long result = 0;

    while (count < sizeof(seen)) {
        struct evtchn_alloc_unbound alloc = {.dom = DOMID_SELF, .remote_dom = DOMID_SELF};

        result = event_op(EVTCHNOP_alloc_unbound, &alloc);
        if (result)
            break;
        if (!check(alloc.port && alloc.port < sizeof(seen) && !seen[alloc.port], "port %u again",
                   alloc.port))
            break;
        seen[alloc.port] = 1;
        last = alloc.port;
        count++;
    }
    check(result == -ENOSPC, "after %u ports: %ld", count, result);
    check(count >= 100 && count <= 1023, "%u ports", count);
    struct evtchn_bind_ipi ipi = {.vcpu = 0};
    expect(event_op(EVTCHNOP_bind_ipi, &ipi), -ENOSPC);
    expect(event_close(last), 0);
    expect(event_op(EVTCHNOP_bind_ipi, &ipi), 0);
    expect(ipi.port, last);
}
