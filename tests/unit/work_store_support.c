/* SPDX-License-Identifier: GPL-2.0-only */
/* work_store_support.c - see work_store_support.h */
#include "tests/unit/work_store_support.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

struct store store;
struct connection *client[4]; /* of domain 0, 1, 2, 3 */
uint16_t introduced[8];       /* frame of each domain, 0: none */

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

void store_setup(void)
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
void store_teardown(void)
{
    for (uint16_t i = 0; i < 4; i++)
        cr_expect_eq(store.view.owned[i], owners_in(store.view.root, i), "domain %u", i);
    store_end(&store);
}

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

const char *ask_with(unsigned who, uint32_t type, uint32_t tx, const char *payload, uint32_t bytes)
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

const char *ask(unsigned who, uint32_t type, uint32_t tx, const char *payload)
{
    static char bytes[XENSTORE_PAYLOAD_MAX];
    uint32_t length = (uint32_t)strlen(payload);

    for (uint32_t i = 0; i < length; i++)
        bytes[i] = payload[i] == '|' ? '\0' : payload[i];
    return ask_with(who, type, tx, bytes, length);
}

const char *event(unsigned who)
{
    struct xsd_sockmsg header;
    const char *text = next(who, &header);

    cr_assert(header.type == XS_WATCH_EVENT || header.type == 0);
    return text;
}

void play(const struct step *steps, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        const char *reply = ask(steps[i].who, steps[i].type, 0, steps[i].payload);

        cr_expect_str_eq(reply, steps[i].reply, "step %u: domain %u, type %u, %s gives %s, not %s",
                         i, steps[i].who, steps[i].type, steps[i].payload, reply, steps[i].reply);
    }
}

uint32_t begin(unsigned who)
{
    return (uint32_t)strtoul(ask(who, XS_TRANSACTION_START, 0, "|"), NULL, 10);
}
