/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a front end of a network may do wrong, and only harm itself: every packet that cannot be is
 * answered for each of its slots, nothing of it reaches a neighbour, no grant stays in use, and the
 * rings work afterwards.
 *
 * After published advisories: counters beyond the ring (XSA-39), chains without an end (90, 374),
 * grants that are refused (361, 362, 365, 367), empty fragments (448), headers split over slots
 * (423, 432), deadlock on a drop (424), a receiver without buffers (392), connections that come and
 * go (350), events without work (332).
 */
#include "tests/guest/kit/net.h"

#define FIRST   20 /* entries of the grant table */
#define SECOND  (FIRST + NET_GRANTS)
#define NOBODYS (SECOND + NET_GRANTS) /* gives nothing */
#define OTHERS  (NOBODYS + 1)         /* to another domain */
#define TABLE   (NOBODYS + 2)         /* a page table's frame */
#define FOREIGN (NOBODYS + 3)         /* a frame that is not ours */
#define GOOD    (FIRST + 2)           /* the first page to send from */
#define MORE    NETTXF_more_data
#define EXTRA   NETTXF_extra_info
#define BLANK   NETTXF_csum_blank
#define NO_ROW  0x7fff
#define MOST    20 /* slots of a row */
#define OK      NETIF_RSP_OKAY
#define ERROR   NETIF_RSP_ERROR
#define DROPPED NETIF_RSP_DROPPED

static struct net_end end, neighbour;
static uint8_t packet[2048];

struct slot {
    unsigned flags, offset, size;
    grant_ref_t ref;
};

/* Slots, up to one of size NO_ROW; each is answered with `answer`. */
static const struct row {
    const char *what;
    int answer;
    struct slot slot[5];
} rows[] = {
    {"nothing", ERROR, {{0, 0, 0, GOOD}}},
    {"less than a header", ERROR, {{0, 0, 13, GOOD}}},
    {"more than a frame", ERROR, {{0, 0, 1519, GOOD}}},
    {"a page", ERROR, {{0, 0, 4096, GOOD}}},
    {"65535 bytes", ERROR, {{0, 0, 65535, GOOD}}},
    {"over the page's end", ERROR, {{0, 4000, 100, GOOD}}},
    {"at the page's end", ERROR, {{0, 4096, 60, GOOD}}},
    {"at 65535", ERROR, {{0, 65535, 60, GOOD}}},
    {"a grant that is none", ERROR, {{0, 0, 60, NOBODYS}}},
    {"a grant to another domain", ERROR, {{0, 0, 60, OTHERS}}},
    {"somebody else's frame", ERROR, {{0, 0, 60, FOREIGN}}},
    {"a reference beyond the table", ERROR, {{0, 0, 60, 0x10000}}},
    {"the last reference", ERROR, {{0, 0, 60, ~0u}}},
    {"the second of two a grant that is none", ERROR, {{MORE, 0, 60, GOOD}, {0, 0, 20, NOBODYS}}},
    {"an empty fragment", ERROR, {{MORE, 0, 60, GOOD}, {MORE, 0, 0, GOOD}, {0, 0, 20, GOOD}}},
    {"an empty fragment at the end", ERROR, {{MORE, 0, 60, GOOD}, {0, 0, 0, GOOD}}},
    {"fragments of the whole size", ERROR, {{MORE, 0, 60, GOOD}, {0, 0, 60, GOOD}}},
    {"fragments of more than it", ERROR, {{MORE, 0, 60, GOOD}, {0, 0, 4096, GOOD}}},
    {"sizes around the end of numbers",
     ERROR,
     {{MORE, 0, 60, GOOD}, {MORE, 0, 65535, GOOD}, {0, 0, 21, GOOD}}},
    {"a fragment over its page's end", ERROR, {{MORE, 0, 60, GOOD}, {0, 4090, 20, GOOD}}},
    {"a sum in what is no IP", ERROR, {{BLANK, 0, 60, GOOD}}},
    {"a false sender", DROPPED, {{0, 100, 60, GOOD}}},
    {"a page table to send from", DROPPED, {{0, 0, 60, TABLE}}},
    {"a header in four pieces",
     OK,
     {{MORE, 0, 60, GOOD}, {MORE, 5, 1, GOOD}, {MORE, 6, 6, GOOD}, {0, 12, 48, GOOD}}},
};

