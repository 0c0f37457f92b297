/* SPDX-License-Identifier: GPL-2.0-only */
/* connection.c - life of TCP's connections, and their clock; see connection.h */
#include "guestos/net/connection.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"
#include "include/tcp/checksum.h"
#include "guestos/time/time.h"
#include "guestos/time/timer.h"

#define SEGMENT_LIMIT 4000u /* bytes of data: packet and records fit in a page */
#define TCP_HEADER    20u
#define CLOCK_UNIT    4000u /* nanoseconds: RFC 9293, 3.4.1 */
#define HASHES        256u
#define RING_SHARE    16u /* a ring that grows has less than this part of what is free */

struct connection *connections;
static struct connection *hashed[HASHES];

/* ---- the table ------------------------------------------------------------------------------- */

static struct connection **bucket(const struct inet_end *local, const struct inet_end *remote)
{
    uint32_t mixed = (remote->address ^ remote->port << 16 ^ local->port) * 0x9e3779b1u;

    return &hashed[mixed >> 24];
}

static bool same(const struct inet_end *a, const struct inet_end *b)
{
    return a->port == b->port && a->address == b->address;
}

struct connection *connection_find(const struct inet_end *local, const struct inet_end *remote)
{
    struct connection *c = *bucket(local, remote);

    while (c && !(same(&c->local, local) && same(&c->remote, remote)))
        c = c->same_hash;
    return c;
}

bool tcp_port_used(const struct inet_end *local)
{
    for (const struct connection *c = connections; c; c = c->next)
        if (c->local.port == local->port)
            return true;
    return false;
}

static void enter(struct connection *c)
{
    struct connection **hash = bucket(&c->local, &c->remote);

    c->same_hash = *hash;
    *hash = c;
    c->next = connections;
    c->link = &connections;
    if (c->next)
        c->next->link = &c->next;
    connections = c;
}

static void leave(struct connection *c)
{
    struct connection **hash = bucket(&c->local, &c->remote);

    while (*hash != c)
        hash = &(*hash)->same_hash;
    *hash = c->same_hash;
    *c->link = c->next;
    if (c->next)
        c->next->link = c->link;
}

/* ---- life ------------------------------------------------------------------------------------ */

void segment_send(const struct tcp_segment *segment, const struct inet_end *local,
                  const struct inet_end *remote, const struct ip_settings *settings)
{
    struct path path;
    struct packet *packet =
        packet_make(tcp_header_bytes(segment) + segment->bytes + segment->rest_bytes);

    if (!packet)
        return;
    if (route_find(&path, remote->address, settings ? settings->interface : NULL)) {
        packet_free(packet);
        return;
    }
    tcp_put(segment, local->port, remote->port, packet->data);
    packet_sum_later(packet, 0, TCP_SUM_AT,
                     checksum_pseudo(local->address, remote->address, PROTOCOL_TCP, packet->bytes));
    ip_send(&path, local->address, remote->address, PROTOCOL_TCP, packet, settings);
}

static void send(struct tcp *tcp, const struct tcp_segment *segment)
{
    const struct connection *c = CONTAINER(tcp, struct connection, tcp);

    segment_send(segment, &c->local, &c->remote, &c->settings);
}

uint32_t connection_sequence(void)
{
    static uint32_t made;

    return (uint32_t)divide(arch_clock(), CLOCK_UNIT, NULL) + ++made * 64000;
}

struct connection *connection_create(const struct inet_end *local, const struct inet_end *remote,
                                     const struct path *path, const struct ip_settings *settings)
{
    struct connection *c = heap_allocate(sizeof(*c));
    uint8_t *out = c ? heap_allocate(TCP_RING) : NULL, *in = out ? heap_allocate(TCP_RING) : NULL;

    if (!in) {
        heap_free(out);
        heap_free(c);
        return NULL;
    }
    uint32_t room = path->interface->mtu - IP_HEADER - TCP_HEADER;
    c->local = *local;
    c->remote = *remote;
    c->settings = *settings;
    c->defer_at = TCP_NEVER;
    c->tcp.send = send;
    c->tcp.out = out;
    c->tcp.in = in;
    c->tcp.out_size = c->tcp.in_size = TCP_RING;
    c->tcp.announced_mss = (uint16_t)MIN(room, SEGMENT_LIMIT);
    enter(c);
    return c;
}

static void free_rings(struct connection *c)
{
    heap_free(c->tcp.out);
    heap_free(c->tcp.in);
    c->tcp.out = c->tcp.in = NULL;
}

