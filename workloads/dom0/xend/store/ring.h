/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ring.h - a domain's way to the store: the page it shares with us
 *
 * Two rings of bytes, requests and responses (xs_wire.h). The page is the domain's memory: it may
 * hold anything, and change at any time. Indices are therefore read once and checked, and a message
 * is judged by the copy that was taken out of the ring. A domain that breaks the protocol is told
 * so in the page's error field and is not listened to any more, until it asks for a new start in
 * the connection field.
 */
#ifndef XENOLITH_STORE_RING_H
#define XENOLITH_STORE_RING_H

#include "workloads/dom0/xend/store/store.h"

struct store_ring {
    volatile struct xenstore_domain_interface *page;
    struct store *store;
    struct connection *connection;
    bool broken;
    struct xsd_sockmsg header; /* being received */
    uint32_t received;         /* of header and payload */
    char payload[XENSTORE_PAYLOAD_MAX];
};

enum ring_result {
    RING_NOTIFY = 1, /* the other side has to be told: there is something, or room */
    RING_MORE = 2    /* it has said more: call again, after others had their turn */
};

/* Begins with the page as it is: the domain has not run yet, or waits. */
void store_ring_open(struct store_ring *ring, volatile struct xenstore_domain_interface *page,
                     struct store *store, struct connection *connection);

/*
 * Takes in one request at most, and puts out what there is room for. The sum of enum ring_result.
 */
int store_ring_work(struct store_ring *ring);

/* Only puts out what there is room for. */
int store_ring_flush(struct store_ring *ring);

#endif
