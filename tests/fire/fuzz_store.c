/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The store's wire protocol: messages of four domains, one after the other.
 *
 * A message is: a byte whose low two bits say which domain, the next five bits its type; a byte for
 * the transaction; a byte and a half for the length; the payload. What waits for a domain is
 * fetched when the highest bit of the first byte is set.
 */
#include "tests/fire/fuzz.h"
#include "workloads/dom0/xend/store/store.h"

#include <stdlib.h>
#include <string.h>

#define CLIENTS      4
#define HEADER_BYTES 4

static bool introduced[8];

static int introduce(void *owner, uint16_t domain, uint32_t frame, uint32_t port)
{
    (void)owner;
    (void)frame;
    introduced[domain % 8] = port != 13;
    return port == 13 ? -EINVAL : 0;
}

static int release(void *owner, uint16_t domain)
{
    (void)owner;
    introduced[domain % 8] = false;
    return 0;
}

static bool is_introduced(void *owner, uint16_t domain)
{
    (void)owner;
    return introduced[domain % 8];
}

static uint32_t owned(const struct node *node, uint16_t domain)
{
    uint32_t count = node_owner(node) == domain;

    fuzz_promise(node->permissions >= 1 && node->permissions <= PERMISSIONS_MOST,
                 "a node has an owner");
    for (unsigned i = 0; i < node->child_count; i++)
        count += owned(node->children[i], domain);
    return count;
}

static void fetch(struct connection *connection)
{
    while (connection->out) {
        const struct message *m = connection->out;
        struct xsd_sockmsg header;

        memcpy(&header, m->data, sizeof(header));
        fuzz_promise(m->bytes == sizeof(header) + header.len && header.len <= XENSTORE_PAYLOAD_MAX,
                     "an answer is as long as it says");
        connection_drop_sent(connection);
    }
    fuzz_promise(connection->waiting == 0, "nothing waits where nothing is");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct store_hooks hooks = {NULL, introduce, release, is_introduced};
    struct connection *client[CLIENTS];
    struct store store;
    size_t at = 0;

    memset(introduced, 0, sizeof(introduced));
    if (!store_init(&store, &hooks))
        return 0;
    for (uint16_t i = 0; i < CLIENTS; i++)
        client[i] = store_connect(&store, i);
    while (size - at >= HEADER_BYTES) {
        const uint8_t *m = data + at;
        unsigned who = m[0] % CLIENTS;
        uint32_t length = m[2] | (m[3] & 15u) << 8;
        struct xsd_sockmsg header = {.type = m[0] >> 2 & 31, .req_id = m[3], .tx_id = m[1]};
        char *payload;

        at += HEADER_BYTES;
        header.len = length <= size - at ? length : (uint32_t)(size - at);
        payload = fuzz_allocate(header.len + 1u); /* of its own, so that a byte too far is seen */
        memcpy(payload, data + at, header.len);
        store_receive(&store, client[who], &header, payload);
        free(payload);
        at += header.len;
        if (m[0] & 0x80)
            fetch(client[who]);
        if (header.type == 31) /* none: the domain ends, and its number comes again */
        {
            store_disconnect(&store, client[who]);
            store_domain_gone(&store, (uint16_t)who);
            client[who] = store_connect(&store, (uint16_t)who);
        }
    }
    for (uint16_t i = 0; i < CLIENTS; i++) {
        fuzz_promise(client[i]->watch_count <= QUOTA_WATCHES || i == 0, "watches have a quota");
        fuzz_promise(store.view.owned[i] == owned(store.view.root, i), "what is counted is there");
        fuzz_promise(i == 0 || store.view.owned[i] <= QUOTA_NODES, "nodes have a quota");
        fetch(client[i]);
    }
    store_end(&store);
    return 0;
}
