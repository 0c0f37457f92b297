/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * xenbus.c - asking the store: one request, one answer, over the ring that start_info names
 *
 * The kernel asks a few things while it boots and waits for each answer with the domain blocked. An
 * answer that does not come within seconds, or that is none, ends the conversation: nothing is
 * asked any more. What is watched may change at any time: the store then says so by itself, between
 * two answers or when nobody waits, and the store's event has whoever wants to know look again.
 *
 * Sources: public/io/xs_wire.h.
 */
#include "guestos/arch/x86/port.h"
#include "guestos/arch/xen/front.h"
#include "guestos/kernel/errno.h"
#include "guestos/mm/heap.h"
#include "guestos/time/time.h"

#include <xen/io/xenbus.h>
#include <xen/io/xs_wire.h>

#define ANSWER_TIME (5 * NANOSECONDS)
#define BACK_TIME   (5 * NANOSECONDS) /* for the other end to be connected */
#define LOOK_AGAIN  (NANOSECONDS / 500)

static volatile struct xenstore_domain_interface *ring; /* NULL: there is no store */
static evtchn_port_t port;
static void (*when_changed)(void); /* what is watched */
static bool changed;

static bool is_bound(void)
{
    struct evtchn_status status = {.dom = DOMID_SELF, .port = port};

    return !HYPERCALL_2(event_channel_op, EVTCHNOP_status, &status) &&
           status.status == EVTCHNSTAT_interdomain;
}

bool xenbus_init(void)
{
    if (ring)
        return true;
    port = start_info->store_evtchn;
    if (start_info->flags & SIF_INITDOMAIN || !start_info->store_mfn || !is_bound())
        return false;
    ring = page_address(port_pfn(start_info->store_mfn));
    return true;
}

static bool fail(void)
{
    ring = NULL;
    return false;
}

/* Blocks until the other end has done something, or for too long: false. */
static bool wait_for_store(uint64_t until)
{
    struct sched_poll poll = {.nr_ports = 1, .timeout = until};

    set_xen_guest_handle(poll.ports, &port);
    HYPERCALL_2(sched_op, SCHEDOP_poll, &poll);
    return arch_clock() < until;
}

static bool send(const void *data, uint32_t bytes, uint64_t until)
{
    const char *from = data;

    while (bytes) {
        event_clear(port);
        uint32_t used = ring->req_prod - ring->req_cons;
        if (used > XENSTORE_RING_SIZE)
            return fail();
        if (used == XENSTORE_RING_SIZE) {
            if (!wait_for_store(until))
                return fail();
            continue;
        }
        ring->req[MASK_XENSTORE_IDX(ring->req_prod)] = *from++;
        __atomic_thread_fence(__ATOMIC_RELEASE);
        ring->req_prod = ring->req_prod + 1;
        bytes--;
    }
    event_send(port);
    return true;
}

/* NULL: the bytes are dropped. */
static bool receive(void *data, uint32_t bytes, uint64_t until)
{
    char *to = data;

    while (bytes) {
        event_clear(port);
        uint32_t there = ring->rsp_prod - ring->rsp_cons;
        if (there > XENSTORE_RING_SIZE)
            return fail();
        if (!there) {
            event_send(port);
            if (!wait_for_store(until))
                return fail();
            continue;
        }
        char byte = ring->rsp[MASK_XENSTORE_IDX(ring->rsp_cons)];
        __atomic_thread_fence(__ATOMIC_RELEASE);
        ring->rsp_cons = ring->rsp_cons + 1;
        if (to)
            *to++ = byte;
        bytes--;
    }
    event_send(port);
    return true;
}

/* The header of the next answer; what the store says by itself is noted on the way. */
static bool receive_header(struct xsd_sockmsg *header, uint64_t until)
{
    for (;;) {
        if (!receive(header, sizeof(*header), until))
            return false;
        if (header->len > XENSTORE_PAYLOAD_MAX)
            return fail();
        if (header->type != XS_WATCH_EVENT)
            return true;
        changed = true;
        if (!receive(NULL, header->len, until))
            return false;
    }
}

