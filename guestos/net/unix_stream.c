/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unix_stream.c - streams of AF_UNIX
 *
 * Each of the two sockets has the ring of what it will read, into which the other one writes. Open
 * files and credentials go with messages (parcel.h): a parcel knows the bytes that it came with,
 * and no receive goes beyond them, so that what was sent with different parcels is not mixed.
 * Peeking at a message does not show them.
 */
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/mm/heap.h"
#include "guestos/net/unix_internal.h"

#define RING 16384u /* power of two */

/* ---- connections ----------------------------------------------------------------------------- */

static int make_ring(struct unix_socket *me)
{
    if (!me->ring)
        me->ring = heap_allocate(RING);
    return me->ring ? 0 : -ENOMEM;
}

int unix_pair(struct socket *a, struct socket *b)
{
    if (a->type == SOCK_STREAM && (make_ring(unix_self(a)) || make_ring(unix_self(b))))
        return -ENOMEM;
    if (!unix_self(a)->owner.pid)
        unix_set_owner(unix_self(a));
    if (!unix_self(b)->owner.pid)
        unix_set_owner(unix_self(b));
    unix_join(unix_self(a), unix_self(b));
    unix_join(unix_self(b), unix_self(a));
    return 0;
}

static int unix_listen(struct socket *socket, uint32_t backlog)
{
    struct unix_socket *me = unix_self(socket);

    if (!me->name.bytes || me->connected)
        return -EINVAL;
    socket->listening = true;
    unix_set_owner(me);
    me->backlog = MAX(MIN(backlog, BACKLOG_LIMIT), 1u);
    return 0;
}

static int stream_connect(struct socket *socket, const struct address *address)
{
    struct unix_socket *me = unix_self(socket), *server = unix_find(address, SOCK_STREAM);

    if (me->connected)
        return -EISCONN;
    if (IS_ERR(server))
        return PTR_ERR(server);
    if (!server->socket.listening || socket->listening)
        return socket->listening ? -EINVAL : -ECONNREFUSED;
    if (server->waiting_count >= server->backlog)
        return -EAGAIN;
    struct socket *accepted = socket_create(&unix_stream_ops, AF_UNIX, SOCK_STREAM, 0);
    if (!accepted || make_ring(me) || make_ring(unix_self(accepted))) {
        if (accepted)
            socket_release(accepted);
        return -ENOMEM;
    }
    unix_self(accepted)->name = server->name;
    unix_self(accepted)->owner = server->owner;
    unix_self(accepted)->socket.pass_credentials = server->socket.pass_credentials;
    unix_set_owner(me);
    unix_pair(socket, accepted);
    struct unix_socket **link = &server->waiting;
    while (*link)
        link = &(*link)->next_waiting;
    *link = unix_self(accepted);
    server->waiting_count++;
    socket_changed(&server->socket);
    return 0;
}

static int unix_accept(struct socket *socket, struct socket **accepted)
{
    struct unix_socket *me = unix_self(socket), *first = me->waiting;

    if (!first)
        return -EAGAIN;
    me->waiting = first->next_waiting;
    first->next_waiting = NULL;
    me->waiting_count--;
    *accepted = &first->socket;
    wake_all(&socket_room);
    return 0;
}

/* ---- bytes ----------------------------------------------------------------------------------- */

/* What goes with these bytes: what the sender says, or who he is if the receiver wants to know. */
static int attach(struct unix_socket *peer, uint32_t bytes, struct parcel **parcel)
{
    struct parcel *p = *parcel;

    if (!p && peer->socket.pass_credentials && !(p = parcel_create(0)))
        return -ENOBUFS;
    if (!p)
        return 0;
    *parcel = NULL;
    p->from = peer->produced;
    p->to = peer->produced + bytes;
    if (!peer->parcels)
        peer->last_parcel = &peer->parcels;
    *peer->last_parcel = p;
    peer->last_parcel = &p->next;
    return 0;
}

