/* SPDX-License-Identifier: GPL-2.0-only */
/* The store under greedy clients and senseless ones. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/work_store_support.h"

TestSuite(work_store_quotas, .init = store_setup, .fini = store_teardown);

static void give_domain_1_a_folder(void)
{
    ask(0, XS_WRITE, 0, "/local/domain/1|");
    ask(0, XS_SET_PERMS, 0, "/local/domain/1|n1|");
}

Test(work_store_quotas, nodes_have_a_quota)
{
    char name[64];
    unsigned made = 1; /* the folder */
    uint32_t t;

    give_domain_1_a_folder();
    for (unsigned i = 0; i < 2000; i++) {
        snprintf(name, sizeof(name), "f%u/n%u|", i % 40, i);
        if (strcmp(ask(1, XS_WRITE, 0, name), "OK|"))
            break;
        made = store.view.owned[1];
    }
    cr_expect(made >= QUOTA_NODES - 1 && made <= QUOTA_NODES, "%u nodes", made);
    cr_expect_str_eq(ask(1, XS_WRITE, 0, "f0/a/b|"), "!ENOSPC|");
    t = begin(1); /* not in a transaction either */
    cr_expect_str_eq(ask(1, XS_WRITE, t, "f0/a/b|"), "!ENOSPC|");
    cr_expect_str_eq(ask(1, XS_RM, t, "f1|"), "OK|");
    cr_expect_str_eq(ask(1, XS_WRITE, t, "f0/a/b|"), "OK|");
    cr_expect_str_eq(ask(1, XS_TRANSACTION_END, t, "T|"), "OK|");
    cr_expect_str_eq(ask(0, XS_WRITE, 0, "/local/domain/1/more|"), "OK|"); /* Domain 0 has none */
}

Test(work_store_quotas, a_node_has_a_size)
{
    static char value[QUOTA_NODE_BYTES + 16] = "big";
    char name[80];
    unsigned i;

    give_domain_1_a_folder();
    memset(value + 4, 'x', sizeof(value) - 4);
    cr_expect_str_eq(ask_with(1, XS_WRITE, 0, value, 1000), "OK|");
    cr_expect_str_eq(ask_with(1, XS_WRITE, 0, value, sizeof(value)), "!ENOSPC|");
    for (i = 0; i < 100; i++) { /* children count by their names */
        snprintf(name, sizeof(name), "%060u|", i);
        if (strcmp(ask(1, XS_WRITE, 0, name), "OK|"))
            break;
    }
    cr_expect(i > 30 && i < 40, "%u children", i);
    cr_expect_str_eq(ask(1, XS_SET_PERMS, 0, "big|n1|r2|r3|r4|r5|"), "OK|");
    cr_expect_str_eq(ask(1, XS_SET_PERMS, 0, "big|n1|r2|r3|r4|r5|r6|"), "!ENOSPC|");
}

Test(work_store_quotas, a_list_may_be_too_long_for_a_reply)
{
    char name[80], *part;
    unsigned seen = 0, offset = 0;

    for (unsigned i = 0; i < 150; i++) {
        snprintf(name, sizeof(name), "/d/%060u|", i);
        ask(0, XS_WRITE, 0, name);
    }
    cr_expect_str_eq(ask(0, XS_DIRECTORY, 0, "/d|"), "!E2BIG|");
    for (bool last = false; !last;) {
        snprintf(name, sizeof(name), "/d|%u|", offset);
        part = strchr(ask(0, XS_DIRECTORY_PART, 0, name), '|') + 1;
        last = strlen(part) == 1 || strstr(part, "||");
        for (; strlen(part) > 1; part += 61) {
            cr_assert_eq(strtoul(part, NULL, 10), seen++);
            offset += 61;
        }
    }
    cr_expect_eq(seen, 150);
}

Test(work_store_quotas, watches_and_transactions_have_quotas)
{
    char text[64];
    unsigned i;

    give_domain_1_a_folder();
    for (i = 0; i < 1000; i++) {
        snprintf(text, sizeof(text), "w%u|t|", i);
        if (strcmp(ask(1, XS_WATCH, 0, text), "OK|"))
            break;
        event(1);
    }
    cr_expect_eq(i, QUOTA_WATCHES);
    cr_expect_str_eq(ask(1, XS_WATCH, 0, "more|t|"), "!E2BIG|");
    for (i = 0; i < 1000 && begin(1); i++)
        ;
    cr_expect_eq(i, QUOTA_TRANSACTIONS);
    cr_expect_str_eq(ask(1, XS_TRANSACTION_START, 0, "|"), "!ENOSPC|");
    cr_expect_str_eq(ask(2, XS_TRANSACTION_START, 0, "|"), "1|"); /* another's are another's */
}

Test(work_store_quotas, a_transaction_remembers_only_so_much)
{
    static char value[1500] = "a";
    uint32_t t;
    unsigned i;

    give_domain_1_a_folder();
    memset(value + 2, 'x', sizeof(value) - 2);
    t = begin(1);
    for (i = 0; i < 10000; i++)
        if (strcmp(ask_with(1, XS_WRITE, t, value, sizeof(value)), "OK|"))
            break;
    cr_expect(i * sizeof(value) < QUOTA_TRANSACTION && i > 100, "%u writes", i);
    for (i = 0; i < 10000; i++) {
        char name[32];

        snprintf(name, sizeof(name), "n%u|", i);
        if (!strcmp(ask(1, XS_READ, t, name), "!ENOSPC|"))
            break;
    }
    cr_expect(i <= QUOTA_TOUCHED);
    cr_expect_str_eq(ask(1, XS_TRANSACTION_END, t, "T|"), "OK|");
}