/* A request of one or two texts; the answer, cut off and with a NUL; its length or -Exxx. */
static int ask(uint32_t type, const char *path, const char *value, char *answer, uint32_t size)
{
    static uint32_t number;
    uint32_t path_bytes = (uint32_t)strlen(path) + 1;
    uint32_t value_bytes = value ? (uint32_t)strlen(value) + (type == XS_WATCH) : 0;
    struct xsd_sockmsg header = {type, ++number, 0, path_bytes + value_bytes};
    uint64_t until = arch_clock() + ANSWER_TIME;

    if (!ring || !send(&header, sizeof(header), until) || !send(path, path_bytes, until) ||
        !send(value, value_bytes, until) || !receive_header(&header, until))
        return -EIO;
    if (header.req_id != number) {
        fail();
        return -EIO;
    }
    uint32_t kept = MIN(header.len, size - 1);
    if (!receive(answer, kept, until) || !receive(NULL, header.len - kept, until))
        return -EIO;
    answer[kept] = '\0';
    return header.type == type ? (int)kept : -ENOENT;
}

static void join(char path[256], const char *directory, const char *name)
{
    format(path, 256, "%s/%s", directory, name);
}

int xenbus_read(const char *directory, const char *name, char *value, uint32_t size)
{
    char path[256];

    join(path, directory, name);
    return ask(XS_READ, path, NULL, value, size);
}

int xenbus_write(const char *directory, const char *name, const char *value)
{
    char path[256], answer[16];

    join(path, directory, name);
    int length = ask(XS_WRITE, path, value, answer, sizeof(answer));
    return length < 0 ? length : 0;
}

int xenbus_list(const char *directory, char *names, uint32_t size)
{
    return ask(XS_DIRECTORY, directory, NULL, names, size);
}

bool xenbus_watch(const char *path)
{
    char answer[16];

    return ask(XS_WATCH, path, "watch", answer, sizeof(answer)) >= 0;
}

/* Takes what the store has said by itself. */
static void take_changes(void)
{
    uint64_t until = arch_clock() + ANSWER_TIME;

    while (ring && ring->rsp_prod != ring->rsp_cons) {
        struct xsd_sockmsg header;

        if (!receive(&header, sizeof(header), until))
            return;
        if (header.type != XS_WATCH_EVENT || header.len > XENSTORE_PAYLOAD_MAX) {
            fail();
            return;
        }
        changed = true;
        receive(NULL, header.len, until);
    }
}

/* Nobody waits for an answer. What comes while one is waited for is read afterwards. */
static void happened(evtchn_port_t its_port)
{
    (void)its_port;
    take_changes();
    while (ring && changed) {
        changed = false;
        when_changed();
        take_changes();
    }
}

void xenbus_listen(void (*look)(void))
{
    when_changed = look;
    event_bind(port, happened);
    event_unmask(port);
    event_raise(port); /* what has come already */
}

uint64_t xenbus_number(const char *directory, const char *name)
{
    char text[32];
    uint64_t value = 0;

    if (xenbus_read(directory, name, text, sizeof(text)) < 0)
        return 0;
    for (const char *c = text; *c >= '0' && *c <= '9'; c++)
        value = value * 10 + (uint64_t)(*c - '0');
    return value;
}

int xenbus_put_number(const char *directory, const char *name, uint32_t value)
{
    char text[16];

    format(text, sizeof(text), "%u", value);
    return xenbus_write(directory, name, text);
}

bool xenbus_wait_for_back(const char *back)
{
    uint64_t until = arch_clock() + BACK_TIME;

    for (;;) {
        uint64_t state = xenbus_number(back, "state");
        struct sched_poll poll = {.timeout = arch_clock() + LOOK_AGAIN};

        if (state == XenbusStateConnected)
            return true;
        if (state >= XenbusStateClosing || arch_clock() > until)
            return false;
        HYPERCALL_2(sched_op, SCHEDOP_poll, &poll);
    }
}
