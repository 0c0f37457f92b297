/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * udp.c - UDP (RFC 768) and its sockets
 *
 * A connected sender is told on its next call what ICMP reports, that nobody listens at a port for
 * one (ECONNREFUSED, udp(7)).
 */
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "include/tcp/checksum.h"
#include "guestos/net/inet.h"

#define HEADER_BYTES 8u

/* ---- what arrives ---------------------------------------------------------------------------- */

static bool has_address(const struct inet_socket *s, const struct inet_end *local)
{
    return s->socket.type == SOCK_DGRAM && s->socket.protocol == PROTOCOL_UDP &&
           s->local.port == local->port &&
           (s->local.address == ADDRESS_ANY || s->local.address == local->address);
}

static bool takes_from_anybody(const struct inet_socket *s, const struct inet_end *local)
{
    return has_address(s, local) && !s->remote.port;
}

static bool takes_from(const struct inet_socket *s, const struct inet_end *remote)
{
    return !s->remote.port ||
           (s->remote.port == remote->port && s->remote.address == remote->address);
}

static bool hears(const struct inet_socket *s, const struct interface *interface)
{
    return !s->socket.device || !interface || s->socket.device == interface->index;
}

/*
 * The socket that a packet is for: a connected one before one that takes from anybody. interface:
 * by which it came; NULL: any.
 */
static struct inet_socket *find(const struct inet_end *local, const struct inet_end *remote,
                                const struct interface *interface)
{
    struct inet_socket *found = NULL, *first_of_group = NULL;

    for (struct inet_socket *s = inet_bound; s; s = s->next) {
        if (!has_address(s, local) || !hears(s, interface) || !takes_from(s, remote))
            continue;
        if (s->remote.port)
            return s;
        found = s;
        if (!first_of_group && s->socket.reuse_port)
            first_of_group = s;
    }
    return first_of_group ? inet_choose(first_of_group, local, remote, takes_from_anybody) : found;
}

static void give(struct inet_socket *receiver, const struct inet_end *from, const uint8_t *packet,
                 uint32_t length)
{
    struct address address;
    struct parcel *none = NULL;

    inet_give(&address, from);
    datagram_queue(&receiver->socket, packet + HEADER_BYTES, length - HEADER_BYTES, &address,
                   &none);
}

/* All who have the port and hear the interface get a copy. */
static void give_all(const struct inet_end *to, const struct inet_end *from,
                     const struct arrival *arrival, uint32_t length)
{
    for (struct inet_socket *s = inet_bound; s; s = s->next)
        if (has_address(s, to) && hears(s, arrival->interface) && takes_from(s, from))
            give(s, from, arrival->data, length);
}

void udp_packet(const struct arrival *arrival)
{
    const uint8_t *packet = arrival->data;
    uint32_t length = arrival->bytes >= HEADER_BYTES ? get16(packet + 4) : 0;

    if (length < HEADER_BYTES || length > arrival->bytes)
        return;
    struct arrival exact = *arrival;
    exact.bytes = length;
    uint32_t sum = checksum_pseudo(arrival->source, arrival->destination, PROTOCOL_UDP, length);
    if (get16(packet + 6) && !ip_sum_is_right(&exact, sum)) {
        arrival->interface->in.errors++;
        return;
    }
    struct inet_end from = {arrival->source, get16(packet)},
                    to = {arrival->destination, get16(packet + 2)};
    if (arrival->broadcast) {
        give_all(&to, &from, arrival, length);
        return;
    }
    struct inet_socket *receiver = find(&to, &from, arrival->interface);
    if (receiver)
        give(receiver, &from, packet, length);
    else
        icmp_unreachable(arrival, UNREACHABLE_PORT);
}

void udp_failed(uint32_t local, uint32_t remote, const uint8_t *header, int error)
{
    struct inet_end own = {local, get16(header)}, other = {remote, get16(header + 2)};
    struct inet_socket *sender = find(&own, &other, NULL);

    if (sender && sender->remote.port) {
        sender->socket.error = error;
        socket_changed(&sender->socket);
    }
}

/* ---- the socket's operations ----------------------------------------------------------------- */

static int udp_connect(struct socket *socket, const struct address *address)
{
    struct inet_socket *me = inet_self(socket);
    struct inet_end end;
    struct path path;

    if (address->bytes >= 2 && !address->family) { /* AF_UNSPEC: not connected any more */
        me->remote = (struct inet_end){0};
        return 0;
    }
    int error = inet_take(&end, address);
    if (error)
        return error;
    if (end.address == ADDRESS_ANY)
        end.address = ADDRESS_LOOPBACK;
    error = inet_path(me, &path, end.address);
    if (!error && path.broadcast && !socket->broadcast)
        error = -EACCES;
    if (!error)
        error = inet_bind_any(me);
    if (error)
        return error;
    if (me->local.address == ADDRESS_ANY)
        me->local.address = path.source;
    me->remote = end;
    return 0;
}

/* Where a message goes: to what `to` says, or to whom the socket is connected. 0 or -Exxx. */
static int target_of(struct inet_socket *me, struct inet_end *end, const struct address *to)
{
    int error = -me->socket.error;

    me->socket.error = 0;
    *end = me->remote;
    if (!error && to)
        error = inet_take(end, to);
    if (error)
        return error;
    if (!end->port)
        return to ? -EINVAL : -EDESTADDRREQ;
    if (end->address == ADDRESS_ANY)
        end->address = ADDRESS_LOOPBACK;
    return 0;
}

static int udp_send(struct socket *socket, const uint8_t *data, uint32_t bytes,
                    const struct address *to, struct parcel **parcel)
{
    (void)parcel;
    struct inet_socket *me = inet_self(socket);
    struct inet_end end;
    struct path path;
    int error = target_of(me, &end, to);
    if (!error)
        error = inet_path(me, &path, end.address);
    if (error)
        return error;
    error = inet_bind_any(me);
    if (socket->shut_write)
        return -EPIPE;
    struct packet *packet = error ? NULL : packet_make(HEADER_BYTES + bytes);
    if (!packet)
        return error ? error : -ENOBUFS;
    uint32_t source = me->local.address == ADDRESS_ANY ? path.source : me->local.address;
    put16(packet->data, me->local.port);
    put16(packet->data + 2, end.port);
    put16(packet->data + 4, packet->bytes);
    memcpy(packet->data + HEADER_BYTES, data, bytes);
    packet_sum_later(packet, 0, 6,
                     checksum_pseudo(source, end.address, PROTOCOL_UDP, packet->bytes));
    struct ip_settings settings = inet_settings(me);
    error = ip_send(&path, source, end.address, PROTOCOL_UDP, packet, &settings);
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
