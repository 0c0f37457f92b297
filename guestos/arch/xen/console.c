/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * console.c - a domain's console: the hypervisor's, or a ring that a program of Domain 0 carries
 *
 * start_info names a page with two rings, `out` and `in` (public/io/console.h), and the event
 * channel to whoever serves them. As long as nobody has bound the channel's other end, text goes to
 * the hypervisor by console_io, which always has somebody to hear it, and there is no input. Domain
 * 0 has no ring; it reads the hypervisor's console as well, which tells it by VIRQ_CONSOLE that
 * something was typed. What the terminal has no room for is left there until somebody has read.
 *
 * Indices run freely; the other end is no less trusted than the one that built this domain. Who
 * writes into a full ring waits, with the whole domain, as for a slow serial line.
 */
#include "guestos/arch/x86/port.h"
#include "guestos/arch/xen/domain.h"
#include "guestos/drivers/tty.h"
#include "guestos/process/process.h"
#include "guestos/time/time.h"
#include "guestos/mm/heap.h"

#include <xen/io/console.h>

#define LOOK_AGAIN (NANOSECONDS / 10) /* whether a ring that stays full is still served */

static volatile struct xencons_interface *ring; /* NULL: there is none */
static evtchn_port_t port;
static bool served; /* somebody is at the other end */

static bool is_bound(void)
{
    struct evtchn_status status = {.dom = DOMID_SELF, .port = port};

    return !HYPERCALL_2(event_channel_op, EVTCHNOP_status, &status) &&
           status.status == EVTCHNSTAT_interdomain;
}

/* ---- output ---------------------------------------------------------------------------------- */

static uint32_t room(void)
{
    uint32_t used = ring->out_prod - ring->out_cons;

    return used < sizeof(ring->out) ? sizeof(ring->out) - used : 0;
}

/* False if the other end has gone. */
static bool wait_for_room(void)
{
    event_send(port);
    while (!room()) {
        struct sched_poll poll = {.nr_ports = 1, .timeout = arch_clock() + LOOK_AGAIN};

        set_xen_guest_handle(poll.ports, &port);
        event_clear(port);
        if (room())
            break;
        HYPERCALL_2(sched_op, SCHEDOP_poll, &poll);
        if (!room() && !is_bound())
            return false;
    }
    event_raise(port); /* there may be input too, which was not looked at */
    return true;
}

static bool put(char c)
{
    if (!room() && !wait_for_room())
        return false;
    ring->out[MASK_XENCONS_IDX(ring->out_prod, ring->out)] = c;
    __atomic_thread_fence(__ATOMIC_RELEASE);
    ring->out_prod = ring->out_prod + 1;
    return true;
}

static void write_ring(const char *text, size_t length, bool cooked)
{
    for (size_t i = 0; i < length && served; i++)
        served = (!cooked || text[i] != '\n' || put('\r')) && put(text[i]);
    event_send(port);
}

void arch_console_write(const char *text, size_t length)
{
    if (served)
        write_ring(text, length, true);
    else
        HYPERCALL_3(console_io, CONSOLEIO_write, length, text);
}

void arch_console_write_raw(const char *text, size_t length)
{
    if (served)
        write_ring(text, length, false);
    else
        HYPERCALL_3(console_io, CONSOLEIO_write, length, text);
}

/* ---- input ----------------------------------------------------------------------------------- */

static void read_ring(void)
{
    char text[64];
    uint32_t n = 0, room_for = tty_room();

    while (ring->in_cons != ring->in_prod && n < sizeof(text) && n < room_for) {
        text[n++] = ring->in[MASK_XENCONS_IDX(ring->in_cons, ring->in)];
        ring->in_cons = ring->in_cons + 1;
    }
    if (n) {
        event_send(port);
        tty_input(text, n);
    }
}

static void take_input(void)
{
    while (served && ring->in_cons != ring->in_prod && tty_room())
        read_ring();
}

static bool typed_left; /* the terminal had no room for all of it */

static void take_typed(evtchn_port_t its_port)
{
    char text[64];
    uint32_t room_for;
    int n;

    (void)its_port;
    do {
        room_for = MIN(tty_room(), (uint32_t)sizeof(text));
        n = HYPERCALL_3(console_io, CONSOLEIO_read, room_for, text);
        if (n > 0)
            tty_input(text, (uint32_t)n);
    } while (n > 0);
    typed_left = !room_for;
}

/* Domain 0 asks for the hypervisor's console when somebody first wants to read it. */
static void listen_typed(void)
{
    static evtchn_port_t typed_port; /* 0: not yet */

    if (!typed_port) {
        typed_port = event_bind_virq(VIRQ_CONSOLE);
        event_bind(typed_port, take_typed);
        event_unmask(typed_port);
        typed_left = true; /* from before */
    }
    if (typed_left)
        take_typed(typed_port);
}

static void console_event(evtchn_port_t its_port)
{
    (void)its_port;
    served = served || is_bound();
    take_input();
}

bool arch_console_listen(void)
{
    if (start_info->flags & SIF_PRIVILEGED) {
        listen_typed();
        return true;
    }
    take_input();
    return served;
}

void console_init(void)
{
    if (start_info->flags & SIF_INITDOMAIN || !start_info->console.domU.mfn)
        return;
    ring = page_address(port_pfn(start_info->console.domU.mfn));
    port = start_info->console.domU.evtchn;
    served = is_bound();
    event_bind(port, console_event);
    event_unmask(port);
}
