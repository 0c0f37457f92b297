/* SPDX-License-Identifier: GPL-2.0-only */
#include "workloads/dom0/xend/store/ring.h"

#include <string.h>

#define FEATURES     (XENSTORE_SERVER_FEATURE_RECONNECTION | XENSTORE_SERVER_FEATURE_ERROR)
#define WAITING_MOST (2 * XENSTORE_PAYLOAD_MAX) /* so much unsent, and no request is taken in */

void store_ring_open(struct store_ring *ring, volatile struct xenstore_domain_interface *page,
                     struct store *store, struct connection *connection)
{
    *ring = (struct store_ring){.page = page, .store = store, .connection = connection};
    page->server_features = FEATURES;
    page->connection = XENSTORE_CONNECTED;
}

static void give_up(struct store_ring *ring, uint32_t error)
{
    ring->broken = true;
    ring->page->error = error;
}

/* A new start: nothing of before is left but what it wrote. */
static int start_again(struct store_ring *ring)
{
    struct connection *c = ring->connection;

    watch_remove_all(c);
    transaction_end_all(c);
    while (c->out)
        connection_drop_sent(c);
    ring->received = 0;
    ring->broken = false;
    ring->page->req_cons = ring->page->req_prod = 0;
    ring->page->rsp_cons = ring->page->rsp_prod = 0;
    ring->page->error = XENSTORE_ERROR_NONE;
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    ring->page->connection = XENSTORE_CONNECTED;
    return RING_NOTIFY;
}

int store_ring_flush(struct store_ring *ring)
{
    struct message *m;
    uint32_t prod = ring->page->rsp_prod, room, begun = prod;

    if (ring->broken || ring->page->connection == XENSTORE_RECONNECT)
        return 0;
    room = prod - ring->page->rsp_cons;
    if (room > XENSTORE_RING_SIZE) {
        give_up(ring, XENSTORE_ERROR_RINGIDX);
        return RING_NOTIFY;
    }
    room = XENSTORE_RING_SIZE - room;
    while (room > 0 && (m = ring->connection->out)) {
        for (; room > 0 && m->sent < m->bytes; room--)
            ring->page->rsp[MASK_XENSTORE_IDX(prod++)] = (char)m->data[m->sent++];
        if (m->sent == m->bytes)
            connection_drop_sent(ring->connection);
    }
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    ring->page->rsp_prod = prod;
    return prod != begun ? RING_NOTIFY : 0;
}

/* Takes bytes out of the ring until a request is complete. True: it is. */
static bool take_in(struct store_ring *ring, uint32_t available, uint32_t *cons)
{
    uint32_t whole = sizeof(ring->header);

    while (available > 0) {
        char byte = ring->page->req[MASK_XENSTORE_IDX((*cons)++)];

        available--;
        if (ring->received < sizeof(ring->header))
            ((char *)&ring->header)[ring->received] = byte;
        else
            ring->payload[ring->received - sizeof(ring->header)] = byte;
        if (++ring->received < sizeof(ring->header))
            continue;
        if (ring->header.len > XENSTORE_PAYLOAD_MAX) {
            give_up(ring, XENSTORE_ERROR_PROTO);
            return false;
        }
        if (ring->received == whole + ring->header.len)
            return true;
    }
    return false;
}

int store_ring_work(struct store_ring *ring)
{
    uint32_t cons = ring->page->req_cons, begun = cons, available;
    int result;

    if (ring->page->connection == XENSTORE_RECONNECT)
        return start_again(ring);
    if (ring->broken)
        return 0;
    result = store_ring_flush(ring);
    if (ring->broken || ring->connection->waiting > WAITING_MOST)
        return result;
    available = ring->page->req_prod - cons;
    if (available > XENSTORE_RING_SIZE) {
        give_up(ring, XENSTORE_ERROR_RINGIDX);
        return RING_NOTIFY;
    }
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (take_in(ring, available, &cons)) {
        store_receive(ring->store, ring->connection, &ring->header, ring->payload);
        ring->received = 0;
        result |= store_ring_flush(ring);
    }
    ring->page->req_cons = cons;
    if (cons != begun)
        result |= RING_NOTIFY;
    if (!ring->broken && cons - begun < available)
        result |= RING_MORE;
    return result;
}
