/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The store service against its protocol: every request and its errors, rights, watches,
 * transactions, quotas. Requests are written as a client would send them, with '|' for NUL; a reply
 * likewise, an error as "!NAME".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "workloads/dom0/xend/store/store.h"

static struct store store;
static struct connection *client[4]; /* of domain 0, 1, 2, 3 */
static uint16_t introduced[8];       /* frame of each domain, 0: none */

static int introduce(void *owner, uint16_t domain, uint32_t frame, uint32_t port)
{
    (void)owner;
    if (port == 13)
        return -EINVAL; /* as a port that cannot be bound */
    introduced[domain % 8] = (uint16_t)frame;
    return 0;
}

static int release(void *owner, uint16_t domain)
{
    (void)owner;
    introduced[domain % 8] = 0;
    return 0;
}

static bool is_introduced(void *owner, uint16_t domain)
{
    (void)owner;
    return introduced[domain % 8] != 0;
}

static void setup(void)
{
    static const struct store_hooks hooks = {NULL, introduce, release, is_introduced};

    memset(introduced, 0, sizeof(introduced));
    cr_assert(store_init(&store, &hooks));
    for (unsigned i = 0; i < 4; i++)
        client[i] = store_connect(&store, (uint16_t)i);
}

static uint32_t owners_in(const struct node *node, uint16_t domain)
{
    uint32_t count = node_owner(node) == domain;

    for (unsigned i = 0; i < node->child_count; i++)
        count += owners_in(node->children[i], domain);
    return count;
}

/* What is counted is what is there. */
static void teardown(void)
{
    for (uint16_t i = 0; i < 4; i++)
        cr_expect_eq(store.view.owned[i], owners_in(store.view.root, i), "domain %u", i);
    store_end(&store);
}

TestSuite(work_store, .init = setup, .fini = teardown);

/*
 * The next message for a client: its payload with '|' for NUL, "!NAME" if it is an error, "(none)";
 * type and number of it in `header`.
 */
static const char *next(unsigned who, struct xsd_sockmsg *header)
{
    static char text[XENSTORE_PAYLOAD_MAX + 2];
    const struct message *m = client[who]->out;
    uint32_t length;
    char *to = text;

    memset(header, 0, sizeof(*header));
    if (!m)
        return "(none)";
    memcpy(header, m->data, sizeof(*header));
    length = header->len;
    cr_assert(length <= XENSTORE_PAYLOAD_MAX && m->bytes == sizeof(*header) + length);
    if (header->type == XS_ERROR)
        *to++ = '!';
    for (uint32_t i = 0; i < length; i++) {
        char c = (char)m->data[sizeof(*header) + i];

        *to++ = c ? c : '|';
    }
    *to = '\0';
    connection_drop_sent(client[who]);
    return text;
}

static const char *ask_with(unsigned who, uint32_t type, uint32_t tx, const char *payload,
                            uint32_t bytes)
{
    static uint32_t number;
    struct xsd_sockmsg header = {type, ++number, tx, bytes}, answer;
    const char *text;

    store_receive(&store, client[who], &header, payload);
    text = next(who, &answer);
    cr_assert_eq(answer.req_id, number);
    cr_assert_eq(answer.tx_id, tx);
    cr_assert(answer.type == type || answer.type == XS_ERROR);
    return text;
}

static const char *ask(unsigned who, uint32_t type, uint32_t tx, const char *payload)
{
    static char bytes[XENSTORE_PAYLOAD_MAX];
    uint32_t length = (uint32_t)strlen(payload);

    for (uint32_t i = 0; i < length; i++)
        bytes[i] = payload[i] == '|' ? '\0' : payload[i];
    return ask_with(who, type, tx, bytes, length);
}

static const char *event(unsigned who)
{
    struct xsd_sockmsg header;
    const char *text = next(who, &header);

    cr_assert(header.type == XS_WATCH_EVENT || header.type == 0);
    return text;
}

struct step {
    unsigned who;
    uint32_t type;
    const char *payload, *reply;
};

