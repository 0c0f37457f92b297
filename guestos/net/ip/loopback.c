/* SPDX-License-Identifier: GPL-2.0-only */
/* loopback.c - the interface whose other end is its own: 127.0.0.0/8, and all own addresses */
#include "guestos/kernel/errno.h"
#include "guestos/net/ip/interface.h"
#include "guestos/net/net.h"

#define QUEUE_LIMIT (512 * 1024u) /* bytes on the way, records too; beyond it packets are dropped */

static struct packet *first, **last = &first;
static uint32_t queued;

static uint32_t cost(const struct packet *packet)
{
    return sizeof(*packet) + PACKET_HEADROOM + packet->bytes;
}

static int transmit(struct interface *interface, struct packet *packet)
{
    (void)interface;
    if (queued >= QUEUE_LIMIT)
        return -ENOBUFS;
    packet->next = NULL;
    *last = packet;
    last = &packet->next;
    queued += cost(packet);
    return 0;
}

static bool receive(struct interface *interface)
{
    struct packet *packet = first;

    if (!packet)
        return false;
    first = packet->next;
    if (!first)
        last = &first;
    queued -= cost(packet);
    interface_receive(interface, packet->data, packet->bytes, SUM_BLANK);
    packet_free(packet);
    interface_ready(interface);
    return true;
}

static void close(struct interface *interface)
{
    struct packet *packet;

    (void)interface;
    while ((packet = first)) {
        first = packet->next;
        packet_free(packet);
    }
    last = &first;
    queued = 0;
}

static const struct interface_ops ops = {
    .close = close,
    .transmit = transmit,
    .receive = receive,
};

struct interface loopback = {
    .ops = &ops,
    .pattern = "lo",
    .kind = KIND_LOOPBACK,
    .flags = INTERFACE_LOOPBACK | INTERFACE_RUNNING,
    .mtu = 0xffff,
    .mtu_limit = 0xffff,
    .sums = true,
};
