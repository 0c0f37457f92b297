/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * packet_socket.c - AF_PACKET (packet(7)): SOCK_RAW with Ethernet's header, SOCK_DGRAM without
 *
 * A socket takes frames of one type, its protocol, or of all (TYPE_ALL; then those that go out,
 * too), by one interface or by any Ethernet. Protocol 0 takes none. A sum that the sender left out
 * is completed first: no program is to know of it.
 */
#include "guestos/net/packet_socket.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/heap.h"
#include "include/tcp/checksum.h"
#include "guestos/net/ip/ethernet.h"
#include "guestos/net/net.h"
#include "guestos/net/socket.h"

#define NAME_BYTES 20u /* struct sockaddr_ll */

enum { TO_HOST, TO_ALL, TO_MANY, TO_OTHERS, OUTGOING }; /* linux/if_packet.h: PACKET_* */

struct packet_socket {
    struct socket socket;
    struct packet_socket *next;
    uint16_t type; /* of frames */
    bool listed;
};

static struct packet_socket *sockets;

static struct packet_socket *self(struct socket *socket)
{
    return (struct packet_socket *)socket;
}

/* ---- names ----------------------------------------------------------------------------------- */

/* The name of a host by its MAC at an interface, as struct sockaddr_ll; numbers are native. */
static void give_name(struct address *address, const struct interface *interface, uint32_t type,
                      uint32_t to_whom, const uint8_t *mac)
{
    *address = (struct address){.bytes = NAME_BYTES};
    address->family = AF_PACKET;
    put16(address->data + 2, type);
    if (!interface)
        return;
    memcpy(address->data + 4, &interface->index, 4);
    address->data[8] = (uint8_t)interface->kind;
    address->data[9] = (uint8_t)(interface->kind >> 8);
    address->data[10] = (uint8_t)to_whom;
    address->data[11] = MAC_BYTES;
    memcpy(address->data + 12, mac, MAC_BYTES);
}

static int packet_name(struct socket *socket, bool peer, struct address *address)
{
    const struct interface *interface = interface_numbered(socket->device);

    if (peer)
        return -EOPNOTSUPP;
    give_name(address, interface, self(socket)->type, TO_HOST, interface ? interface->mac : NULL);
    return 0;
}

/* ---- what arrives ---------------------------------------------------------------------------- */

static bool wants(const struct packet_socket *s, const struct interface *interface, uint32_t type)
{
    return (s->type == type || s->type == TYPE_ALL) &&
           (!s->socket.device || s->socket.device == interface->index);
}

static uint32_t to_whom(const struct interface *interface, const uint8_t *frame)
{
    if (!memcmp(frame, ethernet_everybody, MAC_BYTES))
        return TO_ALL;
    return frame[0] & 1 ? TO_MANY : memcmp(frame, interface->mac, MAC_BYTES) ? TO_OTHERS : TO_HOST;
}

static void give(struct packet_socket *s, const struct address *from, const uint8_t *frame,
                 uint32_t bytes)
{
    uint32_t header = s->socket.type == SOCK_DGRAM ? ETHERNET_HEADER : 0;
    struct parcel *none = NULL;

    datagram_queue(&s->socket, frame + header, bytes - header, from, &none);
}

/* A copy with its transport's sum completed; NULL: no memory, or nothing is to be completed. */
static struct packet *completed(const uint8_t *frame, uint32_t bytes)
{
    const uint8_t *ip = frame + ETHERNET_HEADER;
    uint32_t header = bytes > ETHERNET_HEADER + IP_HEADER ? (ip[0] & 0xfu) * 4 : 0;
    uint32_t at = header ? (ip[9] == PROTOCOL_TCP ? 16 : ip[9] == PROTOCOL_UDP ? 6 : 0) : 0;
    uint32_t total = header ? get16(ip + 2) : 0;

    if (!at || header < IP_HEADER || total < header + at + 2 || total > bytes - ETHERNET_HEADER)
        return NULL;
    struct packet *packet = packet_make(ETHERNET_HEADER + total);
    if (!packet)
        return NULL;
    memcpy(packet->data, frame, packet->bytes);
    packet_sum_later(packet, ETHERNET_HEADER + header, at,
                     checksum_pseudo(get32(ip + 12), get32(ip + 16), ip[9], total - header));
    packet_sum_now(packet);
    return packet;
}

