/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * inet_tcp.c - TCP sockets: connections, who owns them, and their clock
 *
 * A connection belongs to a socket, or to a listening socket that has not accepted it yet, or,
 * after close(), to nobody: then it lives on by itself until the state machine is done. A
 * connection in TIME-WAIT that nobody owns keeps no rings.
 */
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/time/timer.h"
#include "guestos/mm/heap.h"
#include "guestos/net/checksum.h"
#include "guestos/net/inet.h"
#include "guestos/net/tcp.h"

#define SEGMENT_LIMIT 4000u /* bytes of data: packet and records fit in a page */
#define TCP_HEADER    20u
#define CLOCK_UNIT    4000u /* nanoseconds: initial sequence numbers, RFC 9293, 3.4.1 */

struct connection {
    struct connection *next;
    struct tcp tcp;
    struct inet_end local, remote;
    struct inet_socket *owner, *listener;
    bool announced; /* to the listener: it can be accepted */
    uint8_t *rings; /* two; NULL in TIME-WAIT */
};

static struct connection *connections;

bool tcp_port_used(const struct inet_end *local)
{
    for (const struct connection *c = connections; c; c = c->next)
        if (c->local.port == local->port)
            return true;
    return false;
}

static bool same(const struct inet_end *a, const struct inet_end *b)
{
    return a->port == b->port && a->address == b->address;
}

/* ---- life ------------------------------------------------------------------------------------ */

static void send(struct tcp *tcp, const struct tcp_segment *segment)
{
    static uint8_t packet[TCP_HEADER_LIMIT + SEGMENT_LIMIT];
    const struct connection *c = CONTAINER(tcp, struct connection, tcp);
    uint32_t bytes = tcp_encode(segment, c->local.address, c->remote.address, c->local.port,
                                c->remote.port, packet);

    ip_send(c->local.address, c->remote.address, PROTOCOL_TCP, packet, bytes); /* or it is lost */
}

static uint32_t initial_sequence(void)
{
    static uint32_t made;

    return (uint32_t)divide(arch_clock(), CLOCK_UNIT, NULL) + ++made * 64000;
}

static struct connection *create(const struct inet_end *local, const struct inet_end *remote)
{
    struct connection *c = heap_allocate(sizeof(*c));
    uint8_t *rings = c ? heap_allocate(2 * TCP_RING) : NULL;

    if (!rings) {
        heap_free(c);
        return NULL;
    }
    const struct netif *netif = ip_route(remote->address);
    uint32_t room = (netif ? netif->mtu : 576) - IP_HEADER - TCP_HEADER;
    c->local = *local;
    c->remote = *remote;
    c->rings = rings;
    c->tcp.send = send;
    c->tcp.out = rings;
    c->tcp.in = rings + TCP_RING;
    c->tcp.announced_mss = (uint16_t)MIN(room, SEGMENT_LIMIT);
    c->next = connections;
    connections = c;
    return c;
}

static void destroy(struct connection *c)
{
    struct connection **link = &connections;

    while (*link != c)
        link = &(*link)->next;
    *link = c->next;
    heap_free(c->rings);
    heap_free(c);
}

/* Something has happened to a connection: tells who must know. It may be gone afterwards. */
static void settle(struct connection *c)
{
    struct tcp *tcp = &c->tcp;

    if (c->owner) {
        socket_changed(&c->owner->socket);
        return;
    }
    if (tcp->state == TCP_CLOSED) {
        destroy(c);
        return;
    }
    if (c->listener) {
        if (!c->announced && tcp->state >= TCP_ESTABLISHED) {
            c->announced = true;
            socket_changed(&c->listener->socket);
        }
        return;
    }
    if (tcp->in_bytes) { /* nobody will read this, and the other end must know (RFC 2525, 2.17) */
        tcp_abort(tcp);
        destroy(c);
    } else if (tcp->state == TCP_TIME_WAIT) {
        heap_free(c->rings);
        c->rings = tcp->in = tcp->out = NULL;
    } else if (tcp->state == TCP_FIN_WAIT_2 && tcp->end_at == TCP_NEVER) {
        tcp->end_at = arch_clock() + TCP_2MSL; /* as long as Linux waits for the other's FIN */
    }
}

