/* SPDX-License-Identifier: GPL-2.0-only */
/* loopback.c - the interface whose other end is its own: 127.0.0.0/8 */
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/heap.h"
#include "guestos/net/net.h"

#define QUEUE_LIMIT (512 * 1024u) /* bytes on the way; beyond it packets are dropped */

struct packet {
    struct packet *next;
    uint32_t bytes;
    uint8_t data[];
};

static struct packet *first, **last = &first;
static uint32_t queued;

static int send(struct netif *netif, const uint8_t *data, uint32_t bytes)
{
    (void)netif;
    struct packet *packet = queued < QUEUE_LIMIT ? heap_allocate(sizeof(*packet) + bytes) : NULL;
    if (!packet)
        return -ENOBUFS;
    packet->bytes = bytes;
    memcpy(packet->data, data, bytes);
    *last = packet;
    last = &packet->next;
    queued += bytes;
    return 0;
}

static bool receive(struct netif *netif)
{
    struct packet *packet = first;

    if (!packet)
        return false;
    first = packet->next;
    if (!first)
        last = &first;
    queued -= packet->bytes;
    ip_input(netif, packet->data, packet->bytes);
    heap_free(packet);
    return true;
}

struct netif loopback = {
    .name = "lo",
    .address = ADDRESS_LOOPBACK,
    .mask = 0xff000000,
    .mtu = 0xffff,
    .send = send,
    .receive = receive,
};
