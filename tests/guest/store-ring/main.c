/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The store's ring of a created domain: requests and their answers, rights, a watch, a transaction,
 * a message that breaks the protocol and the new start after it. If nobody keeps a store, requests
 * stay in the ring.
 */
#include "tests/guest/kit/kit.h"
#include <xen/io/xs_wire.h>

static volatile struct xenstore_domain_interface *ring;
static uint32_t port;
static char reply[XENSTORE_PAYLOAD_MAX + 1];

static void wait(void)
{
    struct sched_poll poll = {.nr_ports = 1, .timeout = now() + 100 * MS};

    set_xen_guest_handle(poll.ports, &port);
    event_clear(port);
    HYPERCALL(sched_op, SCHEDOP_poll, &poll);
}

static void put(const void *data, uint32_t bytes)
{
    const char *from = data;

    for (uint32_t i = 0; i < bytes; i++) {
        for (unsigned n = 0; n < 50 && ring->req_prod - ring->req_cons == XENSTORE_RING_SIZE; n++) {
            event_send(port);
            wait();
        }
        ring->req[MASK_XENSTORE_IDX(ring->req_prod)] = from[i];
        asm volatile("" ::: "memory");
        ring->req_prod = ring->req_prod + 1;
    }
}

static bool take(void *to, uint32_t bytes)
{
    char *text = to;

    for (uint32_t i = 0; i < bytes; i++) {
        for (unsigned n = 0; n < 50 && ring->rsp_prod == ring->rsp_cons; n++) {
            event_send(port);
            wait();
        }
        if (ring->rsp_prod == ring->rsp_cons)
            return false;
        text[i] = ring->rsp[MASK_XENSTORE_IDX(ring->rsp_cons)];
        asm volatile("" ::: "memory");
        ring->rsp_cons = ring->rsp_cons + 1;
    }
    return true;
}

/* The next message's type, its payload in `reply`. */
static uint32_t receive(void)
{
    struct xsd_sockmsg header;

    if (!take(&header, sizeof(header)) || header.len > XENSTORE_PAYLOAD_MAX ||
        !take(reply, header.len))
        give_up("no message comes");
    reply[header.len] = '\0';
    event_send(port);
    return header.type;
}

/* Sends a request, with '|' for NUL in its payload, and takes the answer. */
static uint32_t ask(uint32_t type, uint32_t tx, const char *payload)
{
    static char bytes[256];
    struct xsd_sockmsg header = {type, 1, tx, 0};

    for (; payload[header.len]; header.len++)
        bytes[header.len] = payload[header.len] == '|' ? '\0' : payload[header.len];
    put(&header, sizeof(header));
    put(bytes, header.len);
    event_send(port);
    return receive();
}

static void expect_reply(uint32_t type, uint32_t tx, const char *payload, const char *wanted)
{
    uint32_t got = ask(type, tx, payload);
    bool error = wanted[0] == '!';

    check((got == XS_ERROR) == error && strcmp(reply, wanted + error) == 0, "%s: %s, not %s",
          payload, reply, wanted);
}

static void new_start(void)
{
    struct xsd_sockmsg header = {XS_READ, 1, 0, XENSTORE_PAYLOAD_MAX + 1};

    if (!(ring->server_features & XENSTORE_SERVER_FEATURE_RECONNECTION))
        return;
    put(&header, sizeof(header));
    event_send(port);
    for (unsigned n = 0; n < 50 && !ring->error; n++)
        wait();
    check(ring->error == XENSTORE_ERROR_PROTO, "error is %u", ring->error);
    ring->connection = XENSTORE_RECONNECT;
    event_send(port);
    for (unsigned n = 0; n < 50 && ring->connection != XENSTORE_CONNECTED; n++)
        wait();
    check(ring->connection == XENSTORE_CONNECTED, "there is no new start");
    expect_reply(XS_GET_DOMAIN_PATH, 0, "1|", "/local/domain/1");
}

void test(void)
{
    struct evtchn_status status = {.dom = DOMID_SELF};
    struct xsd_sockmsg header = {XS_DIRECTORY, 1, 0, 2};

    if (privileged) {
        check(true, "Domain 0 has no ring");
        return;
    }
    ring = (void *)(VIRT_BASE + machine_to_phys_mapping[start->store_mfn] * 0x1000);
    port = status.port = start->store_evtchn;
    expect(event_op(EVTCHNOP_status, &status), 0);
    if (status.status == EVTCHNSTAT_unbound) {
        put(&header, sizeof(header));
        expect(event_send(port), 0);
        wait();
        check(ring->req_cons == 0, "nobody is there, and yet it was taken");
        return;
    }
    expect_reply(XS_READ, 0, "name|", "guest");
    expect_reply(XS_READ, 0, "memory/target|", "16384");
    check(ask(XS_READ, 0, "domid|") == XS_READ && reply[0] >= '1', "domid is %s", reply);
    check(ask(XS_READ, 0, "vm|") == XS_READ && starts_with(reply, "/vm/"), "vm is %s", reply);
    check(ask(XS_READ, 0, "console/ring-ref|") == XS_READ, "console/ring-ref: %s", reply);
    expect_reply(XS_READ, 0, "absent|", "!ENOENT");
    expect_reply(XS_WRITE, 0, "name|other", "!EACCES");
    expect_reply(XS_WRITE, 0, "control/feature-poweroff|1", "OK");
    expect_reply(XS_WRITE, 0, "control/feature-reboot|1", "OK");
    expect_reply(XS_WRITE, 0, "control/feature-suspend|0", "OK");
    expect_reply(XS_WRITE, 0, "control/sysrq|", "OK");
    expect_reply(XS_READ, 0, "control/feature-poweroff|", "1");
    expect_reply(XS_WRITE, 0, "control/feature-other|1", "!EACCES");
    expect_reply(XS_WRITE, 0, "control/platform-feature-xs_reset_watches|0", "!EACCES");
    expect_reply(XS_READ, 0, "/local/domain/0/name|", "!EACCES");
    expect_reply(XS_RM, 0, "/local/domain/0|", "!EACCES");
    expect_reply(XS_INTRODUCE, 0, "5|1|1|", "!EACCES");
    expect_reply(XS_RELEASE, 0, "1|", "!EACCES");
    expect_reply(77, 0, "|", "!ENOSYS");
    expect_reply(XS_READ, 5, "name|", "!ENOENT");

    expect_reply(XS_WRITE, 0, "data/x|1", "OK");
    expect_reply(XS_READ, 0, "data/x|", "1");
    expect_reply(XS_WATCH, 0, "data|token|", "OK");
    check(receive() == XS_WATCH_EVENT && strcmp(reply, "data") == 0, "first event: %s", reply);
    check(strcmp(reply + 5, "token") == 0, "its token: %s", reply + 5);
    expect_reply(XS_WRITE, 0, "data/y|2", "OK");
    check(receive() == XS_WATCH_EVENT && strcmp(reply, "data/y") == 0, "event: %s", reply);

    expect_reply(XS_TRANSACTION_START, 0, "|", "1");
    expect_reply(XS_WRITE, 1, "data/z|3", "OK");
    expect_reply(XS_READ, 0, "data/z|", "!ENOENT");
    expect_reply(XS_TRANSACTION_END, 1, "T|", "OK");
    check(receive() == XS_WATCH_EVENT && strcmp(reply, "data/z") == 0, "event: %s", reply);
    expect_reply(XS_READ, 0, "data/z|", "3");
    new_start();
}
