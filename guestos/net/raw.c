/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * raw.c - IP packets as they are (raw(7)), and echo requests for everybody (icmp(7))
 *
 * SOCK_RAW gets a copy of each packet of its protocol, with the IP header; what it sends gets one.
 * SOCK_DGRAM with ICMP sends echo requests alone, with its port as their identifier, and gets the
 * answers that carry it.
 */
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "include/tcp/checksum.h"
#include "guestos/net/inet.h"

#define ICMP_HEADER  8u
#define ECHO_REPLY   0
#define ECHO_REQUEST 8

static struct inet_socket *sockets;

const struct inet_socket *inet_raw_first(void)
{
    return sockets;
}

static bool is_ping(const struct inet_socket *s)
{
    return s->socket.type == SOCK_DGRAM;
}

/* ---- what arrives ---------------------------------------------------------------------------- */

static bool wants(const struct inet_socket *s, const struct arrival *arrival, uint32_t protocol)
{
    if (s->socket.protocol != protocol || s->socket.shut_read ||
        (s->socket.device && s->socket.device != arrival->interface->index) ||
        (s->remote.address && s->remote.address != arrival->source) ||
        (s->local.address && s->local.address != arrival->destination))
        return false;
    if (!is_ping(s))
        return protocol != PROTOCOL_ICMP || !arrival->bytes || arrival->data[0] > 31 ||
               !(s->icmp_filter >> arrival->data[0] & 1);
    return arrival->bytes >= ICMP_HEADER && arrival->data[0] == ECHO_REPLY &&
           get16(arrival->data + 4) == s->local.port;
}

bool raw_packet(const struct arrival *arrival, uint32_t protocol)
{
    struct inet_end from = {.address = arrival->source};
    struct address address;
    bool taken = false;

    if (!sockets)
        return false;
    inet_give(&address, &from);
    for (struct inet_socket *s = sockets; s; s = s->next) {
        const uint8_t *start = is_ping(s) ? arrival->data : arrival->ip;
        struct parcel *none = NULL;

        if (!wants(s, arrival, protocol))
            continue;
        taken = true;
        datagram_queue(&s->socket, start, (uint32_t)(arrival->data + arrival->bytes - start),
                       &address, &none);
    }
    return taken;
}

/* ---- the socket's operations ----------------------------------------------------------------- */

static void raw_open(struct socket *socket)
{
    struct inet_socket *me = inet_self(socket);

    me->next = sockets;
    sockets = me;
}

static void raw_close(struct socket *socket)
{
    struct inet_socket **link = &sockets;

    while (*link != inet_self(socket))
        link = &(*link)->next;
    *link = (*link)->next;
}

static bool identifier_used(uint32_t identifier)
{
    for (const struct inet_socket *s = sockets; s; s = s->next)
        if (is_ping(s) && s->local.port == identifier)
            return true;
    return false;
}

/* An identifier for a socket of echo requests. 0 or -EADDRINUSE. */
static int identify(struct inet_socket *me, uint16_t wanted)
{
    static uint16_t last;

    if (me->local.port)
        return 0;
    if (wanted && identifier_used(wanted))
        return -EADDRINUSE;
    for (uint32_t tries = 0; !wanted && tries < 0xffff; tries++)
        if (++last && !identifier_used(last))
            wanted = last;
    me->local.port = wanted;
    return wanted ? 0 : -EADDRINUSE;
}

static int raw_bind(struct socket *socket, const struct address *address)
{
    struct inet_socket *me = inet_self(socket);
    struct inet_end end;
    int error = inet_take(&end, address);

    if (error)
        return error;
    if (!inet_may_bind(end.address))
        return -EADDRNOTAVAIL;
    if (is_ping(me))
        error = me->local.port ? -EINVAL : identify(me, end.port);
    if (!error)
        me->local.address = end.address;
    return error;
}

static int raw_connect(struct socket *socket, const struct address *address)
{
    struct inet_socket *me = inet_self(socket);
    struct inet_end end;
    struct path path;

    if (address->bytes >= 2 && !address->family) {
        me->remote = (struct inet_end){0};
        return 0;
    }
    int error = inet_take(&end, address);
    if (!error)
        error = inet_path(me, &path, end.address);
    if (error)
        return error;
    if (!me->local.address)
        me->local.address = path.source;
    me->remote = end;
    return 0;
}

/* Echo requests get the socket's identifier and their sum. 0 or -Exxx. */
static int complete_echo(struct inet_socket *me, struct packet *packet)
{
    uint8_t *icmp = packet->data;

    if (packet->bytes < ICMP_HEADER || icmp[0] != ECHO_REQUEST || icmp[1])
        return -EINVAL;
    int error = identify(me, 0);
    put16(icmp + 2, 0);
    put16(icmp + 4, me->local.port);
    put16(icmp + 2, checksum_end(checksum_add(0, icmp, packet->bytes)));
    return error;
}

static int raw_send(struct socket *socket, const uint8_t *data, uint32_t bytes,
                    const struct address *to, struct parcel **parcel)
{
    (void)parcel;
    struct inet_socket *me = inet_self(socket);
    struct inet_end end = me->remote;
    struct path path;
    int error = to ? inet_take(&end, to) : end.address ? 0 : -EDESTADDRREQ;
    if (!error)
        error = inet_path(me, &path, end.address);
    if (error)
        return error;
    if (socket->shut_write)
        return -EPIPE;
    struct packet *packet = packet_make(bytes);
    if (!packet)
        return -ENOBUFS;
    memcpy(packet->data, data, bytes);
    error = is_ping(me) ? complete_echo(me, packet) : 0;
    if (error) {
        packet_free(packet);
        return error;
    }
    struct ip_settings settings = inet_settings(me);
    error = ip_send(&path, me->local.address ? me->local.address : path.source, end.address,
                    socket->protocol, packet, &settings);
    return error ? error : (int)bytes;
}

static uint32_t raw_poll(struct socket *socket)
{
    return (socket->first || socket->shut_read ? POLLIN : 0) | POLLOUT;
}

static int raw_shutdown(struct socket *socket, bool read, bool write)
{
    if (!inet_self(socket)->remote.address)
        return -ENOTCONN;
    socket->shut_read = socket->shut_read || read;
    socket->shut_write = socket->shut_write || write;
    socket_changed(socket);
    return 0;
}

static int raw_name(struct socket *socket, bool peer, struct address *address)
{
    const struct inet_socket *me = inet_self(socket);

    if (peer && !me->remote.address)
        return -ENOTCONN;
    inet_give(address, peer ? &me->remote : &me->local);
    return 0;
}

#define OPERATIONS                                                                                 \
    {                                                                                              \
        .bytes = sizeof(struct inet_socket), .open = raw_open, .bind = raw_bind,                   \
        .connect = raw_connect, .send = raw_send, .shutdown = raw_shutdown, .name = raw_name,      \
        .poll = raw_poll, .close = raw_close                                                       \
    }

const struct socket_ops raw_socket_ops = OPERATIONS, ping_socket_ops = OPERATIONS;
