/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The console's ring of a created domain. If Domain 0 serves it, text is taken, more than fits at
 * once too, and what is typed comes ("echo=N" on the command line: N lines); if nobody does, it
 * stays where it is. Lines go by console_io too, in both orders: whoever shows both ways has to
 * show them once.
 */
#include "tests/guest/kit/kit.h"
#include <xen/io/console.h>

static volatile struct xencons_interface *ring;
static uint32_t port;

/* Waits for the other end, at most 0.1 s. */
static void wait(void)
{
    struct sched_poll poll = {.nr_ports = 1, .timeout = now() + 100 * MS};

    set_xen_guest_handle(poll.ports, &port);
    event_clear(port);
    HYPERCALL(sched_op, SCHEDOP_poll, &poll);
}

static void write_ring(const char *text, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) {
        while (ring->out_prod - ring->out_cons == sizeof(ring->out)) {
            event_send(port);
            wait();
        }
        ring->out[MASK_XENCONS_IDX(ring->out_prod, ring->out)] = text[i];
        asm volatile("" ::: "memory");
        ring->out_prod = ring->out_prod + 1;
    }
    event_send(port);
    for (unsigned i = 0; i < 50 && ring->out_cons != ring->out_prod; i++)
        wait();
    wait(); /* and until it is shown */
}

static char read_ring(void)
{
    while (ring->in_cons == ring->in_prod)
        wait();
    char c = ring->in[MASK_XENCONS_IDX(ring->in_cons, ring->in)];
    ring->in_cons = ring->in_cons + 1;
    event_send(port);
    return c;
}

static void echo(unsigned lines)
{
    static char line[256];

    for (; lines > 0; lines--) {
        unsigned used = 0;

        line[used++] = '<';
        for (char c; (c = read_ring()) != '\n' && used < sizeof(line) - 3;)
            line[used++] = c;
        line[used++] = '>';
        line[used++] = '\r';
        line[used++] = '\n';
        write_ring(line, used);
    }
}

void test(void)
{
    struct evtchn_status status = {.dom = DOMID_SELF};

    if (privileged) {
        check(true, "Domain 0 has no ring");
        return;
    }
    ring = (void *)(VIRT_BASE + machine_to_phys_mapping[start->console.domU.mfn] * 0x1000);
    port = status.port = start->console.domU.evtchn;
    expect(event_op(EVTCHNOP_status, &status), 0);
    check(ring->out_prod == 0 && ring->in_cons == 0, "the ring has been used");
    if (status.status == EVTCHNSTAT_unbound) {
        ring->out[0] = 'x';
        ring->out_prod = 1;
        expect(event_send(port), 0);
        wait();
        check(ring->out_cons == 0, "nobody is there, and yet it was taken");
        return;
    }
    write_ring("by the ring\r\n", 13);
    check(ring->out_cons == ring->out_prod, "the text is not taken");
    print("both ways\n");
    write_ring("both ways\r\n", 11);
    write_ring("again\r\n", 7);
    print("again\n");
    const char *wish = (const char *)start->cmd_line;
    if (starts_with(wish, "echo="))
        echo((unsigned)(wish[5] - '0'));
}