Test(work_store_quotas, old_transactions_are_spoiled)
{
    uint32_t old, privileged;

    give_domain_1_a_folder();
    old = begin(1);
    privileged = begin(0);
    ask(1, XS_WRITE, old, "x|");
    for (unsigned i = 0; i <= QUOTA_BEHIND; i++)
        ask(2, XS_WRITE, 0, "/no|"); /* what is refused does not count */
    cr_expect_str_eq(ask(1, XS_READ, old, "x|"), "");
    ask(0, XS_WRITE, 0, "/two|");
    ask(0, XS_SET_PERMS, 0, "/two|n2|");
    for (unsigned i = 0; i <= QUOTA_BEHIND; i++)
        ask(2, XS_WRITE, 0, "/two|again");
    cr_expect_str_eq(ask(1, XS_READ, old, "x|"), "!EAGAIN|");
    cr_expect_str_eq(ask(1, XS_WRITE, old, "x|"), "!EAGAIN|");
    cr_expect_str_eq(ask(1, XS_TRANSACTION_END, old, "T|"), "!EAGAIN|");
    cr_expect_str_eq(ask(0, XS_TRANSACTION_END, privileged, "T|"), "OK|");
}

Test(work_store_quotas, events_that_nobody_fetches_are_bounded)
{
    char text[1200];

    give_domain_1_a_folder();
    ask(0, XS_SET_PERMS, 0, "/local/domain/1|b1|");
    ask(1, XS_WATCH, 0, "/local/domain/1|w|");
    for (unsigned i = 0; i < 500; i++) {
        snprintf(text, sizeof(text), "/local/domain/1/%0200u|", i % 9 + i);
        ask(2, XS_WRITE, 0, text);
        ask(2, XS_RM, 0, text);
    }
    cr_expect(client[1]->waiting <= QUOTA_WAITING + XENSTORE_PAYLOAD_MAX + 16);
    cr_expect(client[1]->lost > 0);
    cr_expect_eq(client[2]->waiting, 0);
    while (client[1]->out)
        connection_drop_sent(client[1]);
    cr_expect_eq(client[1]->waiting, 0);
    cr_expect_str_eq(ask(1, XS_GET_DOMAIN_PATH, 0, "1|"), "/local/domain/1|"); /* goes on */
}

/* ---- anything at all ------------------------------------------------------------------------- */

static uint32_t seed = 20031019;

static uint32_t dice(uint32_t sides)
{
    seed = seed * 1664525 + 1013904223;
    return (uint32_t)((uint64_t)(seed >> 8) * sides >> 24);
}

static uint32_t random_payload(char *to)
{
    static const char *const words[] = {"/",
                                        "/local/domain/1",
                                        "/local/domain/2/a",
                                        "a",
                                        "a/b",
                                        "b/c/d",
                                        "T",
                                        "F",
                                        "@releaseDomain",
                                        "token",
                                        "n1",
                                        "r2",
                                        "b3",
                                        "w0",
                                        "999999",
                                        "0",
                                        "2",
                                        "77",
                                        "..",
                                        "//",
                                        "a/",
                                        "",
                                        "x y",
                                        "/tool",
                                        "n4711",
                                        "device/suspend"};
    uint32_t used = 0, parts = dice(5);

    for (uint32_t i = 0; i < parts; i++) {
        const char *word = words[dice(sizeof(words) / sizeof(words[0]))];
        uint32_t bytes = (uint32_t)strlen(word) + (dice(8) > 0);

        memcpy(to + used, word, bytes);
        used += bytes;
    }
    if (dice(20) == 0) {
        memset(to + used, (int)dice(256), 2000);
        used += dice(2000);
    }
    return used;
}

Test(work_store_quotas, survives_random_requests)
{
    static char payload[XENSTORE_PAYLOAD_MAX];

    give_domain_1_a_folder();
    ask(0, XS_WRITE, 0, "/local/domain/2|");
    ask(0, XS_SET_PERMS, 0, "/local/domain/2|n2|b3|");
    ask(0, XS_WRITE, 0, "/tool|kept");
    for (unsigned i = 0; i < 300000; i++) {
        unsigned who = 1 + dice(3);
        struct xsd_sockmsg header = {dice(26), i, dice(3) ? 0 : dice(12), 0};

        header.len = random_payload(payload);
        store_receive(&store, client[who], &header, payload);
        while (client[who]->out && dice(4))
            connection_drop_sent(client[who]);
        if (dice(5000) == 0)
            store_domain_gone(&store, (uint16_t)who);
        cr_assert(client[who]->watch_count <= QUOTA_WATCHES &&
                  client[who]->transaction_count <= QUOTA_TRANSACTIONS &&
                  store.view.owned[who] <= QUOTA_NODES);
    }
    cr_expect_str_eq(ask(0, XS_READ, 0, "/tool|"), "kept");
    cr_expect_str_eq(ask(0, XS_GET_PERMS, 0, "/tool|"), "n0|");
}
