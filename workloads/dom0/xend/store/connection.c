/* SPDX-License-Identifier: GPL-2.0-only */
/* connection.c - who talks to the store, and what waits to be told */
#include "workloads/dom0/xend/store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool store_init(struct store *store, const struct store_hooks *hooks)
{
    *store = (struct store){.hooks = *hooks};
    return view_init(&store->view);
}

void store_end(struct store *store)
{
    while (store->connections)
        store_disconnect(store, store->connections);
    view_release(&store->view);
}

struct connection *store_connect(struct store *store, uint16_t domain)
{
    struct connection *connection = calloc(1, sizeof(*connection));

    if (!connection)
        return NULL;
    connection->caller = (struct caller){domain, domain == 0};
    snprintf(connection->home, sizeof(connection->home), "/local/domain/%u", domain);
    connection->out_end = &connection->out;
    connection->next = store->connections;
    store->connections = connection;
    return connection;
}

void store_disconnect(struct store *store, struct connection *connection)
{
    struct connection **link = &store->connections;

    while (*link != connection)
        link = &(*link)->next;
    *link = connection->next;
    watch_remove_all(connection);
    transaction_end_all(connection);
    while (connection->out)
        connection_drop_sent(connection);
    free(connection);
}

/* ---- paths ----------------------------------------------------------------------------------- */

static bool is_path_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '/' || c == '_' || c == '@';
}

int connection_path(const struct connection *connection, const char *name, char *path)
{
    bool absolute = name[0] == '/';
    size_t bytes = strlen(name), home = absolute ? 0 : strlen(connection->home) + 1;
    size_t most = connection->caller.privileged ? XENSTORE_ABS_PATH_MAX : QUOTA_PATH;

    if (bytes == 0 || bytes > (absolute ? XENSTORE_ABS_PATH_MAX : XENSTORE_REL_PATH_MAX) ||
        home + bytes > most || strstr(name, "//") || (bytes > 1 && name[bytes - 1] == '/'))
        return -EINVAL;
    for (size_t i = 0; i < bytes; i++)
        if (!is_path_character(name[i]))
            return -EINVAL;
    if (!absolute) {
        memcpy(path, connection->home, home - 1);
        path[home - 1] = '/';
    }
    memcpy(path + home, name, bytes + 1);
    return 0;
}

/* ---- the queue ------------------------------------------------------------------------------- */

void connection_send(struct connection *connection, const struct xsd_sockmsg *header,
                     const void *payload)
{
    struct message *m = malloc(sizeof(*m) + sizeof(*header) + header->len);

    if (!m)
        return;
    *m = (struct message){.bytes = (uint32_t)sizeof(*header) + header->len};
    memcpy(m->data, header, sizeof(*header));
    if (header->len)
        memcpy(m->data + sizeof(*header), payload, header->len);
    *connection->out_end = m;
    connection->out_end = &m->next;
    connection->waiting += m->bytes;
}

void connection_drop_sent(struct connection *connection)
{
    struct message *m = connection->out;

    connection->out = m->next;
    if (!connection->out)
        connection->out_end = &connection->out;
    connection->waiting -= m->bytes;
    free(m);
}

/* Whether this very event waits already, not yet begun: then a second one would say nothing new. */
static bool already_waits(const struct connection *connection, const struct xsd_sockmsg *header,
                          const char *payload)
{
    for (const struct message *m = connection->out; m; m = m->next)
        if (!m->sent && m->bytes == sizeof(*header) + header->len &&
            memcmp(m->data, header, sizeof(*header)) == 0 &&
            memcmp(m->data + sizeof(*header), payload, header->len) == 0)
            return true;
    return false;
}

void connection_event(struct connection *connection, const char *path, const char *token)
{
    struct xsd_sockmsg header = {.type = XS_WATCH_EVENT};
    size_t p = strlen(path) + 1, t = strlen(token) + 1;
    char payload[XENSTORE_PAYLOAD_MAX];

    if (p + t > sizeof(payload)) {
        connection->lost++;
        return;
    }
    memcpy(payload, path, p);
    memcpy(payload + p, token, t);
    header.len = (uint32_t)(p + t);
    if (already_waits(connection, &header, payload))
        return;
    if (connection->waiting + sizeof(header) + header.len > QUOTA_WAITING)
        connection->lost++;
    else
        connection_send(connection, &header, payload);
}