static void play(const struct step *steps, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const char *reply = ask(steps[i].who, steps[i].type, 0, steps[i].payload);

        cr_expect_str_eq(reply, steps[i].reply, "step %u: domain %u, type %u, %s gives %s, not %s",
                         i, steps[i].who, steps[i].type, steps[i].payload, reply, steps[i].reply);
    }
}

#define PLAY(steps) play(steps, sizeof(steps) / sizeof((steps)[0]))

Test(work_store, reads_and_writes)
{
    static const struct step steps[] = {
        {0, XS_WRITE, "/a|value", "OK|"},
        {0, XS_READ, "/a|", "value"},
        {0, XS_WRITE, "/a|", "OK|"}, /* an empty value */
        {0, XS_READ, "/a|", ""},
        {0, XS_WRITE, "/b/c/d|deep", "OK|"}, /* makes /b and /b/c */
        {0, XS_READ, "/b/c/d|", "deep"},
        {0, XS_READ, "/b/c|", ""},
        {0, XS_DIRECTORY, "/|", "a|b|"},
        {0, XS_DIRECTORY, "/b|", "c|"},
        {0, XS_DIRECTORY, "/a|", ""},
        {0, XS_MKDIR, "/b/e|", "OK|"},
        {0, XS_MKDIR, "/b/e|", "OK|"}, /* it is there already */
        {0, XS_DIRECTORY, "/b|", "c|e|"},
        {0, XS_RM, "/b/c|", "OK|"},
        {0, XS_READ, "/b/c/d|", "!ENOENT|"},
        {0, XS_DIRECTORY, "/b|", "e|"},
        {0, XS_RM, "/b/c|", "OK|"}, /* its parent is there */
        {0, XS_RM, "/b/c/d|", "!ENOENT|"},
        {0, XS_RM, "/|", "!EINVAL|"},
        {0, XS_READ, "/nowhere|", "!ENOENT|"},
        {0, XS_DIRECTORY, "/nowhere|", "!ENOENT|"},
        {0, XS_WRITE, "relative|1", "OK|"}, /* to the caller's own folder */
        {0, XS_READ, "/local/domain/0/relative|", "1"},
        {0, XS_GET_DOMAIN_PATH, "7|", "/local/domain/7|"},
        {0, XS_DIRECTORY_PART, "/b|0|", NULL},
    };

    play(steps, sizeof(steps) / sizeof(steps[0]) - 1);
    cr_expect(strstr(ask(0, XS_DIRECTORY_PART, 0, "/|0|"), "|a|b|local||"));
    cr_expect(strstr(ask(0, XS_DIRECTORY_PART, 0, "/|2|"), "|b|local||"));
    cr_expect_null(strstr(ask(0, XS_DIRECTORY_PART, 0, "/|2|"), "|a|"));
}

