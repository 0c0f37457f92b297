/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A masked port becomes pending without any sign to the processor; unmasking by the call gives the
 * sign then, unmasking in memory does not.
 */
#include "tests/guest/kit/kit.h"

void test(void)
{
    unsigned port = bind_ipi();

    event_clear(port);
    event_mask_set(port, true);
    expect(event_send(port), 0);
    expect(event_pending(port), 1);
    expect(vcpu()->evtchn_pending_sel, 0);
    expect(vcpu()->evtchn_upcall_pending, 0);
    event_mask_set(port, false);
    expect(vcpu()->evtchn_upcall_pending, 0);
    event_mask_set(port, true);
    expect(event_unmask(port), 0);
    check(!(shared->evtchn_mask[port / 32] >> (port % 32) & 1), "the mask bit is still set");
    expect(vcpu()->evtchn_pending_sel, 1UL << (port / 32));
    expect(vcpu()->evtchn_upcall_pending, 1);
    event_clear(port);
    expect(event_unmask(port), 0); /* nothing pending: no sign */
    expect(vcpu()->evtchn_upcall_pending, 0);
    expect(event_unmask(99999), -EINVAL);
}
