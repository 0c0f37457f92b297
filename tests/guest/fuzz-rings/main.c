/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random operations on both kinds of rings, beside a neighbour who behaves well: whatever the
 * hostile ends do, the neighbour's packets arrive as they were sent, its sectors are what they
 * were, and in the end nothing is in use any more.
 *
 * The hostile ends' rings, grants, counters, ports and connections change at random; half of the
 * requests are nearly right, so that they come far. The command line may say `operations=N` and
 * `seed=N` (make fuzz-rings); what was done follows from the seed alone.
 */
#define __XEN_TOOLS__ 1
#include "tests/guest/kit/net.h"
#include <xen/domctl.h>

#define FIRST              20 /* entries of the grant table */
#define SECOND             (FIRST + NET_GRANTS)
#define THIRD              (SECOND + NET_GRANTS)
#define GOOD_DISK          (THIRD + NET_GRANTS) /* the neighbour's ring and page */
#define BAD_DISK           (GOOD_DISK + 2)      /* the hostile one's, and its pages */
#define BAD_PAGES          4
#define STRANGE            (BAD_DISK + 1 + BAD_PAGES) /* table, foreign, none, another's */
#define ENTRIES            (STRANGE + 4)
#define DEFAULT_OPERATIONS 4000
#define HANDLE             7

static struct net_end hostile, giver, taker;
static struct block_end bad_disk, good_disk;
static bool net_connected, disk_connected;
static char *bad_page[BAD_PAGES], *good_page;
static uint32_t seed = 1;
static unsigned packets, blocks;

static uint32_t next_random(uint32_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed % below;
}

/* One time in so many. */
static bool seldom(uint32_t times)
{
    return next_random(times) == 0;
}

/* ---- the neighbour ----------------------------------------------------------------------------
 */

static void one_packet(void)
{
    static uint8_t out[1514], in[2048];
    unsigned bytes = 60 + next_random(1455);
    int length;

    memcpy(out, taker.mac, 6);
    memcpy(out + 6, giver.mac, 6);
    out[12] = 0x12;
    out[13] = 0x34;
    for (unsigned i = 14; i < bytes; i++)
        out[i] = (uint8_t)(i * 3 + packets);
    while (net_receive(&taker, in, 0) >= 0) /* the hostile one sends to it, too */
        ;
    check_equal("a neighbour's packet is sent", net_send(&giver, out, bytes), NETIF_RSP_OKAY);
    memcpy(out, hostile.mac, 6); /* and one to the hostile one, whatever becomes of it */
    check_equal("another is sent", net_send(&giver, out, bytes), NETIF_RSP_OKAY);
    memcpy(out, taker.mac, 6);
    do
        length = net_receive(&taker, in, 200);
    while (length >= 14 && memcmp(in + 6, giver.mac, 6) != 0); /* the hostile one may send, too */
    check(length == (int)bytes && memcmp(in, out, bytes) == 0,
          "packet %u arrives with %d bytes, not as %u that were sent", packets, length, bytes);
    while (net_receive(&giver, in, 0) >= 0) /* what the hostile one has sent to all */
        ;
    packets++;
}

/* The beginning of the disk holds the lines of `seq 1 20000`. */
static void one_block(void)
{
    struct blkif_request request = {.operation = BLKIF_OP_READ, .nr_segments = 1};

    request.seg[0] = (struct blkif_request_segment){GOOD_DISK + 1, 0, 7};
    memset(good_page, 0x11, PAGE_SIZE);
    check_equal("a neighbour's sectors are read", block_ask(&good_disk, request, blocks), 0);
    check(starts_with(good_page, "1\n2\n3\n4\n5\n"), "read %u is not the disk's", blocks);
    blocks++;
}

/* ---- the hostile one's packets ----------------------------------------------------------------
 */

/* Not the neighbour's: they are in the same table, since it is the same domain. */
static grant_ref_t some_ref(const struct net_end *end)
{
    switch (next_random(8)) {
    case 0:
        return STRANGE + next_random(4);
    case 1:
        return seldom(2) ? next_random(FIRST) : ENTRIES + next_random(500);
    case 2:
        return seed | 0x200;
    default:
        return end->ref + 2 + next_random(2 * NET_PAGES);
    }
}

