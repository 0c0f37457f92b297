/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * udp.c - UDP (RFC 768) and its sockets
 *
 * There is no ICMP. What it would report on this machine, that nobody listens at a port, a
 * connected sender is told directly (ECONNREFUSED on its next call, udp(7)).
 */
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/heap.h"
#include "guestos/net/checksum.h"
#include "guestos/net/inet.h"

#define HEADER_BYTES 8u

static bool takes_from_anybody(const struct inet_socket *s, const struct inet_end *local)
{
    return s->socket.type == SOCK_DGRAM && s->local.port == local->port && !s->remote.port &&
           (s->local.address == ADDRESS_ANY || s->local.address == local->address);
}

/* The socket that a packet is for: a connected one before one that takes from anybody. */
static struct inet_socket *find(const struct inet_end *local, const struct inet_end *remote)
{
    struct inet_socket *found = NULL, *first_of_group = NULL;

    for (struct inet_socket *s = inet_bound; s; s = s->next) {
        if (s->socket.type != SOCK_DGRAM || s->local.port != local->port ||
            (s->local.address != ADDRESS_ANY && s->local.address != local->address))
            continue;
        if (!s->remote.port) {
            found = s;
            if (!first_of_group && s->socket.reuse_port)
                first_of_group = s;
        } else if (s->remote.port == remote->port && s->remote.address == remote->address) {
            return s;
        }
    }
    return first_of_group ? inet_choose(first_of_group, local, remote, takes_from_anybody) : found;
}

void udp_packet(uint32_t source, uint32_t destination, const uint8_t *packet, uint32_t bytes)
{
    uint32_t length = bytes >= HEADER_BYTES ? get16(packet + 4) : 0;

    if (length < HEADER_BYTES || length > bytes)
        return;
    uint32_t sum = checksum_pseudo(source, destination, PROTOCOL_UDP, length);
    if (get16(packet + 6) && checksum_end(checksum_add(sum, packet, length)))
        return;
    struct inet_end from = {source, get16(packet)}, to = {destination, get16(packet + 2)};
    struct inet_socket *receiver = find(&to, &from);
    if (receiver) {
        struct address address;

        inet_give(&address, &from);
        struct parcel *none = NULL;
        datagram_queue(&receiver->socket, packet + HEADER_BYTES, length - HEADER_BYTES, &address,
                       &none);
        return;
    }
    struct inet_socket *sender = find(&from, &to);
    if (sender && sender->remote.port) {
        sender->socket.error = ECONNREFUSED;
        socket_changed(&sender->socket);
    }
}

static int udp_connect(struct socket *socket, const struct address *address)
{
    struct inet_socket *me = inet_self(socket);
    struct inet_end end;

    if (address->bytes >= 2 && !address->family) { /* AF_UNSPEC: not connected any more */
        me->remote = (struct inet_end){0};
        return 0;
    }
    int error = inet_take(&end, address);
    if (error)
        return error;
    if (end.address == ADDRESS_ANY)
        end.address = ADDRESS_LOOPBACK;
    const struct netif *netif = ip_route(end.address);
    if (!netif)
        return -ENETUNREACH;
    error = inet_bind_any(me);
    if (error)
        return error;
    if (me->local.address == ADDRESS_ANY)
        me->local.address = netif->address;
    me->remote = end;
    return 0;
}

static int udp_send(struct socket *socket, const uint8_t *data, uint32_t bytes,
                    const struct address *to, struct parcel **parcel)
{
    (void)parcel;
    struct inet_socket *me = inet_self(socket);
    struct inet_end end = me->remote;
    int error = -socket->error;
    socket->error = 0;
    if (!error && to)
        error = inet_take(&end, to);
    if (error)
        return error;
    if (!end.port)
        return to ? -EINVAL : -EDESTADDRREQ;
    if (end.address == ADDRESS_ANY)
        end.address = ADDRESS_LOOPBACK;
    const struct netif *netif = ip_route(end.address);
    if (!netif)
        return -ENETUNREACH;
    error = inet_bind_any(me);
    if (socket->shut_write)
        return -EPIPE;
    uint8_t *packet = error ? NULL : heap_allocate(HEADER_BYTES + bytes);
    if (!packet)
        return error ? error : -ENOBUFS;
    uint32_t source = me->local.address == ADDRESS_ANY ? netif->address : me->local.address;
    put16(packet, me->local.port);
    put16(packet + 2, end.port);
    put16(packet + 4, HEADER_BYTES + bytes);
    memcpy(packet + HEADER_BYTES, data, bytes);
    uint32_t sum = checksum_pseudo(source, end.address, PROTOCOL_UDP, HEADER_BYTES + bytes);
    uint16_t checksum = checksum_end(checksum_add(sum, packet, HEADER_BYTES + bytes));
    put16(packet + 6, checksum ? checksum : 0xffff); /* 0 would mean: none */
    error = ip_send(source, end.address, PROTOCOL_UDP, packet, HEADER_BYTES + bytes);
    heap_free(packet);
    return error ? error : (int)bytes;
}

static uint32_t udp_poll(struct socket *socket)
{
    return (socket->first || socket->shut_read ? POLLIN : 0) | POLLOUT;
}

static int udp_shutdown(struct socket *socket, bool read, bool write)
{
    if (!inet_self(socket)->remote.port)
        return -ENOTCONN;
    socket->shut_read = socket->shut_read || read;
    socket->shut_write = socket->shut_write || write;
    socket_changed(socket);
    return 0;
}

static void udp_close(struct socket *socket)
{
    inet_unbind(inet_self(socket));
}

const struct socket_ops udp_socket_ops = {
    .bytes = sizeof(struct inet_socket),
    .bind = inet_bind,
    .connect = udp_connect,
    .send = udp_send,
    .shutdown = udp_shutdown,
    .name = inet_name,
    .poll = udp_poll,
    .close = udp_close,
};
