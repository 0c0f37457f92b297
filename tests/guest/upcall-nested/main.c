/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events while an upcall runs: nothing happens until the handler unmasks events itself, then the
 * next upcall interrupts it; an event that is left pending at the end comes after the handler,
 * without a new send, at the next entry to the hypervisor.
 */
#include "tests/guest/kit/kit.h"

static unsigned port, depth, deepest, order[4], used;

static bool nest(struct trap_frame *frame)
{
    (void)frame;
    unsigned id = used + 1;
    if (used < 4)
        order[used++] = id;
    deepest = ++depth > deepest ? depth : deepest;
    event_clear(port);
    if (id == 1) {
        expect(event_send(port), 0);
        expect(deepest, 1); /* masked: it waits */
        events_on();
        expect(HYPERCALL(xen_version, XENVER_pagesize, NULL), 4096);
        expect(deepest, 2);
        events_off();
    }
    depth--;
    return true;
}

void test(void)
{
    port = bind_ipi();
    event_mask_set(port, false);
    event_hook = nest;
    events_on();
    expect(event_send(port), 0);
    events_off();
    expect(upcalls, 2);
    expect(depth, 0);
    expect(order[0], 1);
    expect(order[1], 2);

    event_hook = NULL; /* a handler that takes only the upcall flag away: the port stays pending */
    events_on();
    expect(event_send(port), 0);
    expect(upcalls, 3);
    expect(event_pending(port), 1);
    expect(event_send(port), 0); /* no new edge, no new upcall */
    expect(upcalls, 3);
    events_off();
}