static unsigned slots_of(const struct row *row, struct netif_tx_request *requests)
{
    unsigned n = 0;

    do {
        const struct slot *s = &row->slot[n];

        requests[n] = (struct netif_tx_request){.gref = s->ref,
                                                .offset = (uint16_t)s->offset,
                                                .flags = (uint16_t)s->flags,
                                                .id = (uint16_t)(7000 + n),
                                                .size = (uint16_t)s->size};
    } while (row->slot[n++].flags & MORE);
    return n;
}

static void check_at_rest(const char *what)
{
    for (grant_ref_t ref = FIRST + 2; ref <= FOREIGN; ref++) {
        if (ref == SECOND || ref == SECOND + 1)
            continue;
        check(!(grant_table()[ref].flags & (GTF_reading | GTF_writing)),
              "%s: entry %u stays in use", what, ref);
    }
}

/* A packet to the neighbour, from us; type 0x1234. */
static void write_packet(unsigned bytes)
{
    memcpy(packet, neighbour.mac, 6);
    memcpy(packet + 6, end.mac, 6);
    packet[12] = 0x12;
    packet[13] = 0x34;
    for (unsigned i = 14; i < bytes; i++)
        packet[i] = (uint8_t)(i * 3);
    memcpy(end.out[0], packet, bytes);
}

static bool arrives(unsigned bytes)
{
    static uint8_t got[2048];

    return net_receive(&neighbour, got, 200) == (int)bytes && memcmp(got, packet, bytes) == 0;
}

static void works(const char *what)
{
    write_packet(100);
    check_equal(what, net_send(&end, packet, 100), OK);
    check(arrives(100), "%s: and then a packet does not arrive", what);
}

static void wrong_packets(void)
{
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct xenolith_io_vif_statistics before = net_statistics(&end), after;
        struct netif_tx_request requests[5];
        unsigned n = slots_of(&rows[i], requests);
        bool passes = rows[i].answer == OK;

        write_packet(60);
        net_put(&end, requests, n);
        for (unsigned s = 0; s < n; s++) {
            uint16_t id = 0;

            check_equal(rows[i].what, net_answer(&end, &id), rows[i].answer);
            expect(id, 7000 + s);
        }
        check_at_rest(rows[i].what);
        after = net_statistics(&end);
        expect(after.requests - before.requests, n);
        expect(after.responses - before.responses, n);
        expect(after.refused - before.refused, rows[i].answer == ERROR);
        expect(after.sent_packets - before.sent_packets, passes);
        expect(after.in_flight, 0);
        if (passes)
            check(arrives(60), "%s: it does not arrive", rows[i].what);
        works(rows[i].what);
    }
}

/* Rules against false senders: an address of IP, by IP and by ARP; no other protocol. */
static void filters(void)
{
    static const struct {
        const char *what;
        uint8_t type[2], at, first, answer_ok;
    } filtered[] = {
        {"its own address", {8, 0}, 26, 10, 1},    {"another address", {8, 0}, 26, 11, 0},
        {"its own by ARP", {8, 6}, 28, 10, 1},     {"another by ARP", {8, 6}, 28, 11, 0},
        {"no address yet", {8, 0}, 26, 0, 1},      {"IPv6", {0x86, 0xdd}, 26, 10, 0},
        {"a short IP packet", {8, 0}, 255, 10, 0},
    };
    struct xenolith_io_op op;

    expect(net_disconnect(&end), 0);
    net_make(&end, 1, FIRST);
    op = net_connection(&end);
    op.vif.addresses = 1;
    memcpy(op.vif.address[0], "\12\1\2\3", 4);
    expect(io_op(&op), 0);
    for (unsigned i = 0; i < sizeof(filtered) / sizeof(filtered[0]); i++) {
        unsigned bytes = filtered[i].at == 255 ? 33 : 60;

        write_packet(60);
        memcpy(packet + 12, filtered[i].type, 2);
        memset(packet + 14, 0, 40);
        memcpy(packet + 22, end.mac, 6);
        if (filtered[i].at != 255) {
            memcpy(packet + filtered[i].at, filtered[i].first ? "\12\1\2\3" : "\0\0\0", 4);
            packet[filtered[i].at] = filtered[i].first;
        }
        check_equal(filtered[i].what, net_send(&end, packet, bytes),
                    filtered[i].answer_ok ? OK : DROPPED);
        check_equal(filtered[i].what, arrives(bytes), filtered[i].answer_ok);
    }
    expect(net_disconnect(&end), 0);
    net_make(&end, 1, FIRST);
    expect(net_connect(&end, 0), 0);
    works("filters");
}