void connection_wait(struct connection *c, struct inet_socket *listener)
{
    c->listener = listener;
    c->pending_next = listener->pending;
    c->pending_link = &listener->pending;
    if (c->pending_next)
        c->pending_next->pending_link = &c->pending_next;
    listener->pending = c;
    listener->pending_count++;
}

void connection_wait_no_more(struct connection *c)
{
    if (!c->listener)
        return;
    *c->pending_link = c->pending_next;
    if (c->pending_next)
        c->pending_next->pending_link = c->pending_link;
    c->listener->pending_count--;
    c->listener = NULL;
}

void connection_destroy(struct connection *c)
{
    connection_wait_no_more(c);
    leave(c);
    free_rings(c);
    heap_free(c);
}

uint32_t connection_memory(const struct connection *c)
{
    return c->tcp.out ? c->tcp.out_size + c->tcp.in_size : 0;
}

/* Larger rings are for a machine that has memory left. */
static uint8_t *larger_ring(uint32_t bytes)
{
    return pages_free() / RING_SHARE > bytes / PAGE_SIZE ? heap_allocate(bytes) : NULL;
}

static void make_window(struct connection *c)
{
    uint32_t size = 2 * c->tcp.in_size;
    uint8_t *ring = tcp_wants_room(&c->tcp) ? larger_ring(size) : NULL;

    if (ring)
        heap_free(tcp_grow_in(&c->tcp, ring, size));
}

void connection_make_room(struct connection *c, uint32_t bytes)
{
    uint32_t size = 2 * c->tcp.out_size;
    uint8_t *ring = NULL;

    if (bytes > tcp_room(&c->tcp) && size <= TCP_RING_LIMIT)
        ring = larger_ring(size);
    if (ring)
        heap_free(tcp_grow_out(&c->tcp, ring, size));
}

/* Whether the program that listens may have it. */
static bool is_ready(const struct connection *c)
{
    return c->tcp.state >= TCP_ESTABLISHED && (!c->listener->defer_seconds || c->tcp.in_bytes ||
                                               c->tcp.finished || c->defer_at <= c->tcp.now);
}

static void announce(struct connection *c)
{
    if (c->announced || c->tcp.state < TCP_ESTABLISHED)
        return;
    if (is_ready(c)) {
        c->announced = true;
        c->defer_at = TCP_NEVER;
        socket_changed(&c->listener->socket);
    } else if (c->defer_at == TCP_NEVER) {
        c->defer_at = c->tcp.now + c->listener->defer_seconds * NANOSECONDS;
    }
}

void connection_settle(struct connection *c)
{
    struct tcp *tcp = &c->tcp;

    if (tcp->in)
        make_window(c);
    if (c->owner) {
        socket_changed(&c->owner->socket);
    } else if (tcp->state == TCP_CLOSED) {
        connection_destroy(c);
        return;
    } else if (c->listener) {
        announce(c);
    } else if (tcp->in_bytes) {
        /* Nobody will read this, and the other end must know (RFC 2525, 2.17). */
        tcp_abort(tcp);
        connection_destroy(c);
        return;
    } else if (tcp->state == TCP_TIME_WAIT) {
        free_rings(c);
    } else if (tcp->state == TCP_FIN_WAIT_2 && tcp->end_at == TCP_NEVER) {
        tcp->end_at = arch_clock() + TCP_2MSL; /* as long as Linux waits for the other's FIN */
    }
    connection_watch(c);
}

/* ---- time ------------------------------------------------------------------------------------ */

static uint64_t deadline_of(const struct connection *c)
{
    return MIN(tcp_deadline(&c->tcp), c->defer_at);
}

/*
 * One timer for all. It is never later than the earliest deadline, but may be earlier: a deadline
 * that has moved away, as one does with every acknowledgement, leaves it where it is.
 */
static void tick(struct timer *timer, uint64_t now)
{
    uint64_t earliest = TCP_NEVER;

    for (struct connection *c = connections, *next; c; c = next) {
        next = c->next;
        if (deadline_of(c) <= now) {
            tcp_tick(&c->tcp, now);
            connection_settle(c);
        }
    }
    for (const struct connection *c = connections; c; c = c->next)
        earliest = MIN(earliest, deadline_of(c));
    timer_set(timer, earliest);
    net_run();
}

static struct timer clock = {.at = NO_DEADLINE, .fire = tick};

void connection_watch(struct connection *c)
{
    uint64_t deadline = deadline_of(c);

    if (deadline < clock.at)
        timer_set(&clock, deadline);
}
