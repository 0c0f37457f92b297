/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * request.c - the requests of the wire protocol
 *
 * A payload is one or more strings, each with its NUL; only the value of XS_WRITE has none. A reply
 * has the type of its request; XS_ERROR carries an error's name. What one request changes is done
 * before its reply is queued, and the events that this causes come after the reply.
 *
 * Source: xs_wire.h; docs/misc/xenstore.txt of Xen for what each means.
 */
#include "workloads/dom0/xend/store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STRINGS_MOST (PERMISSIONS_MOST + 1)

struct request {
    struct store *store;
    struct connection *connection;
    struct transaction *transaction; /* NULL: none */
    const char *payload;
    uint32_t bytes;
    char reply[XENSTORE_PAYLOAD_MAX];
    uint32_t reply_bytes;
    const char *watch_name, *watch_token; /* to be fired once, after the reply */
    const char *announce;
};

/* ---- parts of requests and replies ----------------------------------------------------------- */

/*
 * Cuts the payload into strings; their number, -EINVAL if it does not end with one or has too many.
 */
static int strings(const struct request *r, const char *part[], int most)
{
    const char *end = r->payload + r->bytes;
    int count = 0;

    for (const char *p = r->payload; p < end; p += strlen(p) + 1) {
        if (count == most || !memchr(p, '\0', (size_t)(end - p)))
            return -EINVAL;
        part[count++] = p;
    }
    return count;
}

static int exactly(const struct request *r, const char *part[], int count)
{
    return strings(r, part, count) == count ? 0 : -EINVAL;
}

static int reply(struct request *r, const void *data, size_t bytes)
{
    if (r->reply_bytes + bytes > sizeof(r->reply))
        return -E2BIG;
    if (bytes)
        memcpy(r->reply + r->reply_bytes, data, bytes);
    r->reply_bytes += (uint32_t)bytes;
    return 0;
}

static int reply_text(struct request *r, const char *text)
{
    return reply(r, text, strlen(text) + 1);
}

static int parse_number(const char *text, uint32_t most, uint32_t *number)
{
    char *end;
    unsigned long long value;

    if (*text < '0' || *text > '9')
        return -EINVAL;
    value = strtoull(text, &end, 10);
    if (*end || value > most)
        return -EINVAL;
    *number = (uint32_t)value;
    return 0;
}

/* The node that the payload names as its only string. */
static int named_node(struct request *r, const char *name, unsigned access, char *path,
                      const struct node **node)
{
    const struct view *view = r->transaction ? transaction_view(r->transaction) : &r->store->view;
    int error = connection_path(r->connection, name, path);

    if (!error && !view)
        error = -EAGAIN;
    if (!error && r->transaction)
        error = transaction_touch(r->transaction, r->connection, path);
    return error ? error : view_get(view, path, &r->connection->caller, access, node);
}

static int change(struct request *r, enum operation_kind kind, const char *name, const void *data,
                  uint32_t bytes)
{
    char path[XENSTORE_ABS_PATH_MAX + 1];
    struct operation operation = {kind, path, data, bytes};
    int error = connection_path(r->connection, name, path);

    if (!error && r->transaction && !transaction_view(r->transaction))
        error = -EAGAIN;
    if (!error)
        error = store_change(r->store, r->connection, r->transaction, &operation);
    return error ? error : reply_text(r, "OK");
}

/* ---- reading --------------------------------------------------------------------------------- */

static int do_directory(struct request *r)
{
    char path[XENSTORE_ABS_PATH_MAX + 1];
    const struct node *node;
    const char *name;
    int error = exactly(r, &name, 1);

    if (!error)
        error = named_node(r, name, ACCESS_READ, path, &node);
    for (unsigned i = 0; !error && i < node->child_count; i++)
        error = reply_text(r, node->children[i]->name);
    return error;
}

/*
 * A part of a long list, from a byte offset on; the generation says whether parts belong together.
 */
static int do_directory_part(struct request *r)
{
    char path[XENSTORE_ABS_PATH_MAX + 1], number[24];
    uint32_t offset, at = 0;
    const struct node *node;
    const char *part[2];
    int error = exactly(r, part, 2);

    if (!error)
        error = parse_number(part[1], UINT32_MAX, &offset);
    if (!error)
        error = named_node(r, part[0], ACCESS_READ, path, &node);
    if (error)
        return error;
    snprintf(number, sizeof(number), "%llu", (unsigned long long)node->generation);
    reply_text(r, number);
    for (unsigned i = 0; i < node->child_count; i++) {
        size_t bytes = strlen(node->children[i]->name) + 1;

        if (at >= offset && r->reply_bytes + bytes + 1 > sizeof(r->reply))
            return 0;
        if (at >= offset)
            reply(r, node->children[i]->name, bytes);
        at += (uint32_t)bytes;
    }
    return reply(r, "", 1); /* an empty name: the end of the list */
}

