/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pages that domains share with Domain 0's daemon: the store's ring and the console's, with
 * friendly and hostile contents.
 */
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "workloads/dom0/xend/console_ring.h"
#include "workloads/dom0/xend/store/ring.h"

static struct store store;
static struct store_ring ring;
static struct xenstore_domain_interface page;

static bool nobody(void *owner, uint16_t domain)
{
    (void)owner, (void)domain;
    return false;
}

static void setup(void)
{
    static const struct store_hooks hooks = {.is_introduced = nobody};

    cr_assert(store_init(&store, &hooks));
    memset(&page, 0, sizeof(page));
    store_ring_open(&ring, &page, &store, store_connect(&store, 1));
}

static void teardown(void)
{
    store_end(&store);
}

TestSuite(work_rings, .init = setup, .fini = teardown);

/* ---- as a domain would do it ----------------------------------------------------------------- */

static bool put(const void *data, uint32_t bytes)
{
    const char *from = data;

    if (page.req_prod - page.req_cons + bytes > XENSTORE_RING_SIZE)
        return false;
    for (uint32_t i = 0; i < bytes; i++)
        page.req[MASK_XENSTORE_IDX(page.req_prod++)] = from[i];
    return true;
}

static bool take(void *to, uint32_t bytes)
{
    char *text = to;

    if (page.rsp_prod - page.rsp_cons < bytes)
        return false;
    for (uint32_t i = 0; i < bytes; i++)
        text[i] = page.rsp[MASK_XENSTORE_IDX(page.rsp_cons++)];
    return true;
}

static void send_request(uint32_t type, const char *payload, uint32_t bytes)
{
    struct xsd_sockmsg header = {type, 7, 0, bytes};

    cr_assert(put(&header, sizeof(header)));
    cr_assert(put(payload, bytes));
}

/* The reply's payload as a text. */
static const char *receive_reply(void)
{
    static char payload[XENSTORE_PAYLOAD_MAX + 1];
    struct xsd_sockmsg header;

    if (!take(&header, sizeof(header)))
        return "(none)";
    cr_assert(header.req_id == 7 && header.len <= XENSTORE_PAYLOAD_MAX);
    cr_assert(take(payload, header.len));
    payload[header.len] = '\0';
    return payload;
}

Test(work_rings, says_what_it_can)
{
    cr_expect_eq(page.server_features,
                 XENSTORE_SERVER_FEATURE_RECONNECTION | XENSTORE_SERVER_FEATURE_ERROR);
    cr_expect_eq(page.connection, XENSTORE_CONNECTED);
    cr_expect_eq(store_ring_work(&ring), 0);
}

Test(work_rings, one_request_at_a_time)
{
    send_request(XS_GET_DOMAIN_PATH, "5", 2);
    send_request(XS_GET_DOMAIN_PATH, "6", 2);
    cr_expect_eq(store_ring_work(&ring), RING_NOTIFY | RING_MORE);
    cr_expect_str_eq(receive_reply(), "/local/domain/5");
    cr_expect_str_eq(receive_reply(), "(none)");
    cr_expect_eq(store_ring_work(&ring), RING_NOTIFY);
    cr_expect_str_eq(receive_reply(), "/local/domain/6");
    cr_expect_eq(store_ring_work(&ring), 0);
}

Test(work_rings, a_request_comes_in_pieces_across_the_end)
{
    struct xsd_sockmsg header = {XS_GET_DOMAIN_PATH, 7, 0, 2};

    page.req_prod = page.req_cons = 0xffffffff - 8; /* indices wrap too */
    page.rsp_prod = page.rsp_cons = XENSTORE_RING_SIZE - 5;
    for (unsigned i = 0; i < sizeof(header); i++) {
        put((char *)&header + i, 1);
        cr_expect_eq(store_ring_work(&ring), RING_NOTIFY);
        cr_expect_str_eq(receive_reply(), "(none)");
    }
    put("4", 1);
    store_ring_work(&ring);
    cr_expect_str_eq(receive_reply(), "(none)");
    put("", 1);
    store_ring_work(&ring);
    cr_expect_str_eq(receive_reply(), "/local/domain/4");
}

Test(work_rings, a_full_ring_waits)
{
    unsigned answered = 0;

    for (unsigned i = 0; i < 2000; i++) { /* more than fits: replies pile up here, within bounds */
        struct xsd_sockmsg header = {XS_GET_DOMAIN_PATH, 7, 0, 2};

        if (page.req_prod - page.req_cons + 18 <= XENSTORE_RING_SIZE) {
            put(&header, sizeof(header));
            put("5", 2);
        }
        store_ring_work(&ring);
    }
    cr_expect_eq(page.rsp_prod - page.rsp_cons, XENSTORE_RING_SIZE);
    cr_expect(ring.connection->waiting <= 3 * XENSTORE_PAYLOAD_MAX);
    while (strcmp(receive_reply(), "(none)")) {
        answered++;
        store_ring_work(&ring);
    }
    cr_expect(answered > 100, "%u answers", answered);
    cr_expect(!ring.broken);
}

/* ---- what breaks the protocol ---------------------------------------------------------------- */

