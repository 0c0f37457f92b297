/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * transaction.c - several operations as one, and single ones
 *
 * A transaction works on a view of its own, taken when it began, and remembers two things: the
 * nodes that it has read or written, with their generations at the beginning (0: there was none),
 * and its changes in order. It can be committed if all those nodes still have these generations;
 * then the changes are made again, on a copy of the store's view, under the same rules and quotas,
 * and the copy becomes the store's view. Otherwise the answer is EAGAIN. So a domain can spoil
 * another's transaction only by changing a node that this one has used.
 *
 * An open transaction keeps old nodes in memory. An ordinary domain's is therefore spoiled when the
 * store has changed very often since it began, which bounds what all of them together keep.
 */
#include "workloads/dom0/xend/store/store.h"

#include <stdlib.h>
#include <string.h>

struct touched {
    char *path;
    uint64_t generation;
};

struct kept {
    struct kept *next;
    struct operation operation; /* its path and data lie behind */
    char bytes[];
};

struct transaction {
    struct transaction *next;
    uint32_t id;
    bool spoiled;             /* its views are gone */
    uint64_t begun;           /* store->changes then */
    uint32_t remember;        /* bytes of paths and changes */
    struct view view, before; /* as it is now, and as it was at the beginning */
    struct touched *touched;
    unsigned touched_count, touched_room;
    struct kept *changes, **changes_end;
};

/* ---- begin and end --------------------------------------------------------------------------- */

int transaction_start(struct store *store, struct connection *connection, uint32_t *id)
{
    struct transaction *t;

    if (!connection->caller.privileged && connection->transaction_count >= QUOTA_TRANSACTIONS)
        return -ENOSPC;
    t = calloc(1, sizeof(*t));
    if (!t)
        return -ENOMEM;
    do
        t->id = ++connection->last_transaction;
    while (t->id == 0 || transaction_find(connection, t->id));
    t->begun = store->changes;
    view_copy(&t->view, &store->view);
    view_copy(&t->before, &store->view);
    t->changes_end = &t->changes;
    t->next = connection->transactions;
    connection->transactions = t;
    connection->transaction_count++;
    *id = t->id;
    return 0;
}

struct transaction *transaction_find(const struct connection *connection, uint32_t id)
{
    struct transaction *t = connection->transactions;

    while (t && t->id != id)
        t = t->next;
    return t;
}

struct view *transaction_view(struct transaction *transaction)
{
    return transaction->spoiled ? NULL : &transaction->view;
}

static void forget(struct connection *connection, struct transaction *transaction)
{
    struct transaction **link = &connection->transactions;

    while (*link != transaction)
        link = &(*link)->next;
    *link = transaction->next;
    connection->transaction_count--;
    if (!transaction->spoiled) {
        view_release(&transaction->view);
        view_release(&transaction->before);
    }
    for (unsigned i = 0; i < transaction->touched_count; i++)
        free(transaction->touched[i].path);
    free(transaction->touched);
    for (struct kept *k = transaction->changes, *next; k; k = next) {
        next = k->next;
        free(k);
    }
    free(transaction);
}

void transaction_end_all(struct connection *connection)
{
    while (connection->transactions)
        forget(connection, connection->transactions);
}

/* Spoils the transactions of ordinary domains that have missed too much. */
static void spoil_old(struct store *store)
{
    for (struct connection *c = store->connections; c; c = c->next)
        for (struct transaction *t = c->transactions; t && !c->caller.privileged; t = t->next)
            if (!t->spoiled && store->changes - t->begun > QUOTA_BEHIND) {
                t->spoiled = true;
                view_release(&t->view);
                view_release(&t->before);
            }
}

/* ---- what it has used ------------------------------------------------------------------------ */

static uint64_t generation_of(const struct view *view, const char *path)
{
    const struct node *node = view_find(view, path);

    return node ? node->generation : 0;
}

int transaction_touch(struct transaction *t, const struct connection *connection, const char *path)
{
    char *name;

    for (unsigned i = 0; i < t->touched_count; i++)
        if (strcmp(t->touched[i].path, path) == 0)
            return 0;
    if (!connection->caller.privileged &&
        (t->touched_count >= QUOTA_TOUCHED || t->remember + strlen(path) > QUOTA_TRANSACTION))
        return -ENOSPC;
    if (t->touched_count == t->touched_room) {
        unsigned room = t->touched_room ? 2 * t->touched_room : 8;
        struct touched *more = realloc(t->touched, room * sizeof(*more));

        if (!more)
            return -ENOMEM;
        t->touched = more;
        t->touched_room = room;
    }
    name = strdup(path);
    if (!name)
        return -ENOMEM;
    t->remember += (uint32_t)strlen(path);
    t->touched[t->touched_count++] = (struct touched){name, generation_of(&t->before, path)};
    return 0;
}

