/* SPDX-License-Identifier: GPL-2.0-only */
/* socket.c - the object behind every socket, and the queue of datagrams */
#include "guestos/net/socket.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/heap.h"
#include "guestos/net/net.h"

#define QUEUE_LIMIT 212992u /* bytes of datagrams, as Linux's rmem_default */
#define RECORD      128u    /* what a datagram costs besides its bytes */

struct wait_queue socket_room;

struct socket *socket_create(const struct socket_ops *ops, uint16_t family, uint16_t type,
                             uint16_t protocol)
{
    struct socket *socket = heap_allocate(ops->bytes);

    if (!socket)
        return NULL;
    socket->ops = ops;
    socket->family = family;
    socket->type = type;
    socket->protocol = protocol;
    socket->references = 1;
    socket->last = &socket->first;
    socket->receive_bytes = socket->send_bytes = QUEUE_LIMIT;
    if (ops->open)
        ops->open(socket);
    return socket;
}

void socket_release(struct socket *socket)
{
    if (--socket->references)
        return;
    struct datagram *datagram;
    while ((datagram = datagram_take(socket)))
        datagram_free(datagram);
    heap_free(socket);
}

void socket_changed(struct socket *socket)
{
    wake_all(&socket->changed);
    poll_changed(&socket->changes);
}

int datagram_queue(struct socket *socket, const uint8_t *data, uint32_t bytes,
                   const struct address *from, struct parcel **parcel)
{
    if (socket->queued + bytes + RECORD > QUEUE_LIMIT)
        return -EAGAIN;
    struct datagram *datagram = heap_allocate(sizeof(*datagram) + bytes);
    if (!datagram)
        return -ENOBUFS;
    datagram->from = *from;
    datagram->parcel = *parcel;
    *parcel = NULL;
    datagram->bytes = bytes;
    memcpy(datagram->data, data, bytes);
    *socket->last = datagram;
    socket->last = &datagram->next;
    socket->queued += bytes + RECORD;
    socket_changed(socket);
    return 0;
}

struct datagram *datagram_take(struct socket *socket)
{
    struct datagram *datagram = socket->first;

    if (!datagram)
        return NULL;
    socket->first = datagram->next;
    if (!socket->first)
        socket->last = &socket->first;
    socket->queued -= datagram->bytes + RECORD;
    return datagram;
}

void datagram_free(struct datagram *datagram)
{
    parcel_free(datagram->parcel);
    heap_free(datagram);
}
