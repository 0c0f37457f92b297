/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * store.h - the store service: connections, transactions, watches
 *
 * Pure: it knows neither rings nor sockets nor hypercalls. Who carries bytes gives it whole
 * messages (store_receive()) and takes its answers from the connection's queue; what only the
 * machine can do, it asks of its hooks. Everything here survives any message: lengths, texts and
 * numbers are the other side's and are checked, and what a domain can make the service keep has a
 * quota.
 */
#ifndef XENOLITH_STORE_STORE_H
#define XENOLITH_STORE_STORE_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include <xen/io/xs_wire.h>

#include "workloads/dom0/xend/store/view.h"

/* Quotas of an ordinary domain; Domain 0's connections have none but the last. */
#define QUOTA_WATCHES      128
#define QUOTA_TRANSACTIONS 10
#define QUOTA_TOUCHED      1024         /* nodes that one transaction has read or written */
#define QUOTA_TRANSACTION  (256u << 10) /* bytes of what one transaction has to remember */
#define QUOTA_BEHIND       2048         /* changes of the store that it may miss; more spoil it */
#define QUOTA_PATH         1024         /* bytes of an absolute path */
#define QUOTA_WAITING      (64u << 10)  /* bytes of events that wait to be fetched; more are lost */

/* A message on its way to the other side. */
struct message {
    struct message *next;
    uint32_t bytes, sent;
    uint8_t data[]; /* header and payload, as on the wire */
};

struct watch {
    struct watch *next;
    char *path;    /* absolute, or one of the special names that begin with '@' */
    bool relative; /* it was given relative to the domain's own path, and events name it so */
    char token[];
};

struct transaction;

struct connection {
    struct connection *next;
    struct caller caller;
    char home[32]; /* "/local/domain/N": what relative paths begin with */
    struct watch *watches;
    unsigned watch_count;
    struct transaction *transactions;
    unsigned transaction_count;
    uint32_t last_transaction;
    struct message *out, **out_end;
    uint32_t waiting; /* bytes in the queue */
    uint32_t lost;    /* events dropped because too many waited */
};

/* What the store cannot do itself. Each returns 0 or -Exxx. */
struct store_hooks {
    void *owner;
    int (*introduce)(void *owner, uint16_t domain, uint32_t frame, uint32_t port);
    int (*release)(void *owner, uint16_t domain);
    bool (*is_introduced)(void *owner, uint16_t domain);
};

struct store {
    struct view view;
    uint64_t generation; /* of the last change, also within a transaction */
    uint64_t changes;    /* that everybody sees */
    struct connection *connections;
    struct store_hooks hooks;
};

bool store_init(struct store *store, const struct store_hooks *hooks); /* false: no memory */
void store_end(struct store *store);                                   /* frees everything */

/* A connection of a domain's ring, or (domain 0) of a program of Domain 0; NULL: no memory. */
struct connection *store_connect(struct store *store, uint16_t domain);
/* Its watches, transactions and unsent messages go with it. */
void store_disconnect(struct store *store, struct connection *connection);

/* One request. The payload has header->len bytes, XENSTORE_PAYLOAD_MAX at most. Answers and events
 * are in connections' queues afterwards. */
void store_receive(struct store *store, struct connection *connection,
                   const struct xsd_sockmsg *header, const char *payload);

/* Tells who watches "@introduceDomain" or "@releaseDomain". */
void store_announce(struct store *store, const char *special);

/* A domain has been destroyed: its number may come again, for another. */
void store_domain_gone(struct store *store, uint16_t domain);

/* ---- between the parts of the store ---------------------------------------------------------- */

/* connection.c. Queue a reply or an event; a reply of no memory ends in silence. */
void connection_send(struct connection *connection, const struct xsd_sockmsg *header,
                     const void *payload);
void connection_drop_sent(struct connection *connection); /* the first message has left whole */
void connection_event(struct connection *connection, const char *path, const char *token);
/* An absolute path in a buffer of XENSTORE_ABS_PATH_MAX + 1 bytes, or -EINVAL. */
int connection_path(const struct connection *connection, const char *name, char *path);

/* watch.c */
int watch_add(struct store *store, struct connection *connection, const char *name,
              const char *token);
int watch_remove(struct connection *connection, const char *name, const char *token);
void watch_remove_all(struct connection *connection);
/*
 * The node at `path` has changed. `below`: only watches for exactly this path, because what was
 * removed lay further up.
 */
void watch_fire(struct store *store, const char *path, const struct node *node, bool below);
void watch_fire_removed(struct store *store, const char *path, const struct node *node);

/* transaction.c */
int transaction_start(struct store *store, struct connection *connection, uint32_t *id);
/* -EAGAIN: somebody has changed what it saw. */
int transaction_end(struct store *store, struct connection *connection, uint32_t id, bool commit);
void transaction_end_all(struct connection *connection);
struct transaction *transaction_find(const struct connection *connection, uint32_t id);
struct view *transaction_view(struct transaction *transaction); /* NULL: it is spoiled */
/* It depends on this node, as it was when it began. 0, -ENOSPC, -ENOMEM. */
int transaction_touch(struct transaction *transaction, const struct connection *connection,
                      const char *path);

enum operation_kind { OPERATION_WRITE, OPERATION_MKDIR, OPERATION_REMOVE, OPERATION_PERMISSIONS };

/* Something that changes a node; `bytes` at data are the value, or permissions. */
struct operation {
    enum operation_kind kind;
    const char *path;
    const void *data;
    uint32_t bytes;
};

/* Does it now, or in the transaction if there is one. 0 or -Exxx. */
int store_change(struct store *store, struct connection *connection, struct transaction *in,
                 const struct operation *operation);

#endif