Test(work_store, malformed_requests)
{
    static const struct step steps[] = {
        {0, XS_READ, "", "!EINVAL|"},
        {0, XS_READ, "/a", "!EINVAL|"},     /* no NUL */
        {0, XS_READ, "/a|/b|", "!EINVAL|"}, /* two names */
        {0, XS_READ, "|", "!EINVAL|"},      /* an empty one */
        {0, XS_READ, "/a/|", "!EINVAL|"},   /* ends in a slash */
        {0, XS_READ, "//a|", "!EINVAL|"},
        {0, XS_READ, "/a b|", "!EINVAL|"},
        {0, XS_READ, "/a\x80|", "!EINVAL|"},
        {0, XS_WRITE, "/a", "!EINVAL|"},
        {0, XS_WRITE, "", "!EINVAL|"},
        {0, XS_WATCH, "/a|", "!EINVAL|"},
        {0, XS_WATCH, "@other|token|", "!EINVAL|"},
        {0, XS_UNWATCH, "/a|token|", "!ENOENT|"},
        {0, XS_SET_PERMS, "/|", "!EINVAL|"},
        {0, XS_SET_PERMS, "/|x1|", "!EINVAL|"},
        {0, XS_SET_PERMS, "/|r|", "!EINVAL|"},
        {0, XS_SET_PERMS, "/|r99999|", "!EINVAL|"},
        {0, XS_TRANSACTION_END, "T|", "!ENOENT|"},
        {0, XS_INTRODUCE, "1|2|", "!EINVAL|"},
        {0, XS_INTRODUCE, "0|2|3|", "!EINVAL|"},
        {0, XS_INTRODUCE, "512|2|3|", "!EINVAL|"},
        {0, XS_INTRODUCE, "one|2|3|", "!EINVAL|"},
        {0, XS_INTRODUCE, "1|2|-3|", "!EINVAL|"},
        {0, XS_RELEASE, "1|", "!ENOENT|"},
        {0, XS_GET_DOMAIN_PATH, "x|", "!EINVAL|"},
        {0, XS_DIRECTORY_PART, "/|", "!EINVAL|"},
        {0, XS_DIRECTORY_PART, "/|x|", "!EINVAL|"},
        {0, XS_CONTROL, "help|", "!ENOSYS|"},
        {0, XS_RESUME, "1|", "!ENOSYS|"},
        {0, 20, "", "!ENOSYS|"}, /* a number that was given up */
        {0, XS_TYPE_COUNT, "", "!ENOSYS|"},
        {0, XS_INVALID, "", "!ENOSYS|"},
        {0, 0xffffffff, "", "!ENOSYS|"},
        {0, XS_WATCH_EVENT, "", "!ENOSYS|"},
        {0, XS_ERROR, "", "!ENOSYS|"},
    };
    static char longest[XENSTORE_PAYLOAD_MAX];

    PLAY(steps);
    cr_expect_str_eq(ask(0, XS_READ, 99, "/|"), "!ENOENT|"); /* no such transaction */
    memset(longest, 'a', sizeof(longest));
    longest[0] = '/';
    longest[XENSTORE_ABS_PATH_MAX] = '\0';
    cr_expect_str_eq(ask_with(0, XS_WRITE, 0, longest, sizeof(longest)), "OK|");
    longest[XENSTORE_ABS_PATH_MAX] = 'a';
    longest[XENSTORE_ABS_PATH_MAX + 1] = '\0';
    cr_expect_str_eq(ask_with(0, XS_READ, 0, longest, XENSTORE_ABS_PATH_MAX + 2), "!EINVAL|");
}

Test(work_store, rights)
{
    static const struct step steps[] = {
        {0, XS_WRITE, "/local/domain/1|", "OK|"},
        {0, XS_SET_PERMS, "/local/domain/1|n0|r1|", "OK|"},
        {0, XS_WRITE, "/local/domain/1/name|one", "OK|"}, /* its parent's rights */
        {0, XS_GET_PERMS, "/local/domain/1/name|", "n0|r1|"},
        {1, XS_READ, "name|", "one"},
        {1, XS_READ, "/local/domain/1/name|", "one"},
        {1, XS_WRITE, "name|two", "!EACCES|"},
        {1, XS_WRITE, "data|x", "!EACCES|"},
        {1, XS_RM, "name|", "!EACCES|"},
        {1, XS_MKDIR, "name|", "!EACCES|"},
        {1, XS_SET_PERMS, "name|n1|", "!EACCES|"},
        {1, XS_READ, "missing|", "!ENOENT|"}, /* it may look here */
        {2, XS_READ, "/local/domain/1/name|", "!EACCES|"},
        {2, XS_READ, "/local/domain/1/missing|", "!EACCES|"}, /* and whether, is not told */
        {2, XS_DIRECTORY, "/|", "!EACCES|"},
        {0, XS_MKDIR, "/local/domain/1/data|", "OK|"},
        {0, XS_SET_PERMS, "/local/domain/1/data|n1|", "OK|"},
        {1, XS_WRITE, "data/own/deep|mine", "OK|"},
        {1, XS_GET_PERMS, "data/own|", "n1|"},
        {2, XS_READ, "/local/domain/1/data/own/deep|", "!EACCES|"},
        {1, XS_SET_PERMS, "data/own/deep|n1|r2|", "OK|"},
        {2, XS_READ, "/local/domain/1/data/own/deep|", "mine"}, /* nothing above matters */
        {2, XS_WRITE, "/local/domain/1/data/own/deep|his", "!EACCES|"},
        {1, XS_SET_PERMS, "data/own/deep|n1|b2|", "OK|"},
        {2, XS_WRITE, "/local/domain/1/data/own/deep|his", "OK|"},
        {2, XS_WRITE, "/local/domain/1/data/own/deep/er|his", "OK|"}, /* and owns it */
        {0, XS_GET_PERMS, "/local/domain/1/data/own/deep/er|", "n2|b2|"},
        {2, XS_SET_PERMS, "/local/domain/1/data/own/deep|n2|", "!EACCES|"},
        {1, XS_SET_PERMS, "data/own/deep|n2|", "!EPERM|"}, /* nobody gives away */
        {1, XS_SET_PERMS, "data/own/deep|w1|n2|", "OK|"},  /* others may write, 2 may not */
        {2, XS_WRITE, "/local/domain/1/data/own/deep|his", "!EACCES|"},
        {3, XS_WRITE, "/local/domain/1/data/own/deep|hers", "OK|"},
        {3, XS_READ, "/local/domain/1/data/own/deep|", "!EACCES|"},
        {1, XS_INTRODUCE, "2|1|1|", "!EACCES|"},
        {1, XS_RELEASE, "2|", "!EACCES|"},
        {1, XS_IS_DOMAIN_INTRODUCED, "2|", "F|"},
    };

    PLAY(steps);
}