static int do_read(struct request *r)
{
    char path[XENSTORE_ABS_PATH_MAX + 1];
    const struct node *node;
    const char *name;
    int error = exactly(r, &name, 1);

    if (!error)
        error = named_node(r, name, ACCESS_READ, path, &node);
    return error ? error : reply(r, node->value, node->value_bytes);
}

static int do_get_permissions(struct request *r)
{
    static const char letter[] = {'n', 'r', 'w', 'b'};
    char path[XENSTORE_ABS_PATH_MAX + 1], text[16];
    const struct node *node;
    const char *name;
    int error = exactly(r, &name, 1);

    if (!error)
        error = named_node(r, name, ACCESS_READ, path, &node);
    for (unsigned i = 0; !error && i < node->permissions; i++) {
        snprintf(text, sizeof(text), "%c%u", letter[node->permission[i].access & 3],
                 node->permission[i].domain);
        error = reply_text(r, text);
    }
    return error;
}

/* ---- changing -------------------------------------------------------------------------------- */

static int do_write(struct request *r)
{
    const char *end = memchr(r->payload, '\0', r->bytes);
    uint32_t name_bytes = end ? (uint32_t)(end - r->payload) + 1 : 0;

    if (!end)
        return -EINVAL;
    return change(r, OPERATION_WRITE, r->payload, end + 1, r->bytes - name_bytes);
}

static int do_mkdir(struct request *r)
{
    const char *name;
    int error = exactly(r, &name, 1);

    return error ? error : change(r, OPERATION_MKDIR, name, NULL, 0);
}

static int do_remove(struct request *r)
{
    const char *name;
    int error = exactly(r, &name, 1);

    return error ? error : change(r, OPERATION_REMOVE, name, NULL, 0);
}

static int parse_permission(const char *text, struct permission *permission)
{
    static const char letters[] = "nrwb";
    const char *letter = *text ? strchr(letters, *text) : NULL;
    uint32_t domain;

    if (!letter || parse_number(text + 1, UINT16_MAX, &domain))
        return -EINVAL;
    *permission = (struct permission){(uint16_t)domain, (uint8_t)(letter - letters)};
    return 0;
}

static int do_set_permissions(struct request *r)
{
    struct permission permission[PERMISSIONS_MOST];
    const char *part[STRINGS_MOST];
    int count = strings(r, part, STRINGS_MOST), error = count < 2 ? -EINVAL : 0;

    for (int i = 1; !error && i < count; i++)
        error = parse_permission(part[i], &permission[i - 1]);
    if (error)
        return error;
    return change(r, OPERATION_PERMISSIONS, part[0], permission,
                  (uint32_t)(count - 1) * (uint32_t)sizeof(permission[0]));
}

/* ---- watches and transactions ---------------------------------------------------------------- */

static int do_watch(struct request *r)
{
    const char *part[2];
    int error = exactly(r, part, 2);

    if (!error)
        error = watch_add(r->store, r->connection, part[0], part[1]);
    if (error)
        return error;
    r->watch_name = part[0];
    r->watch_token = part[1];
    return reply_text(r, "OK");
}

static int do_unwatch(struct request *r)
{
    const char *part[2];
    int error = exactly(r, part, 2);

    if (!error)
        error = watch_remove(r->connection, part[0], part[1]);
    return error ? error : reply_text(r, "OK");
}

static int do_reset_watches(struct request *r)
{
    watch_remove_all(r->connection);
    transaction_end_all(r->connection);
    return reply_text(r, "OK");
}

static int do_transaction_start(struct request *r)
{
    char text[16];
    uint32_t id;
    int error = r->transaction ? -EBUSY : transaction_start(r->store, r->connection, &id);

    if (error)
        return error;
    snprintf(text, sizeof(text), "%u", id);
    return reply_text(r, text);
}

static int do_transaction_end(struct request *r, uint32_t id)
{
    const char *how;
    int error = exactly(r, &how, 1);

    if (error || (strcmp(how, "T") != 0 && strcmp(how, "F") != 0))
        return -EINVAL;
    error = transaction_end(r->store, r->connection, id, *how == 'T');
    r->transaction = NULL;
    return error ? error : reply_text(r, "OK");
}

/* ---- domains --------------------------------------------------------------------------------- */

static int domain_number(struct request *r, const char *text, uint16_t *domain)
{
    uint32_t number = 0;
    int error = parse_number(text, STORE_DOMAINS - 1, &number);

    (void)r;
    *domain = (uint16_t)number;
    return error;
}

static int only_domain(struct request *r, uint16_t *domain)
{
    const char *text;
    int error = exactly(r, &text, 1);

    return error ? error : domain_number(r, text, domain);
}