static void random_send(void)
{
    struct netif_tx_request *slot = &hostile.tx->ring[hostile.sent++ % NET_SLOTS].req;
    char *page = hostile.out[next_random(NET_PAGES)];

    memcpy(page, seldom(3) ? (const uint8_t *)"\377\377\377\377\377\377" : taker.mac, 6);
    memcpy(page + 6, seldom(4) ? giver.mac : hostile.mac, 6);
    *slot = (struct netif_tx_request){.gref = some_ref(&hostile),
                                      .offset = (uint16_t)(seldom(8) ? next_random(65536) : 0),
                                      .flags = (uint16_t)(seldom(12) ? next_random(32) : 0),
                                      .id = (uint16_t)next_random(65536),
                                      .size = (uint16_t)next_random(seldom(8) ? 65536 : 1600)};
    hostile.tx->req_prod = hostile.sent;
}

static void random_offer(void)
{
    struct netif_rx_request *slot = &hostile.rx->ring[hostile.offered++ % NET_SLOTS].req;

    *slot =
        (struct netif_rx_request){.id = (uint16_t)next_random(65536), .gref = some_ref(&hostile)};
    hostile.rx->req_prod = hostile.offered;
}

/* What has come for an entry of the hostile one's goes back. */
static void give_back(grant_ref_t ref)
{
    struct grant_entry_v1 *entry = &grant_table()[ref];
    xen_pfn_t frame = entry->frame;
    struct xen_memory_reservation less = {.nr_extents = 1, .domid = DOMID_SELF};

    if ((entry->flags & GTF_type_mask) != GTF_accept_transfer ||
        !(entry->flags & GTF_transfer_completed))
        return;
    entry->flags = 0;
    set_xen_guest_handle(less.extent_start, &frame);
    expect(HYPERCALL(memory_op, XENMEM_decrease_reservation, &less), 1);
}

/* An entry of its own: another page of its own, a table, a foreign frame; other rights. */
static void random_grant(void)
{
    static const uint16_t flags[] = {0,
                                     GTF_permit_access,
                                     GTF_permit_access | GTF_readonly,
                                     GTF_accept_transfer,
                                     GTF_accept_transfer | GTF_transfer_committed,
                                     GTF_permit_access | GTF_reading | GTF_writing};
    grant_ref_t ref = FIRST + (seldom(20) ? next_random(2) : 2 + next_random(2 * NET_PAGES));
    struct grant_entry_v1 *entry = &grant_table()[ref];

    give_back(ref);
    if (seldom(6)) {
        entry->domid = (domid_t)(seldom(2) ? 0 : next_random(8));
        entry->frame = seldom(2)   ? mfn_of(hostile.in[next_random(NET_PAGES)])
                       : seldom(2) ? mfn_of(base_table())
                                   : next_random(256);
    }
    entry->flags = flags[next_random(sizeof(flags) / sizeof(flags[0]))];
}

static void random_counters(void)
{
    uint32_t value = seldom(2) ? seed : next_random(300);

    switch (next_random(6)) {
    case 0:
        hostile.tx->req_prod = value;
        break;
    case 1:
        hostile.rx->req_prod = value;
        break;
    case 2:
        hostile.tx->rsp_event = value;
        break;
    case 3:
        hostile.rx->rsp_event = value;
        break;
    case 4:
        hostile.tx->rsp_prod = hostile.rx->rsp_prod = value;
        break;
    default:
        ((uint32_t *)hostile.tx)[next_random(1024)] = seed;
        ((uint32_t *)hostile.rx)[next_random(1024)] = seed;
    }
}