/* ---- time ------------------------------------------------------------------------------------ */

static void tick(struct timer *timer, uint64_t now)
{
    (void)timer;
    for (struct connection *c = connections, *next; c; c = next) {
        next = c->next;
        if (tcp_deadline(&c->tcp) <= now) {
            tcp_tick(&c->tcp, now);
            settle(c);
        }
    }
    net_run();
}

static struct timer clock = {.at = NO_DEADLINE, .fire = tick};

void tcp_set_timer(void)
{
    uint64_t deadline = TCP_NEVER;

    for (const struct connection *c = connections; c; c = c->next)
        deadline = MIN(deadline, tcp_deadline(&c->tcp));
    if (deadline != clock.at)
        timer_set(&clock, deadline);
}

/* ---- what arrives ---------------------------------------------------------------------------- */

static struct connection *find(const struct inet_end *local, const struct inet_end *remote)
{
    struct connection *c = connections;

    while (c && !(same(&c->local, local) && same(&c->remote, remote)))
        c = c->next;
    return c;
}

static bool listens(const struct inet_socket *s, const struct inet_end *local)
{
    return s->socket.listening && s->local.port == local->port &&
           (s->local.address == ADDRESS_ANY || s->local.address == local->address);
}

static struct inet_socket *find_listener(const struct inet_end *local,
                                         const struct inet_end *remote)
{
    struct inet_socket *s = inet_bound;

    while (s && !listens(s, local))
        s = s->next;
    return inet_choose(s, local, remote, listens);
}

static uint32_t waiting(const struct inet_socket *listener)
{
    uint32_t n = 0;

    for (const struct connection *c = connections; c; c = c->next)
        n += c->listener == listener;
    return n;
}

static void refuse(const struct tcp_segment *segment, const struct inet_end *local,
                   const struct inet_end *remote)
{
    struct tcp_segment answer;
    uint8_t packet[TCP_HEADER_LIMIT];

    if (!tcp_refusal(&answer, segment))
        return;
    uint32_t bytes =
        tcp_encode(&answer, local->address, remote->address, local->port, remote->port, packet);
    ip_send(local->address, remote->address, PROTOCOL_TCP, packet, bytes);
}

