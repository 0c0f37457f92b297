/* SPDX-License-Identifier: GPL-2.0-only */
/* unix_datagram.c - datagrams of AF_UNIX: messages in the receiver's queue, with who sent them */
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/net/unix_internal.h"

static int datagram_connect(struct socket *socket, const struct address *address)
{
    struct unix_socket *me = unix_self(socket), *peer = unix_find(address, SOCK_DGRAM);

    if (IS_ERR(peer))
        return PTR_ERR(peer);
    unix_part(me);
    unix_join(me, peer);
    return 0;
}

static int datagram_send(struct socket *socket, const uint8_t *data, uint32_t bytes,
                         const struct address *to, struct parcel **parcel)
{
    struct unix_socket *me = unix_self(socket), *peer = to ? unix_find(to, SOCK_DGRAM) : me->peer;

    if (IS_ERR(peer))
        return PTR_ERR(peer);
    if (!peer)
        return me->connected ? -ECONNREFUSED : -ENOTCONN;
    if (socket->shut_write || peer->socket.shut_read)
        return -EPIPE;
    struct address from = me->name;
    if (!from.bytes)
        from.family = AF_UNIX;
    int error = unix_may_hold(&peer->socket, *parcel);
    if (!error && !*parcel && peer->socket.pass_credentials && !(*parcel = parcel_create(0)))
        error = -ENOBUFS;
    if (!error)
        error = datagram_queue(&peer->socket, data, bytes, &from, parcel);
    return error ? error : (int)bytes;
}

static uint32_t datagram_poll(struct socket *socket)
{
    return (socket->first || socket->shut_read ? POLLIN : 0) | POLLOUT;
}

const struct socket_ops unix_datagram_ops = {
    .bytes = sizeof(struct unix_socket),
    .bind = unix_bind,
    .connect = datagram_connect,
    .send = datagram_send,
    .peer = unix_peer,
    .shutdown = unix_shutdown,
    .name = unix_name,
    .poll = datagram_poll,
    .close = unix_close,
};