static int do_introduce(struct request *r)
{
    const struct store_hooks *hooks = &r->store->hooks;
    const char *part[3];
    uint32_t frame, port;
    uint16_t domain;
    int error;

    if (!r->connection->caller.privileged)
        return -EACCES;
    if (exactly(r, part, 3) || domain_number(r, part[0], &domain) || domain == 0 ||
        parse_number(part[1], UINT32_MAX, &frame) || parse_number(part[2], UINT32_MAX, &port))
        return -EINVAL;
    if (!hooks->is_introduced(hooks->owner, domain)) {
        error = hooks->introduce(hooks->owner, domain, frame, port);
        if (error)
            return error;
        r->announce = "@introduceDomain";
    }
    return reply_text(r, "OK");
}

static int do_release(struct request *r)
{
    const struct store_hooks *hooks = &r->store->hooks;
    uint16_t domain;
    int error;

    if (!r->connection->caller.privileged)
        return -EACCES;
    error = only_domain(r, &domain);
    if (!error && !hooks->is_introduced(hooks->owner, domain))
        error = -ENOENT;
    if (!error)
        error = hooks->release(hooks->owner, domain);
    if (error)
        return error;
    r->announce = "@releaseDomain";
    return reply_text(r, "OK");
}

static int do_is_domain_introduced(struct request *r)
{
    const struct store_hooks *hooks = &r->store->hooks;
    uint16_t domain;
    int error = only_domain(r, &domain);

    if (error)
        return error;
    return reply_text(r, domain == 0 || hooks->is_introduced(hooks->owner, domain) ? "T" : "F");
}

static int do_get_domain_path(struct request *r)
{
    char text[32];
    uint16_t domain;
    int error = only_domain(r, &domain);

    if (error)
        return error;
    snprintf(text, sizeof(text), "/local/domain/%u", domain);
    return reply_text(r, text);
}

/* ---- dispatch -------------------------------------------------------------------------------- */

static int (*const handlers[XS_TYPE_COUNT])(struct request *) = {
    [XS_DIRECTORY] = do_directory,
    [XS_DIRECTORY_PART] = do_directory_part,
    [XS_READ] = do_read,
    [XS_GET_PERMS] = do_get_permissions,
    [XS_SET_PERMS] = do_set_permissions,
    [XS_WRITE] = do_write,
    [XS_MKDIR] = do_mkdir,
    [XS_RM] = do_remove,
    [XS_WATCH] = do_watch,
    [XS_UNWATCH] = do_unwatch,
    [XS_RESET_WATCHES] = do_reset_watches,
    [XS_TRANSACTION_START] = do_transaction_start,
    [XS_INTRODUCE] = do_introduce,
    [XS_RELEASE] = do_release,
    [XS_IS_DOMAIN_INTRODUCED] = do_is_domain_introduced,
    [XS_GET_DOMAIN_PATH] = do_get_domain_path,
};

static const char *error_name(int error)
{
    for (unsigned i = 0; i < sizeof(xsd_errors) / sizeof(xsd_errors[0]); i++)
        if (xsd_errors[i].errnum == -error)
            return xsd_errors[i].errstring;
    return "EINVAL";
}

static int dispatch(struct request *r, const struct xsd_sockmsg *header)
{
    if (header->tx_id) {
        r->transaction = transaction_find(r->connection, header->tx_id);
        if (!r->transaction)
            return -ENOENT;
    }
    if (header->type == XS_TRANSACTION_END)
        return r->transaction ? do_transaction_end(r, header->tx_id) : -ENOENT;
    if (header->type >= XS_TYPE_COUNT || !handlers[header->type])
        return -ENOSYS;
    return handlers[header->type](r);
}

void store_receive(struct store *store, struct connection *connection,
                   const struct xsd_sockmsg *header, const char *payload)
{
    struct xsd_sockmsg answer = *header;
    struct request r = {
        .store = store, .connection = connection, .payload = payload, .bytes = header->len};
    struct message **first = connection->out_end, **end, *events;
    int error = dispatch(&r, header);

    if (error) {
        answer.type = XS_ERROR;
        r.reply_bytes = 0;
        reply_text(&r, error_name(error));
    }
    answer.len = r.reply_bytes;
    /* The caller's own events have been queued meanwhile: the reply goes before them. */
    events = *first;
    end = connection->out_end;
    *first = NULL;
    connection->out_end = first;
    connection_send(connection, &answer, r.reply);
    if (events) {
        *connection->out_end = events;
        connection->out_end = end;
    }
    if (error)
        return;
    if (r.watch_name)
        connection_event(connection, r.watch_name, r.watch_token);
    if (r.announce)
        store_announce(store, r.announce);
}