/* Chains after which nobody knows where a packet begins: the ring is not looked at any more. */
static void broken_rings(void)
{
    struct netif_tx_request good = {.gref = GOOD, .id = 1, .size = 60};

    for (unsigned way = 0; way < 6; way++) {
        struct netif_tx_request requests[MOST];
        unsigned n = way == 0 ? 1 : way == 1 ? 19 : 3;
        uint16_t id;

        for (unsigned i = 0; i < MOST; i++) {
            requests[i] = good;
            requests[i].flags = MORE;
            requests[i].size = i ? 1 : 60;
        }
        if (way == 2 || way == 3) { /* extra information without an end, or of no kind */
            requests[0].flags = EXTRA;
            for (unsigned i = 1; i < MOST; i++)
                *(struct netif_extra_info *)(void *)&requests[i] =
                    (struct netif_extra_info){.type = way == 2 ? XEN_NETIF_EXTRA_TYPE_GSO : 77,
                                              .flags = XEN_NETIF_EXTRA_FLAG_MORE};
            n = way == 2 ? MOST : 3;
        }
        write_packet(60);
        if (way == 4)
            end.tx->req_prod = end.sent + NET_SLOTS + 1;
        if (way == 5)
            end.tx->req_prod = end.sent - 1;
        if (way >= 4)
            event_send(end.port);
        else
            net_put(&end, requests, n);
        expect(net_answer(&end, &id), NO_ANSWER);
        end.tx->req_prod = end.sent;
        good.flags = 0;
        net_put(&end, &good, 1);
        expect(net_answer(&end, &id), NO_ANSWER);
        check_at_rest("a broken ring");
        expect(net_disconnect(&end), 0);
        net_make(&end, 1, FIRST);
        expect(net_connect(&end, 0), 0);
        works("a broken ring, connected anew");
    }
}

/* Extra information that is no use here: the packet is refused, the extra slots are answered. */
static void extras(void)
{
    struct netif_tx_request requests[2] = {{.gref = GOOD, .id = 5, .size = 60, .flags = EXTRA}};
    uint16_t id = 0;

    *(struct netif_extra_info *)(void *)&requests[1] =
        (struct netif_extra_info){.type = XEN_NETIF_EXTRA_TYPE_GSO};
    write_packet(60);
    net_put(&end, requests, 2);
    expect(net_answer(&end, &id), ERROR);
    expect(id, 5);
    expect(net_answer(&end, &id), NETIF_RSP_NULL);
    works("extra information");
}

/* ---- receiving --------------------------------------------------------------------------------
 */