/* A segment for no connection: perhaps a new one. */
static void arrive_new(const struct tcp_segment *segment, const struct inet_end *local,
                       const struct inet_end *remote)
{
    struct inet_socket *listener = find_listener(local, remote);
    bool opens = (segment->flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;

    if (!listener || (!opens && !(segment->flags & TCP_RST))) {
        refuse(segment, local, remote);
        return;
    }
    if (!opens || waiting(listener) > listener->backlog)
        return; /* a full backlog says nothing: the SYN will come again */
    struct connection *c = create(local, remote);
    if (c) {
        c->listener = listener;
        tcp_accept(&c->tcp, segment, initial_sequence(), arch_clock());
    }
}

void tcp_packet(uint32_t source, uint32_t destination, const uint8_t *packet, uint32_t bytes)
{
    struct tcp_segment segment;

    if (!tcp_decode(&segment, source, destination, packet, bytes))
        return;
    struct inet_end remote = {source, get16(packet)}, local = {destination, get16(packet + 2)};
    struct connection *c = find(&local, &remote);
    /* A new SYN may end TIME-WAIT early (RFC 9293, 3.6.1). */
    if (c && c->tcp.state == TCP_TIME_WAIT && !c->owner && segment.flags & TCP_SYN &&
        !(segment.flags & TCP_RST) && (int32_t)(segment.seq - c->tcp.rcv_nxt) > 0) {
        destroy(c);
        c = NULL;
    }
    if (!c) {
        arrive_new(&segment, &local, &remote);
        return;
    }
    tcp_input(&c->tcp, &segment, arch_clock());
    settle(c);
}

/* ---- the socket's operations ----------------------------------------------------------------- */

static int tcp_socket_listen(struct socket *socket, uint32_t backlog)
{
    struct inet_socket *me = inet_self(socket);

    if (me->connection)
        return -EINVAL;
    for (const struct inet_socket *s = inet_bound; s; s = s->next)
        if (s != me && s->socket.listening && s->local.port == me->local.port && me->local.port &&
            s->socket.type == SOCK_STREAM &&
            (s->local.address == me->local.address || !s->local.address || !me->local.address) &&
            !inet_may_share(me, s))
            return -EADDRINUSE;
    int error = inet_bind_any(me);
    if (error)
        return error;
    me->backlog = MAX(MIN(backlog, 128u), 1u);
    socket->listening = true;
    return 0;
}

/* A connection attempt goes on, is over, or has failed. */
static int progress(struct inet_socket *me)
{
    struct connection *c = me->connection;

    if (c->tcp.state == TCP_SYN_SENT || c->tcp.state == TCP_SYN_RECEIVED)
        return -EALREADY;
    if (c->tcp.state != TCP_CLOSED)
        return -EISCONN;
    int error = c->tcp.error ? -c->tcp.error : -ECONNABORTED;
    me->connection = NULL;
    me->remote = (struct inet_end){0};
    destroy(c);
    return error;
}

static int tcp_socket_connect(struct socket *socket, const struct address *address)
{
    struct inet_socket *me = inet_self(socket);
    struct inet_end remote;
    int error = inet_take(&remote, address);

    if (error)
        return error;
    if (me->connection)
        return progress(me);
    if (socket->listening)
        return -EISCONN;
    if (remote.address == ADDRESS_ANY)
        remote.address = ADDRESS_LOOPBACK;
    const struct netif *netif = ip_route(remote.address);
    if (!netif || !remote.port)
        return netif ? -ECONNREFUSED : -ENETUNREACH;
    error = inet_bind_any(me);
    if (error)
        return error;
    struct inet_end local = {me->local.address ? me->local.address : netif->address,
                             me->local.port};
    if (find(&local, &remote))
        return -EADDRNOTAVAIL;
    struct connection *c = create(&local, &remote);
    if (!c)
        return -ENOBUFS;
    me->local.address = local.address;
    me->remote = remote;
    me->connection = c;
    c->owner = me;
    c->tcp.no_delay = socket->no_delay;
    tcp_connect(&c->tcp, initial_sequence(), arch_clock());
    return -EINPROGRESS;
}

static struct connection *first_waiting(const struct inet_socket *me)
{
    struct connection *found = NULL; /* the list has the newest first */

    for (struct connection *c = connections; c; c = c->next)
        if (c->listener == me && c->announced)
            found = c;
    return found;
}

static int tcp_socket_accept(struct socket *socket, struct socket **accepted)
{
    struct connection *c = first_waiting(inet_self(socket));

    if (!c)
        return -EAGAIN;
    struct socket *child = socket_create(&tcp_socket_ops, AF_INET, SOCK_STREAM);
    if (!child)
        return -ENOMEM;
    struct inet_socket *s = inet_self(child);
    s->connection = c;
    s->local = c->local;
    s->remote = c->remote;
    c->owner = s;
    c->listener = NULL;
    child->no_delay = c->tcp.no_delay = socket->no_delay;
    *accepted = child;
    return 0;
}

/* The error that ended the connection, once. */
static int take_error(struct connection *c)
{
    int error = c->tcp.state == TCP_CLOSED ? c->tcp.error : 0;

    if (error)
        c->tcp.error = 0;
    return -error;
}

static int tcp_socket_error(struct socket *socket)
{
    struct connection *c = inet_self(socket)->connection;

    return c ? -take_error(c) : 0;
}

static int tcp_socket_send(struct socket *socket, const uint8_t *data, uint32_t bytes,
                           const struct address *to, struct parcel **parcel)
{
    (void)parcel;
    (void)to; /* as on Linux, a connected stream ignores it */
    struct connection *c = inet_self(socket)->connection;
    int error = c ? take_error(c) : 0;
    if (error)
        return error;
    if (!c || socket->shut_write)
        return -EPIPE;
    if (c->tcp.state == TCP_SYN_SENT || c->tcp.state == TCP_SYN_RECEIVED)
        return -EAGAIN;
    if (!tcp_writable(&c->tcp))
        return -EPIPE;
    c->tcp.no_delay = socket->no_delay;
    uint32_t n = tcp_write(&c->tcp, data, bytes, arch_clock());
    return n ? (int)n : -EAGAIN;
}

static int tcp_socket_receive(struct socket *socket, uint8_t *data, uint32_t bytes, uint32_t flags,
                              struct parcel **parcel)
{
    (void)parcel;
    struct connection *c = inet_self(socket)->connection;
    if (!c)
        return -ENOTCONN;
    uint32_t n = tcp_read(&c->tcp, data, bytes, flags & MESSAGE_PEEK);
    if (n)
        return (int)n;
    int error = take_error(c);
    if (error)
        return error;
    return c->tcp.finished || c->tcp.state == TCP_CLOSED || socket->shut_read ? 0 : -EAGAIN;
}

static uint32_t tcp_socket_available(struct socket *socket)
{
    const struct connection *c = inet_self(socket)->connection;

    return c ? c->tcp.in_bytes : 0;
}

static uint32_t tcp_socket_poll(struct socket *socket)
{
    const struct connection *c = inet_self(socket)->connection;

    if (socket->listening)
        return first_waiting(inet_self(socket)) ? POLLIN : 0;
    if (!c)
        return POLLOUT | POLLHUP;
    const struct tcp *tcp = &c->tcp;
    bool closed = tcp->state == TCP_CLOSED;
    bool readable = tcp->in_bytes || tcp->finished || closed || socket->shut_read;
    bool writable = closed || tcp->finish || (tcp_writable(tcp) && tcp_room(tcp) >= TCP_RING / 3);
    return (readable ? POLLIN : 0) | (writable ? POLLOUT : 0) |
           (closed || (tcp->finished && tcp->finish) ? POLLHUP : 0) |
           (closed || tcp->finished || socket->shut_read ? POLLRDHUP : 0) |
           (closed && tcp->error ? POLLERR : 0);
}

static int tcp_socket_shutdown(struct socket *socket, bool read, bool write)
{
    struct connection *c = inet_self(socket)->connection;

    if (!c || c->tcp.state == TCP_CLOSED)
        return -ENOTCONN;
    socket->shut_read = socket->shut_read || read;
    socket->shut_write = socket->shut_write || write;
    if (write)
        tcp_finish(&c->tcp, arch_clock());
    socket_changed(socket);
    return 0;
}

static void tcp_socket_close(struct socket *socket)
{
    struct inet_socket *me = inet_self(socket);
    struct connection *c = me->connection;

    inet_unbind(me);
    socket->listening = false;
    for (struct connection *child = connections, *next; child; child = next) {
        next = child->next;
        if (child->listener == me) {
            tcp_abort(&child->tcp);
            destroy(child);
        }
    }
    if (!c)
        return;
    me->connection = NULL;
    c->owner = NULL;
    if (c->tcp.in_bytes)
        tcp_abort(&c->tcp);
    else
        tcp_finish(&c->tcp, arch_clock());
    settle(c);
}

static uint32_t stream_memory(const struct socket *socket)
{
    uint32_t bytes = 0;

    for (const struct connection *c = connections; c; c = c->next)
        if (c->rings && (&c->owner->socket == socket || &c->listener->socket == socket))
            bytes += 2 * TCP_RING;
    return bytes;
}

const struct socket_ops tcp_socket_ops = {
    .bytes = sizeof(struct inet_socket),
    .bind = inet_bind,
    .listen = tcp_socket_listen,
    .connect = tcp_socket_connect,
    .accept = tcp_socket_accept,
    .send = tcp_socket_send,
    .receive = tcp_socket_receive,
    .shutdown = tcp_socket_shutdown,
    .name = inet_name,
    .poll = tcp_socket_poll,
    .memory = stream_memory,
    .available = tcp_socket_available,
    .take_error = tcp_socket_error,
    .close = tcp_socket_close,
};