void packet_sockets_take(const struct interface *interface, const uint8_t *frame, uint32_t bytes,
                         enum sum_state sum)
{
    uint32_t type = get16(frame + 2 * MAC_BYTES);
    struct packet *whole = NULL;
    struct address from;

    if (!sockets)
        return;
    if (sum == SUM_BLANK && type == TYPE_IP)
        whole = completed(frame, bytes);
    give_name(&from, interface, type, to_whom(interface, frame), frame + MAC_BYTES);
    for (struct packet_socket *s = sockets; s; s = s->next)
        if (wants(s, interface, type))
            give(s, &from, whole ? whole->data : frame, whole ? whole->bytes : bytes);
    packet_free(whole);
}

void packet_sockets_see(const struct interface *interface, const struct packet *packet)
{
    struct address from;

    if (!sockets)
        return;
    give_name(&from, interface, get16(packet->data + 2 * MAC_BYTES), OUTGOING, interface->mac);
    for (struct packet_socket *s = sockets; s; s = s->next)
        if (s->type == TYPE_ALL && wants(s, interface, TYPE_ALL))
            give(s, &from, packet->data, packet->bytes);
}

/* ---- the socket's operations ----------------------------------------------------------------- */

static void enter(struct packet_socket *me, uint16_t type)
{
    me->type = type;
    if (me->listed)
        return;
    me->listed = true;
    me->next = sockets;
    sockets = me;
}

/* From socket() on it takes what it was made for, before any bind(). */
static void packet_open(struct socket *socket)
{
    if (socket->protocol)
        enter(self(socket), (uint16_t)(socket->protocol >> 8 | socket->protocol << 8));
}

static int packet_bind(struct socket *socket, const struct address *address)
{
    uint32_t index;

    if (address->bytes < 8 || address->family != AF_PACKET)
        return -EINVAL;
    memcpy(&index, address->data + 4, sizeof(index));
    if (index && !interface_numbered(index))
        return -ENODEV;
    socket->device = index;
    uint16_t type = get16(address->data + 2);
    if (type)
        enter(self(socket), type);
    return 0;
}

static int packet_send(struct socket *socket, const uint8_t *data, uint32_t bytes,
                       const struct address *to, struct parcel **parcel)
{
    (void)parcel;
    uint32_t index = socket->device, type = self(socket)->type;
    bool raw = socket->type == SOCK_RAW;
    if (to && (to->bytes < (raw ? 8 : 12u + MAC_BYTES) || to->family != AF_PACKET))
        return -EINVAL;
    if (!to && !raw)
        return -EDESTADDRREQ;
    if (to) {
        memcpy(&index, to->data + 4, sizeof(index));
        type = get16(to->data + 2);
    }
    struct interface *interface = interface_numbered(index);
    if (!interface || interface->kind != KIND_ETHERNET)
        return -ENXIO;
    if (bytes > interface->mtu + (raw ? ETHERNET_HEADER : 0))
        return -EMSGSIZE;
    if (raw && bytes < ETHERNET_HEADER)
        return -EINVAL;
    struct packet *packet = packet_make(bytes);
    if (!packet)
        return -ENOBUFS;
    memcpy(packet->data, data, bytes);
    int error = raw ? interface_send(interface, packet)
                    : ethernet_send(interface, to->data + 12, type, packet);
    return error ? error : (int)bytes;
}

static uint32_t packet_poll(struct socket *socket)
{
    return (socket->first ? POLLIN : 0) | POLLOUT;
}

static int packet_shutdown(struct socket *socket, bool read, bool write)
{
    (void)socket;
    (void)read;
    (void)write;
    return -EOPNOTSUPP;
}

static void packet_close(struct socket *socket)
{
    struct packet_socket **link = &sockets;

    if (!self(socket)->listed)
        return;
    while (*link != self(socket))
        link = &(*link)->next;
    *link = (*link)->next;
}

const struct socket_ops packet_socket_ops = {
    .bytes = sizeof(struct packet_socket),
    .open = packet_open,
    .bind = packet_bind,
    .send = packet_send,
    .shutdown = packet_shutdown,
    .name = packet_name,
    .poll = packet_poll,
    .close = packet_close,
};