static void end_net(void)
{
    struct xenolith_io_op op = {.command = XENOLITH_IO_VIF_DISCONNECT, .handle = hostile.handle};
    uint64_t until = now() + 1000 * MS;
    long result;

    do
        result = io_op(&op);
    while (result == -EBUSY && now() < until);
    check(!net_connected || result == 0 || result == -ESRCH, "it cannot be disconnected: %ld",
          result);
    net_connected = false;
}

static void begin_net(void)
{
    struct xenolith_io_op op;

    if (seldom(4) && hostile.port) {
        event_close(hostile.port);
        struct evtchn_alloc_unbound channel = {.dom = DOMID_SELF, .remote_dom = DOMID_SELF};
        if (!event_op(EVTCHNOP_alloc_unbound, &channel))
            hostile.port = channel.port;
        event_mask_set(hostile.port, true);
    }
    for (grant_ref_t ref = FIRST; ref < FIRST + NET_GRANTS; ref++)
        give_back(ref);
    net_make(&hostile, HANDLE, FIRST);
    for (unsigned i = 0; i < NET_PAGES; i++)
        grant_give(net_in_ref(&hostile, i), 0, hostile.in[i],
                   seldom(2) ? GTF_permit_access : GTF_accept_transfer);
    op = net_connection(&hostile);
    op.vif.flags = next_random(4);
    if (seldom(4))
        op.vif.tx_ring = some_ref(&hostile);
    if (seldom(4))
        op.vif.rx_ring = seldom(2) ? op.vif.tx_ring : some_ref(&hostile);
    if (seldom(8))
        op.vif.port = next_random(1024);
    if (seldom(6)) {
        op.vif.credit_bytes = next_random(5000);
        op.vif.credit_us = next_random(1000);
    }
    net_connected = io_op(&op) == 0;
}

/* ---- the hostile one's sectors ----------------------------------------------------------------
 */

static void random_request(void)
{
    struct blkif_request *slot = &bad_disk.ring->ring[bad_disk.requests++ % RING_SLOTS].req;

    *slot = (struct blkif_request){
        .operation = (uint8_t)(seldom(4) ? next_random(256) : 0),
        .nr_segments = (uint8_t)(seldom(4) ? next_random(256) : 1 + next_random(11)),
        .id = seed,
        .sector_number = seldom(8) ? seed : next_random(4200)};
    if (slot->operation == BLKIF_OP_WRITE || slot->operation == BLKIF_OP_WRITE_BARRIER)
        slot->sector_number += 2048; /* what the neighbour reads stays as it is */
    for (unsigned i = 0; i < BLKIF_MAX_SEGMENTS_PER_REQUEST; i++)
        slot->seg[i] = (struct blkif_request_segment){
            seldom(12) ? STRANGE + next_random(4) : BAD_DISK + 1 + next_random(BAD_PAGES),
            (uint8_t)(seldom(6) ? next_random(256) : 0),
            (uint8_t)(seldom(6) ? next_random(256) : 7)};
    bad_disk.ring->req_prod = seldom(200) ? seed : bad_disk.requests;
}

static void flap_disk(void)
{
    struct xenolith_io_op op = {.command = XENOLITH_IO_DISCONNECT, .handle = HANDLE};
    uint64_t until = now() + 1000 * MS;
    long result;

    do
        result = io_op(&op);
    while (result == -EBUSY && now() < until);
    check(!disk_connected || result == 0 || result == -ESRCH, "a disk cannot be disconnected: %ld",
          result);
    block_make(&bad_disk, HANDLE, BAD_DISK);
    op = block_connection(&bad_disk, 0, 4096);
    if (seldom(4))
        op.connect.ring = STRANGE + next_random(4);
    if (seldom(8))
        op.connect.extent[0].sectors = seed;
    disk_connected = io_op(&op) == 0;
}

/* ---- all -------------------------------------------------------------------------------------
 */