static struct kept *keep(const struct operation *operation)
{
    size_t path = strlen(operation->path) + 1;
    struct kept *k = malloc(sizeof(*k) + path + operation->bytes);

    if (!k)
        return NULL;
    k->next = NULL;
    k->operation = *operation;
    k->operation.path = memcpy(k->bytes, operation->path, path);
    k->operation.data = k->bytes + path;
    if (operation->bytes)
        memcpy(k->bytes + path, operation->data, operation->bytes);
    return k;
}

/* ---- changes --------------------------------------------------------------------------------- */

static int apply(struct store *store, struct view *view, const struct caller *caller,
                 const struct operation *o)
{
    struct change change = {caller, o->path, ++store->generation};

    switch (o->kind) {
    case OPERATION_WRITE:
        return view_write(view, &change, o->data, o->bytes);
    case OPERATION_MKDIR:
        return view_mkdir(view, &change);
    case OPERATION_REMOVE:
        return view_remove(view, &change);
    default:
        return view_set_permissions(view, &change, o->data,
                                    o->bytes / (uint32_t)sizeof(struct permission));
    }
}

/* Tells who watches; `before` is the node as it was, NULL if there was none. */
static void tell(struct store *store, const struct operation *o, const struct node *before)
{
    const struct node *after = view_find(&store->view, o->path);

    if (o->kind == OPERATION_REMOVE && before)
        watch_fire_removed(store, o->path, before);
    else if (o->kind != OPERATION_REMOVE && after && !(o->kind == OPERATION_MKDIR && before))
        watch_fire(store, o->path, after, false);
}

int store_change(struct store *store, struct connection *connection, struct transaction *in,
                 const struct operation *operation)
{
    struct view before;
    struct kept *k;
    uint32_t size;
    int error;

    if (!in) {
        view_copy(&before, &store->view);
        error = apply(store, &store->view, &connection->caller, operation);
        if (!error) {
            store->changes++;
            spoil_old(store);
            tell(store, operation, view_find(&before, operation->path));
        }
        view_release(&before);
        return error;
    }
    error = transaction_touch(in, connection, operation->path);
    if (error)
        return error;
    size = (uint32_t)(sizeof(*k) + strlen(operation->path) + operation->bytes);
    if (!connection->caller.privileged && in->remember + size > QUOTA_TRANSACTION)
        return -ENOSPC;
    k = keep(operation);
    if (!k)
        return -ENOMEM;
    error = apply(store, &in->view, &connection->caller, operation);
    if (error) {
        free(k);
        return error;
    }
    in->remember += size;
    *in->changes_end = k;
    in->changes_end = &k->next;
    return 0;
}

static int commit(struct store *store, struct connection *connection, const struct transaction *t)
{
    struct view before, fresh;
    int error = 0;

    if (t->spoiled)
        return -EAGAIN;
    for (unsigned i = 0; i < t->touched_count; i++)
        if (generation_of(&store->view, t->touched[i].path) != t->touched[i].generation)
            return -EAGAIN;
    view_copy(&before, &store->view);
    view_copy(&fresh, &store->view);
    for (const struct kept *k = t->changes; k && !error; k = k->next)
        error = apply(store, &fresh, &connection->caller, &k->operation);
    if (!error) {
        view_release(&store->view);
        store->view = fresh;
        store->changes++;
        for (const struct kept *k = t->changes; k; k = k->next)
            tell(store, &k->operation, view_find(&before, k->operation.path));
    } else {
        view_release(&fresh);
    }
    view_release(&before);
    return error;
}

int transaction_end(struct store *store, struct connection *connection, uint32_t id, bool keep_it)
{
    struct transaction *t = transaction_find(connection, id);
    int error;

    if (!t)
        return -ENOENT;
    error = keep_it ? commit(store, connection, t) : 0;
    forget(connection, t);
    spoil_old(store);
    return error;
}

void store_domain_gone(struct store *store, uint16_t domain)
{
    view_forget_domain(&store->view, domain, ++store->generation);
}
