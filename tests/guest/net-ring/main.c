/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Domain 0 gives itself interfaces: pings go out to the machine's network and come back, and from
 * one interface to another, by copy and by exchange of pages; what was done is counted.
 */
#include "tests/guest/kit/net.h"

static const uint8_t host[4] = {10, 0, 2, 2}, own[4] = {10, 0, 2, 15}, others[4] = {10, 0, 2, 16};
static struct net_end first, second;
static uint8_t mac[6];

static void not_for_all(void)
{
    struct xenolith_io_op op = {.command = XENOLITH_IO_NIC};

    expect(io_op(&op), -EPERM);
    op.command = XENOLITH_IO_VIF_CONNECT;
    expect(io_op(&op), -EPERM);
}

static long reservation(void)
{
    domid_t id = DOMID_SELF;

    return HYPERCALL(memory_op, XENMEM_current_reservation, &id);
}

/* What cannot be connected: one thing is wrong in each row. */
static void refused_connections(void)
{
    struct xenolith_io_op good = net_connection(&second), op;

#define REFUSED(change, error)                                                                     \
    op = good;                                                                                     \
    change;                                                                                        \
    check_equal(#change, io_op(&op), error)
    REFUSED(op.domain = 77, -ESRCH);
    REFUSED(op.domain = 0xffffffff, -ESRCH);
    REFUSED(op.vif.tx_ring = 0xffffffff, -EINVAL);
    REFUSED(op.vif.rx_ring = 0xffffffff, -EINVAL);
    REFUSED(op.vif.tx_ring = net_out_ref(&second, 0), -EINVAL); /* read-only */
    REFUSED(op.vif.rx_ring = net_out_ref(&second, 0), -EINVAL);
    REFUSED(op.vif.port = second.port + 1, -EINVAL);
    REFUSED(op.vif.port = 0xffffffff, -EINVAL);
    REFUSED(op.vif.flags = 4, -EINVAL);
    REFUSED(op.vif.addresses = XENOLITH_IO_VIF_ADDRESSES + 1, -EINVAL);
    REFUSED(op.vif.credit_bytes = 1, -EINVAL);
    REFUSED(op.vif.mac[0] = 1, -EINVAL);
    REFUSED(memset(op.vif.mac, 0, 6), -EINVAL);
    REFUSED(memcpy(op.vif.mac, first.mac, 6), -EEXIST);
    REFUSED(op.handle = first.handle, -EEXIST);
#undef REFUSED
    expect(grant_table()[second.ref].flags, GTF_permit_access); /* none of them uses it */
    expect(grant_table()[second.ref + 1].flags, GTF_permit_access);
}

static void to_the_wire(unsigned flags)
{
    static const unsigned sizes[] = {0, 1, 17, 18, 19, 56, 100, 1000, 1471, 1472};
    struct xenolith_io_vif_statistics counts;
    unsigned answered = 0, asked = 1;
    long pages = reservation();

    net_make(&first, 1, 20);
    expect(net_connect(&first, flags), 0);
    net_offer_all(&first);
    /* QEMU's card receives nothing in its first second. */
    while (!net_resolve(&first, own, host, mac, NULL) && asked < 10)
        asked++;
    check(asked < 10, "the host does not answer ARP");
    expect(memcmp(mac, "\x52\x55\x0a\0\2\2", 6), 0);
    for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        check(net_ping(&first, own, host, mac, sizes[i], NULL), "no echo of %u bytes", sizes[i]);
    for (unsigned i = 0; i < 300; i++)
        answered += net_ping(&first, own, host, mac, 56, NULL);
    expect(answered, 300);
    counts = net_statistics(&first);
    expect(counts.requests, 310 + asked);
    expect(counts.responses, 310 + asked);
    expect(counts.refused, 0);
    expect(counts.sent_packets, 310 + asked);
    expect(counts.received_packets >= 311, 1); /* others on the network may say something, too */
    expect(counts.buffers, counts.received_packets);
    expect(counts.copied, flags ? 0 : counts.received_packets);
    expect(counts.exchanged, flags ? counts.received_packets : 0);
    expect(counts.in_flight, 0);
    expect(net_disconnect(&first), 0);
    expect(net_disconnect(&first), -ESRCH);
    expect(reservation(), pages);
}

static void to_each_other(unsigned flags)
{
    unsigned answered = 0;

    net_make(&first, 1, 20);
    net_make(&second, 2, 20 + NET_GRANTS);
    expect(net_connect(&first, 0), 0);
    refused_connections();
    expect(net_connect(&second, flags), 0);
    expect(net_connect(&second, flags), -EEXIST);
    net_offer_all(&first);
    net_offer_all(&second);
    check(net_resolve(&first, own, others, mac, &second), "the other one does not answer ARP");
    expect(memcmp(mac, second.mac, 6), 0);
    for (unsigned i = 0; i < 300; i++)
        answered += net_ping(&first, own, others, mac, i * 5 % 1473, &second);
    expect(answered, 300);
    check(net_flags() & NETRXF_data_validated, "what was not on the wire may be damaged");
    expect(net_statistics(&second).received_packets, 301);
    expect(net_disconnect(&second), 0);
    expect(net_disconnect(&first), 0);
}

void test(void)
{
    struct xenolith_io_op op = {.command = XENOLITH_IO_NIC};

    if (!privileged) {
        not_for_all();
        return;
    }
    expect(io_op(&op), 0);
    expect(op.vif.mac[0] & 1, 0);
    to_the_wire(0);
    to_the_wire(XENOLITH_IO_VIF_FLIP);
    to_each_other(0);
    to_each_other(XENOLITH_IO_VIF_FLIP);
}