static void one_operation(void)
{
    switch (next_random(16)) {
    case 0:
        if (seldom(6))
            random_counters();
        break;
    case 1:
    case 2:
        random_grant();
        break;
    case 3:
        if (seldom(2)) {
            end_net();
            begin_net();
        }
        break;
    case 4:
        if (seldom(3))
            flap_disk();
        break;
    case 5:
    case 6:
        random_request();
        event_send(bad_disk.port);
        break;
    case 7:
    case 8:
    case 9:
        random_offer();
        break;
    default:
        random_send();
        if (!seldom(4))
            event_send(hostile.port);
    }
    if (seldom(16))
        one_packet();
    if (seldom(128))
        one_block();
}

static unsigned long word_of(const char *name, unsigned long otherwise)
{
    size_t length = strlen(name);

    for (const char *at = (const char *)start->cmd_line; *at; at++) {
        unsigned long value = 0;

        if (strncmp(at, name, length) != 0)
            continue;
        for (at += length; *at >= '0' && *at <= '9'; at++)
            value = value * 10 + (unsigned long)(*at - '0');
        return value;
    }
    return otherwise;
}

/* The neighbour is the same domain here: what the hostile one accepts must not be of its share. */
static void allow_more_frames(void)
{
    struct xen_domctl op = {.cmd = XEN_DOMCTL_max_mem,
                            .interface_version = XEN_DOMCTL_INTERFACE_VERSION,
                            .u.max_mem.max_memkb = 60 << 10};

    expect(HYPERCALL(domctl, &op), 0);
}

static void make_all(void)
{
    allow_more_frames();
    hostile.handle = HANDLE;
    good_page = page_alloc();
    for (unsigned i = 0; i < BAD_PAGES; i++) {
        bad_page[i] = page_alloc();
        grant_give(BAD_DISK + 1 + i, 0, bad_page[i], GTF_permit_access);
    }
    grant_give(GOOD_DISK + 1, 0, good_page, GTF_permit_access);
    grant_give(STRANGE, 0, base_table(), GTF_permit_access);
    grant_give(STRANGE + 1, 0, bad_page[0], GTF_permit_access);
    grant_table()[STRANGE + 1].frame = 1;
    grant_give(STRANGE + 2, 0, bad_page[0], GTF_invalid);
    grant_give(STRANGE + 3, 5, bad_page[0], GTF_permit_access);
    net_make(&giver, 1, SECOND);
    net_make(&taker, 2, THIRD);
    block_make(&good_disk, 1, GOOD_DISK);
    expect(net_connect(&giver, 0), 0);
    expect(net_connect(&taker, XENOLITH_IO_VIF_FLIP), 0);
    expect(block_connect(&good_disk, 0, 4096, XENOLITH_IO_READ_ONLY), 0);
    net_offer_all(&giver);
    net_offer_all(&taker);
    begin_net();
    flap_disk();
}

void test(void)
{
    unsigned long operations = word_of("operations=", DEFAULT_OPERATIONS);

    if (!privileged) {
        struct xenolith_io_op op = {.command = XENOLITH_IO_VIF_CONNECT};

        expect(io_op(&op), -EPERM);
        return;
    }
    seed = (uint32_t)word_of("seed=", 1) * 2654435761u | 1;
    make_all();
    for (unsigned long i = 0; i < operations; i++)
        one_operation();
    one_packet();
    one_block();
    end_net();
    for (grant_ref_t ref = FIRST; ref < FIRST + NET_GRANTS; ref++)
        give_back(ref);
    flap_disk();
    expect(block_disconnect(&bad_disk) == -ESRCH || !disk_connected ||
               block_disconnect(&bad_disk) == -ESRCH,
           true);
    expect(net_disconnect(&giver), 0);
    expect(net_disconnect(&taker), 0);
    expect(block_disconnect(&good_disk), 0);
    for (grant_ref_t ref = FIRST; ref < ENTRIES; ref++)
        if (ref < FIRST + 2 || ref >= FIRST + NET_GRANTS) /* its own marks mean nothing */
            check((grant_table()[ref].flags & GTF_type_mask) != GTF_permit_access ||
                      !(grant_table()[ref].flags & (GTF_reading | GTF_writing)),
                  "entry %u stays in use", ref);
    print("%lu operations; %u packets and %u reads of the neighbour's\n", operations, packets,
          blocks);
}