static int stream_send(struct socket *socket, const uint8_t *data, uint32_t bytes,
                       const struct address *to, struct parcel **parcel)
{
    struct unix_socket *me = unix_self(socket), *peer = me->peer;

    if (to)
        return me->connected ? -EISCONN : -EOPNOTSUPP;
    if (!me->connected)
        return -ENOTCONN;
    if (!peer || socket->shut_write || peer->socket.shut_read)
        return -EPIPE;
    uint32_t at = peer->produced % RING, n = MIN(bytes, RING - unix_filled(peer)),
             first = MIN(n, RING - at);
    if (!n)
        return -EAGAIN;
    int error = unix_may_hold(&peer->socket, *parcel);
    if (!error)
        error = attach(peer, n, parcel);
    if (error)
        return error;
    memcpy(peer->ring + at, data, first);
    memcpy(peer->ring, data + first, n - first);
    peer->produced += n;
    socket_changed(&peer->socket);
    return (int)n;
}

/* Takes the parcel out that comes with the next byte, and says how far a receive may go. */
static uint32_t take_parcel(struct unix_socket *me, uint32_t bytes, struct parcel **parcel)
{
    struct parcel *p = me->parcels;

    if (p && p->from == me->consumed) {
        me->parcels = p->next;
        p->next = NULL;
        *parcel = p;
        return MIN(bytes, p->to - me->consumed);
    }
    return p ? MIN(bytes, p->from - me->consumed) : bytes;
}

static int stream_receive(struct socket *socket, uint8_t *data, uint32_t bytes, uint32_t flags,
                          struct parcel **parcel)
{
    struct unix_socket *me = unix_self(socket);

    if (!me->connected)
        return -EINVAL; /* Linux's answer for this family */
    uint32_t at = me->consumed % RING, n = MIN(bytes, unix_filled(me));
    if (!n && me->reset) {
        me->reset = false;
        return -ECONNRESET;
    }
    if (!n)
        return !me->peer || socket->shut_read || me->peer->socket.shut_write ? 0 : -EAGAIN;
    if (!(flags & MESSAGE_PEEK))
        n = take_parcel(me, n, parcel);
    uint32_t first = MIN(n, RING - at);
    memcpy(data, me->ring + at, first);
    memcpy(data + first, me->ring, n - first);
    if (!(flags & MESSAGE_PEEK)) {
        me->consumed += n;
        if (me->peer)
            socket_changed(&me->peer->socket);
    }
    return (int)n;
}

static uint32_t stream_available(struct socket *socket)
{
    return unix_filled(unix_self(socket));
}

/* A connection that nobody has accepted yet is its listener's. */
static uint32_t stream_memory(const struct socket *socket)
{
    const struct unix_socket *me = (const struct unix_socket *)socket;

    return (me->ring ? RING : 0) + me->waiting_count * RING;
}

static uint32_t stream_poll(struct socket *socket)
{
    const struct unix_socket *me = unix_self(socket), *peer = me->peer;

    if (socket->listening)
        return me->waiting ? POLLIN : 0;
    if (!me->connected)
        return POLLOUT | POLLHUP;
    bool ended = !peer || peer->socket.shut_write || socket->shut_read;
    return (unix_filled(me) || ended || me->reset ? POLLIN : 0) | (peer ? 0 : POLLHUP) |
           (ended ? POLLRDHUP : 0) | (!peer || unix_filled(peer) < RING ? POLLOUT : 0);
}

const struct socket_ops unix_stream_ops = {
    .bytes = sizeof(struct unix_socket),
    .bind = unix_bind,
    .listen = unix_listen,
    .connect = stream_connect,
    .accept = unix_accept,
    .send = stream_send,
    .receive = stream_receive,
    .shutdown = unix_shutdown,
    .name = unix_name,
    .poll = stream_poll,
    .available = stream_available,
    .memory = stream_memory,
    .peer = unix_peer,
    .close = unix_close,
};