static void bad_buffers(void)
{
    static const struct {
        const char *what;
        grant_ref_t ref;
    } buffers[] = {{"none", NOBODYS},       {"another domain's", OTHERS},
                   {"a page table", TABLE}, {"somebody else's", FOREIGN},
                   {"read-only", GOOD},     {"beyond", 0x10000},
                   {"the last", ~0u},       {"its ring", SECOND + 1}};
    uint8_t got[100];

    expect(net_disconnect(&neighbour), 0);
    for (unsigned i = 0; i < sizeof(buffers) / sizeof(buffers[0]); i++) {
        bool ring = buffers[i].ref == SECOND + 1;

        net_make(&neighbour, 2, SECOND);
        expect(net_connect(&neighbour, 0), 0);
        write_packet(60);
        neighbour.rx->ring[0].req = (struct netif_rx_request){.id = 3, .gref = buffers[i].ref};
        neighbour.rx->req_prod = neighbour.offered = 1;
        check_equal(buffers[i].what, net_send(&end, packet, 60), OK);
        if (ring) /* it gets what it asked for: its own ring is overwritten */
            expect(net_statistics(&neighbour).copied, 1);
        else
            check_equal(buffers[i].what, net_receive(&neighbour, got, 100), ERROR);
        expect(net_statistics(&neighbour).dropped[XENOLITH_IO_DROP_BUFFER], !ring);
        check_at_rest(buffers[i].what);
        expect(net_disconnect(&neighbour), 0);
    }
    net_make(&neighbour, 2, SECOND);
    expect(net_connect(&neighbour, 0), 0);
    net_offer_all(&neighbour);
    works("bad buffers");
}

/* Entries that accept no frame, or not from us, or one frame already; and numbers beyond. */
static void bad_exchanges(void)
{
    static const struct {
        const char *what;
        uint16_t flags;
        domid_t from;
        grant_ref_t ref;
    } entries[] = {{"a permission", GTF_permit_access, 0, NOBODYS},
                   {"nothing", 0, 0, NOBODYS},
                   {"from another", GTF_accept_transfer, 5, NOBODYS},
                   {"committed", GTF_accept_transfer | GTF_transfer_committed, 0, NOBODYS},
                   {"beyond", GTF_accept_transfer, 0, 0x10000}};
    uint8_t got[100];

    expect(net_disconnect(&neighbour), 0);
    for (unsigned i = 0; i < sizeof(entries) / sizeof(entries[0]); i++) {
        net_make(&neighbour, 2, SECOND);
        expect(net_connect(&neighbour, XENOLITH_IO_VIF_FLIP), 0);
        neighbour.flip = false; /* nothing is given up */
        write_packet(60);
        grant_table()[NOBODYS].domid = entries[i].from;
        grant_table()[NOBODYS].flags = entries[i].flags;
        neighbour.rx->ring[0].req = (struct netif_rx_request){.id = 3, .gref = entries[i].ref};
        neighbour.rx->req_prod = neighbour.offered = 1;
        check_equal(entries[i].what, net_send(&end, packet, 60), OK);
        check_equal(entries[i].what, net_receive(&neighbour, got, 100), ERROR);
        expect(net_statistics(&neighbour).exchanged, 0);
        grant_table()[NOBODYS].flags = 0;
        expect(net_disconnect(&neighbour), 0);
    }
    net_make(&neighbour, 2, SECOND);
    expect(net_connect(&neighbour, 0), 0);
    net_offer_all(&neighbour);
    works("bad exchanges");
}

/* Who offers no buffers gets nothing and holds up nobody; nor does one whose ring is broken. */
static void no_buffers(void)
{
    struct xenolith_io_vif_statistics counts;

    expect(net_disconnect(&neighbour), 0);
    net_make(&neighbour, 2, SECOND);
    expect(net_connect(&neighbour, 0), 0);
    write_packet(60);
    for (unsigned i = 0; i < 600; i++)
        expect(net_send(&end, packet, 60), OK);
    counts = net_statistics(&neighbour);
    expect(counts.dropped[XENOLITH_IO_DROP_NO_BUFFER], 600);
    expect(counts.received_packets, 0);
    neighbour.rx->req_prod = NET_SLOTS + 1;
    expect(net_send(&end, packet, 60), OK);
    neighbour.rx->req_prod = 0;
    net_offer_all(&neighbour);
    expect(net_send(&end, packet, 60), OK);
    expect(net_statistics(&neighbour).received_packets, 0);
    expect(net_disconnect(&neighbour), 0);
    net_make(&neighbour, 2, SECOND);
    expect(net_connect(&neighbour, 0), 0);
    net_offer_all(&neighbour);
    works("no buffers");
}