Test(work_store, domains_come_and_go)
{
    static const struct step steps[] = {
        {0, XS_WATCH, "@introduceDomain|in|", "OK|"},
        {0, XS_IS_DOMAIN_INTRODUCED, "1|", NULL},
    };

    play(steps, 1);
    cr_expect_str_eq(event(0), "@introduceDomain|in|");
    ask(0, XS_WATCH, 0, "@releaseDomain|out|");
    cr_expect_str_eq(event(0), "@releaseDomain|out|");
    ask(1, XS_WATCH, 0, "@introduceDomain|in|"); /* fires once and never again */
    event(1);
    cr_expect_str_eq(ask(0, XS_INTRODUCE, 0, "1|77|13|"), "!EINVAL|");
    cr_expect_str_eq(event(0), "(none)");
    cr_expect_str_eq(ask(0, XS_INTRODUCE, 0, "1|77|5|"), "OK|");
    cr_expect_eq(introduced[1], 77);
    cr_expect_str_eq(event(0), "@introduceDomain|in|");
    cr_expect_str_eq(event(1), "(none)");
    cr_expect_str_eq(ask(0, XS_INTRODUCE, 0, "1|77|5|"), "OK|"); /* again: nothing happens */
    cr_expect_str_eq(event(0), "(none)");
    cr_expect_str_eq(ask(0, XS_IS_DOMAIN_INTRODUCED, 0, "1|"), "T|");
    cr_expect_str_eq(ask(0, XS_IS_DOMAIN_INTRODUCED, 0, "0|"), "T|");
    cr_expect_str_eq(ask(0, XS_RELEASE, 0, "1|"), "OK|");
    cr_expect_str_eq(event(0), "@releaseDomain|out|");

    /* Its nodes are Domain 0's afterwards, and no right is left for who gets its number next. */
    ask(0, XS_WRITE, 0, "/x|");
    ask(0, XS_SET_PERMS, 0, "/x|n2|r1|");
    ask(0, XS_WRITE, 0, "/y|");
    ask(0, XS_SET_PERMS, 0, "/y|r1|b3|");
    ask(1, XS_WRITE, 0, "/y/z|");
    store_domain_gone(&store, 1);
    cr_expect_str_eq(ask(0, XS_GET_PERMS, 0, "/x|"), "n2|");
    cr_expect_str_eq(ask(0, XS_GET_PERMS, 0, "/y|"), "n0|b3|");
    cr_expect_str_eq(ask(0, XS_GET_PERMS, 0, "/y/z|"), "n0|b3|");
}