static void expect_broken(uint32_t error)
{
    cr_expect(ring.broken);
    cr_expect_eq(page.error, error);
    page.req_prod = page.req_cons;
    send_request(XS_GET_DOMAIN_PATH, "5", 2);
    cr_expect_eq(store_ring_work(&ring), 0, "nobody listens");

    page.connection = XENSTORE_RECONNECT;
    cr_expect_eq(store_ring_work(&ring), RING_NOTIFY);
    cr_expect(page.connection == XENSTORE_CONNECTED && page.error == XENSTORE_ERROR_NONE);
    cr_expect(page.req_prod == 0 && page.req_cons == 0 && page.rsp_prod == 0);
    send_request(XS_GET_DOMAIN_PATH, "5", 2);
    store_ring_work(&ring);
    cr_expect_str_eq(receive_reply(), "/local/domain/5");
}

Test(work_rings, too_much_is_said_to_be_there)
{
    page.req_prod = page.req_cons + XENSTORE_RING_SIZE + 1;
    store_ring_work(&ring);
    expect_broken(XENSTORE_ERROR_RINGIDX);
}

Test(work_rings, more_is_taken_than_there_was)
{
    page.rsp_cons = page.rsp_prod + 1;
    store_ring_work(&ring);
    page.rsp_cons = page.rsp_prod;
    expect_broken(XENSTORE_ERROR_RINGIDX);
}

Test(work_rings, a_payload_is_too_long)
{
    struct xsd_sockmsg header = {XS_READ, 7, 0, XENSTORE_PAYLOAD_MAX + 1};

    put(&header, sizeof(header));
    store_ring_work(&ring);
    expect_broken(XENSTORE_ERROR_PROTO);
}

Test(work_rings, a_payload_of_four_gigabytes)
{
    struct xsd_sockmsg header = {XS_READ, 7, 0, 0xffffffff};

    put(&header, sizeof(header));
    store_ring_work(&ring);
    expect_broken(XENSTORE_ERROR_PROTO);
}

Test(work_rings, a_new_start_forgets)
{
    send_request(XS_WATCH, "a\0t", 4);
    store_ring_work(&ring);
    send_request(XS_TRANSACTION_START, "", 1);
    store_ring_work(&ring);
    cr_expect(ring.connection->watch_count == 1 && ring.connection->transaction_count == 1);
    page.connection = XENSTORE_RECONNECT;
    store_ring_work(&ring);
    cr_expect(ring.connection->watch_count == 0 && ring.connection->transaction_count == 0);
    cr_expect_null(ring.connection->out);
}

Test(work_rings, survives_random_pages)
{
    uint32_t seed = 4711;
    uint8_t *bytes = (uint8_t *)&page;

    for (unsigned i = 0; i < 100000; i++) {
        for (unsigned j = 0; j < 8; j++) {
            seed = seed * 1664525 + 1013904223;
            bytes[(seed >> 8) % sizeof(page)] = (uint8_t)(seed >> 24);
        }
        if (i % 3 == 0)
            page.req_prod = page.req_cons + (seed >> 20) % 1100;
        if (i % 5 == 0)
            page.rsp_cons = page.rsp_prod;
        if (i % 50 == 0)
            page.connection = XENSTORE_RECONNECT;
        store_ring_work(&ring);
        cr_assert(ring.connection->watch_count <= QUOTA_WATCHES);
    }
}

/* ---- the console's ring ---------------------------------------------------------------------- */

Test(work_rings, console_carries_both_ways)
{
    static struct xencons_interface console;
    char text[3000];

    memset(&console, 0, sizeof(console));
    console.out_cons = console.out_prod = 0xfffffff0;
    for (unsigned i = 0; i < 2048; i++)
        console.out[MASK_XENCONS_IDX(console.out_prod++, console.out)] = (char)(i % 251);
    cr_expect_eq(console_ring_waiting(&console), 2048);
    cr_expect_eq(console_ring_take(&console, text, 1000), 1000);
    cr_expect_eq(console_ring_take(&console, text + 1000, 2000), 1048);
    cr_expect_eq(console_ring_take(&console, text, 1), 0);
    for (unsigned i = 0; i < 2048; i++)
        cr_assert_eq(text[i], (char)(i % 251));
    cr_expect_eq(console_ring_give(&console, text, 3000), 1024);
    cr_expect_eq(console_ring_room(&console), 0);
    cr_expect_eq(console_ring_give(&console, text, 1), 0);
    console.in_cons += 10;
    cr_expect_eq(console_ring_give(&console, text, 3000), 10);
}

Test(work_rings, console_indices_that_are_nonsense)
{
    static struct xencons_interface console;
    char text[64] = "";

    memset(&console, 0, sizeof(console));
    console.out_prod = console.out_cons + 2049;
    console.in_prod = console.in_cons + 1025;
    cr_expect_eq(console_ring_take(&console, text, sizeof(text)), 0);
    cr_expect_eq(console_ring_give(&console, text, sizeof(text)), 0);
    console.out_prod = console.out_cons - 1;
    console.in_cons = console.in_prod + 1;
    cr_expect_eq(console_ring_take(&console, text, sizeof(text)), 0);
    cr_expect_eq(console_ring_give(&console, text, sizeof(text)), 0);
}