/* ---- both -------------------------------------------------------------------------------------
 */

static void credit(void)
{
    struct xenolith_io_op op;
    uint64_t began;

    expect(net_disconnect(&end), 0);
    net_make(&end, 1, FIRST);
    op = net_connection(&end);
    op.vif.credit_bytes = 200;
    op.vif.credit_us = 10000;
    expect(io_op(&op), 0);
    write_packet(100);
    began = now();
    for (unsigned i = 0; i < 10; i++) /* two in each 10 ms */
        expect(net_send(&end, packet, 100), OK);
    check(now() - began >= 40 * MS, "ten packets took %u ns", (unsigned)(now() - began));
    check(now() - began < 80 * MS, "ten packets took %u ns", (unsigned)(now() - began));
    check(net_statistics(&end).waited_for_credit >= 4, "it did not wait");
    expect(net_disconnect(&end), 0);
    net_make(&end, 1, FIRST);
    expect(net_connect(&end, 0), 0);
    expect(net_disconnect(&neighbour), 0);
    net_make(&neighbour, 2, SECOND);
    expect(net_connect(&neighbour, 0), 0);
    net_offer_all(&neighbour);
}

static void events(void)
{
    struct xenolith_io_vif_statistics before = net_statistics(&end), after;

    for (unsigned i = 0; i < 5000; i++)
        event_send(end.port);
    after = net_statistics(&end);
    expect(after.requests, before.requests);
    expect(after.responses, before.responses);
}

/* Port and grants go, by force: the rings are served no more events, and can be ended. */
static void taken_away(void)
{
    struct netif_tx_request good = {.gref = GOOD, .id = 1, .size = 60};

    expect(event_close(end.port), 0);
    expect(event_send(end.port), -EINVAL);
    grant_table()[FIRST].flags = grant_table()[FIRST + 1].flags = 0;
    end.tx->ring[end.sent++ % NET_SLOTS].req = good;
    end.tx->req_prod = end.sent;
    write_packet(60);
    expect(net_send(&neighbour, packet, 60), DROPPED);
    expect(net_disconnect(&end), 0);
    end = (struct net_end){0};
}

static void flapping(void)
{
    struct netif_tx_request good = {.gref = GOOD, .id = 1, .size = 60};

    for (unsigned i = 0; i < 100; i++) {
        net_make(&end, 1, FIRST);
        expect(net_connect(&end, 0), 0);
        write_packet(60);
        if (i % 2)
            end.out[0][0] ^= 0x40; /* to the wire: and gone before it is sent */
        net_put(&end, &good, 1);
        expect(net_disconnect(&end), 0);
        expect(grant_table()[FIRST].flags, GTF_permit_access);
        expect(grant_table()[GOOD].flags, GTF_permit_access | GTF_readonly);
    }
}

void test(void)
{
    if (!privileged) {
        struct xenolith_io_op op = {.command = XENOLITH_IO_VIF_CONNECT};

        expect(io_op(&op), -EPERM);
        return;
    }
    net_make(&end, 1, FIRST);
    net_make(&neighbour, 2, SECOND);
    grant_give(NOBODYS, 0, end.out[1], GTF_invalid);
    grant_give(OTHERS, 5, end.out[1], GTF_permit_access);
    grant_give(TABLE, 0, base_table(), GTF_permit_access);
    grant_give(FOREIGN, 0, end.out[1], GTF_permit_access);
    grant_table()[FOREIGN].frame = 1;
    expect(net_connect(&end, 0), 0);
    expect(net_connect(&neighbour, 0), 0);
    net_offer_all(&neighbour);
    wrong_packets();
    filters();
    broken_rings();
    extras();
    bad_buffers();
    bad_exchanges();
    no_buffers();
    credit();
    events();
    taken_away();
    flapping();
}