Test(work_store, watches)
{
    ask(0, XS_WRITE, 0, "/local/domain/1/a/b|");
    ask(0, XS_SET_PERMS, 0, "/local/domain/1/a|b1|");
    ask(0, XS_SET_PERMS, 0, "/local/domain/1/a/b|n0|");
    cr_expect_str_eq(ask(1, XS_WATCH, 0, "a|mine|"), "OK|");
    cr_expect_str_eq(event(1), "a|mine|"); /* once to begin with, named as it was given */
    cr_expect_str_eq(ask(1, XS_WATCH, 0, "a|mine|"), "!EEXIST|");
    cr_expect_str_eq(ask(1, XS_WATCH, 0, "/local/domain/1/a|absolute|"), "OK|");
    cr_expect_str_eq(event(1), "/local/domain/1/a|absolute|");

    ask(0, XS_WRITE, 0, "/local/domain/1/a|new");
    cr_expect_str_eq(event(1), "a|mine|");
    cr_expect_str_eq(event(1), "/local/domain/1/a|absolute|");
    ask(1, XS_WRITE, 0, "a/c/d|"); /* below it */
    cr_expect_str_eq(event(1), "a/c/d|mine|");
    cr_expect_str_eq(event(1), "/local/domain/1/a/c/d|absolute|");
    ask(0, XS_WRITE, 0, "/local/domain/1/a/b|secret"); /* which it may not see */
    ask(0, XS_WRITE, 0, "/local/domain/1/ab|");        /* a longer name, not a child */
    cr_expect_str_eq(event(1), "(none)");
    ask(0, XS_WRITE, 0, "/local/domain/1/a|1");
    ask(0, XS_WRITE, 0, "/local/domain/1/a|2"); /* the same event waits already */
    event(1);
    event(1);
    cr_expect_str_eq(event(1), "(none)");

    /* Removing tells who watches what was below. */
    ask(1, XS_WATCH, 0, "a/c/d|deep|");
    event(1);
    ask(1, XS_RM, 0, "a/c|");
    cr_expect_str_eq(event(1), "a/c|mine|");
    cr_expect_str_eq(event(1), "/local/domain/1/a/c|absolute|");
    cr_expect_str_eq(event(1), "a/c/d|deep|");
    cr_expect_str_eq(ask(1, XS_UNWATCH, 0, "a|mine|"), "OK|");
    cr_expect_str_eq(ask(1, XS_UNWATCH, 0, "a|mine|"), "!ENOENT|");
    cr_expect_str_eq(ask(1, XS_RESET_WATCHES, 0, "|"), "OK|");
    ask(0, XS_WRITE, 0, "/local/domain/1/a|3");
    cr_expect_str_eq(event(1), "(none)");
    cr_expect_eq(client[1]->watch_count, 0);
}

/* The identifier in the reply to XS_TRANSACTION_START. */
static uint32_t begin(unsigned who)
{
    return (uint32_t)strtoul(ask(who, XS_TRANSACTION_START, 0, "|"), NULL, 10);
}

