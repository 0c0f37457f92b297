/* SPDX-License-Identifier: GPL-2.0-only */
/* inet_tcp.c - TCP sockets: what programs do to connections (tcp(7)) */
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/net/connection.h"
#include "guestos/net/options.h"

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
    me->backlog = MAX(MIN(backlog, BACKLOG_LIMIT), 1u);
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
    connection_destroy(c);
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
    struct path path;
    error = inet_path(me, &path, remote.address);
    if (!error && (!remote.port || path.broadcast))
        error = path.broadcast ? -ENETUNREACH : -ECONNREFUSED;
    if (!error)
        error = inet_bind_any(me);
    if (error)
        return error;
    struct inet_end local = {me->local.address ? me->local.address : path.source, me->local.port};
    if (connection_find(&local, &remote))
        return -EADDRNOTAVAIL;
    struct ip_settings settings = inet_settings(me);
    struct connection *c = connection_create(&local, &remote, &path, &settings);
    if (!c)
        return -ENOBUFS;
    me->local.address = local.address;
    me->remote = remote;
    me->connection = c;
    c->owner = me;
    c->tcp.no_delay = socket->no_delay;
    tcp_connect(&c->tcp, connection_sequence(), arch_clock());
    connection_watch(c);
    return -EINPROGRESS;
}

static struct connection *first_waiting(const struct inet_socket *me)
{
    struct connection *found = NULL; /* the list has the newest first */

    for (struct connection *c = me->pending; c; c = c->pending_next)
        if (c->announced)
            found = c;
    return found;
}

static int tcp_socket_accept(struct socket *socket, struct socket **accepted)
{
    struct connection *c = first_waiting(inet_self(socket));

    if (!c)
        return -EAGAIN;
    struct socket *child = socket_create(&tcp_socket_ops, AF_INET, SOCK_STREAM, PROTOCOL_TCP);
    if (!child)
        return -ENOMEM;
    struct inet_socket *s = inet_self(child);
    s->connection = c;
    s->local = c->local;
    s->remote = c->remote;
    c->owner = s;
    connection_wait_no_more(c);
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
    c->tcp.cork = socket->cork;
    connection_make_room(c, bytes);
    uint32_t n = tcp_write(&c->tcp, data, bytes, arch_clock());
    connection_watch(c);
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
    connection_watch(c);
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
    bool writable =
        closed || tcp->finish || (tcp_writable(tcp) && tcp_room(tcp) >= tcp->out_size / 3);
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
    connection_watch(c);
    socket_changed(socket);
    return 0;
}

static void tcp_socket_close(struct socket *socket)
{
    struct inet_socket *me = inet_self(socket);
    struct connection *c = me->connection;

    inet_unbind(me);
    socket->listening = false;
    for (struct connection *child; (child = me->pending);) {
        tcp_abort(&child->tcp);
        connection_destroy(child);
    }
    if (!c)
        return;
    me->connection = NULL;
    c->owner = NULL;
    if (c->tcp.in_bytes || (socket->lingers && !socket->linger_seconds))
        tcp_abort(&c->tcp);
    else
        tcp_finish(&c->tcp, arch_clock());
    connection_settle(c);
}

static uint32_t stream_memory(const struct socket *socket)
{
    uint32_t bytes = 0;

    for (const struct connection *c = connections; c; c = c->next)
        if (&c->owner->socket == socket || &c->listener->socket == socket)
            bytes += connection_memory(c);
    return bytes;
}

void tcp_socket_uncork(struct socket *socket)
{
    struct connection *c = inet_self(socket)->connection;

    if (!c)
        return;
    c->tcp.cork = socket->cork;
    c->tcp.no_delay = socket->no_delay;
    tcp_push(&c->tcp, arch_clock());
    connection_watch(c);
}

uint32_t tcp_socket_segment(struct socket *socket)
{
    const struct connection *c = inet_self(socket)->connection;

    return c ? c->tcp.mss : TCP_MSS_DEFAULT;
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