Test(work_store, transactions)
{
    uint32_t t, u;

    ask(0, XS_WRITE, 0, "/n|1");
    ask(0, XS_WATCH, 0, "/|w|");
    event(0);
    t = begin(0);
    cr_expect_neq(t, 0);
    cr_expect_str_eq(ask(0, XS_TRANSACTION_START, t, "|"), "!EBUSY|");
    ask(0, XS_WRITE, t, "/n|2");
    ask(0, XS_WRITE, t, "/new/one|x");
    cr_expect_str_eq(ask(0, XS_READ, t, "/n|"), "2"); /* inside */
    cr_expect_str_eq(ask(0, XS_READ, 0, "/n|"), "1"); /* outside */
    cr_expect_str_eq(ask(0, XS_READ, 0, "/new/one|"), "!ENOENT|");
    cr_expect_str_eq(event(0), "(none)");
    cr_expect_str_eq(ask(0, XS_TRANSACTION_END, t, "X|"), "!EINVAL|");
    cr_expect_str_eq(ask(0, XS_TRANSACTION_END, t, "T|"), "OK|");
    cr_expect_str_eq(event(0), "/n|w|");
    cr_expect_str_eq(event(0), "/new/one|w|");
    cr_expect_str_eq(ask(0, XS_READ, 0, "/new/one|"), "x");
    cr_expect_str_eq(ask(0, XS_TRANSACTION_END, t, "T|"), "!ENOENT|");
    ask(0, XS_UNWATCH, 0, "/|w|");

    t = begin(0); /* given up */
    ask(0, XS_WRITE, t, "/n|3");
    cr_expect_str_eq(ask(0, XS_TRANSACTION_END, t, "F|"), "OK|");
    cr_expect_str_eq(ask(0, XS_READ, 0, "/n|"), "2");

    t = begin(0); /* somebody changes what it has read */
    ask(0, XS_READ, t, "/n|");
    ask(0, XS_WRITE, t, "/other|");
    ask(0, XS_WRITE, 0, "/n|4");
    cr_expect_str_eq(ask(0, XS_READ, t, "/n|"), "2"); /* it sees its own time */
    cr_expect_str_eq(ask(0, XS_TRANSACTION_END, t, "T|"), "!EAGAIN|");
    cr_expect_str_eq(ask(0, XS_READ, 0, "/other|"), "!ENOENT|");

    t = begin(0); /* or makes what was not there */
    ask(0, XS_READ, t, "/late|");
    ask(0, XS_WRITE, 0, "/late|");
    cr_expect_str_eq(ask(0, XS_TRANSACTION_END, t, "T|"), "!EAGAIN|");

    t = begin(0); /* or changes a list that it has read */
    ask(0, XS_DIRECTORY, t, "/new|");
    ask(0, XS_WRITE, 0, "/new/two|");
    cr_expect_str_eq(ask(0, XS_TRANSACTION_END, t, "T|"), "!EAGAIN|");

    t = begin(0); /* two that do not meet, in one folder */
    u = begin(0);
    ask(0, XS_WRITE, t, "/new/t|");
    ask(0, XS_WRITE, u, "/new/u|");
    cr_expect_str_eq(ask(0, XS_TRANSACTION_END, u, "T|"), "OK|");
    cr_expect_str_eq(ask(0, XS_TRANSACTION_END, t, "T|"), "OK|");
    cr_expect_str_eq(ask(0, XS_DIRECTORY, 0, "/new|"), "one|two|u|t|");

    t = begin(0); /* made and removed again: nothing */
    ask(0, XS_WRITE, t, "/gone/too|");
    ask(0, XS_RM, t, "/gone|");
    cr_expect_str_eq(ask(0, XS_TRANSACTION_END, t, "T|"), "OK|");
    cr_expect_str_eq(ask(0, XS_READ, 0, "/gone|"), "!ENOENT|");
}

/* Another's right that was taken away meanwhile does not come back with the commit. */
Test(work_store, a_commit_is_under_the_rights_of_its_time)
{
    uint32_t t;

    ask(0, XS_WRITE, 0, "/d|");
    ask(0, XS_SET_PERMS, 0, "/d|n0|b1|");
    t = begin(1);
    cr_expect_str_eq(ask(1, XS_WRITE, t, "/d/x|"), "OK|");
    ask(0, XS_SET_PERMS, 0, "/d|n0|r1|");
    cr_expect_str_eq(ask(1, XS_TRANSACTION_END, t, "T|"), "!EACCES|");
    cr_expect_str_eq(ask(0, XS_READ, 0, "/d/x|"), "!ENOENT|");
}

/* ---- quotas ---------------------------------------------------------------------------------- */

static void give_domain_1_a_folder(void)
{
    ask(0, XS_WRITE, 0, "/local/domain/1|");
    ask(0, XS_SET_PERMS, 0, "/local/domain/1|n1|");
}

Test(work_store, nodes_have_a_quota)
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

Test(work_store, a_node_has_a_size)
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

Test(work_store, a_list_may_be_too_long_for_a_reply)
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

Test(work_store, watches_and_transactions_have_quotas)
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

Test(work_store, a_transaction_remembers_only_so_much)
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

Test(work_store, old_transactions_are_spoiled)
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

Test(work_store, events_that_nobody_fetches_are_bounded)
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

Test(work_store, survives_random_requests)
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
