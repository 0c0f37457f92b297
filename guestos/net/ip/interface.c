/* SPDX-License-Identifier: GPL-2.0-only */
/* interface.c - the list of interfaces, and what all of them do; see interface.h */
#include "guestos/net/ip/interface.h"
#include "guestos/kernel/counters.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/net/ip/arp.h"
#include "guestos/net/ip/ethernet.h"
#include "guestos/net/ip/route.h"
#include "guestos/net/net.h"
#include "guestos/net/packet_socket.h"

struct interface *interfaces;

/* ---- the list -------------------------------------------------------------------------------- */

void interface_add(struct interface *interface)
{
    struct interface **link = &interfaces;
    uint32_t number = 0;

    while (*link) {
        number +=
            (*link)->pattern == interface->pattern || !strcmp((*link)->pattern, interface->pattern);
        interface->index = (*link)->index;
        link = &(*link)->next;
    }
    interface->index++;
    interface->last = &interface->first;
    format(interface->name, sizeof(interface->name), interface->pattern, number);
    *link = interface;
}

struct interface *interface_named(const char *name)
{
    struct interface *interface = interfaces;

    while (interface && strcmp(interface->name, name))
        interface = interface->next;
    return interface;
}

struct interface *interface_numbered(uint32_t index)
{
    struct interface *interface = interfaces;

    while (interface && interface->index != index)
        interface = interface->next;
    return interface;
}

/* ---- up and down ----------------------------------------------------------------------------- */

static void add_own_route(struct interface *interface)
{
    struct route route = {.destination = interface->address & interface->mask,
                          .mask = interface->mask,
                          .interface = interface};

    if (interface->address && interface->mask && interface != &loopback)
        route_add(&route);
}

int interface_up(struct interface *interface)
{
    int error = 0;

    if (interface_is_up(interface))
        return 0;
    if (interface->ops->open)
        error = interface->ops->open(interface);
    if (error)
        return error;
    interface->flags |= INTERFACE_UP;
    add_own_route(interface);
    return 0;
}

void interface_down(struct interface *interface)
{
    struct packet *packet;

    if (!interface_is_up(interface))
        return;
    interface->flags &= ~INTERFACE_UP;
    route_forget(interface);
    arp_forget(interface);
    while ((packet = interface->first)) {
        interface->first = packet->next;
        packet_free(packet);
    }
    interface->last = &interface->first;
    interface->waiting = 0;
    interface->posted = false;
    if (interface->ops->close)
        interface->ops->close(interface);
}

void interface_set_address(struct interface *interface, uint32_t address, uint32_t mask)
{
    route_forget(interface);
    interface->address = address;
    interface->mask = address ? mask : 0;
    interface->broadcast = address ? address | ~mask : 0;
    if (interface_is_up(interface))
        add_own_route(interface);
}

/* ---- out ------------------------------------------------------------------------------------- */

static int drop(struct interface *interface, struct packet *packet, int error)
{
    interface->out.dropped++;
    count(COUNT_net_dropped);
    packet_free(packet);
    return error;
}

/* Whether the driver has taken it; it may be gone then. */
static bool hand_over(struct interface *interface, struct packet *packet)
{
    uint32_t bytes = packet->bytes;

    if (interface->ops->transmit(interface, packet))
        return false;
    interface->out.packets++;
    interface->out.bytes += bytes;
    if (interface->kind == KIND_ETHERNET) {
        count(COUNT_net_frames_out);
        count_many(COUNT_net_bytes_out, bytes);
    }
    interface->posted = true;
    return true;
}

int interface_send(struct interface *interface, struct packet *packet)
{
    if (!interface_is_up(interface))
        return drop(interface, packet, -ENETDOWN);
    if (packet->sum_open && !interface->sums)
        packet_sum_now(packet);
    if (interface->kind == KIND_ETHERNET)
        packet_sockets_see(interface, packet);
    if (!interface->first && hand_over(interface, packet))
        return 0;
    if (interface->waiting >= INTERFACE_QUEUE)
        return drop(interface, packet, -ENOBUFS);
    packet->next = NULL;
    *interface->last = packet;
    interface->last = &packet->next;
    interface->waiting++;
    return 0;
}

void interface_ready(struct interface *interface)
{
    struct packet *packet;

    while ((packet = interface->first)) {
        struct packet *next = packet->next;

        if (!hand_over(interface, packet))
            return;
        interface->first = next;
        if (!next)
            interface->last = &interface->first;
        interface->waiting--;
    }
}

void interfaces_push(void)
{
    for (struct interface *i = interfaces; i; i = i->next)
        if (i->posted) {
            i->posted = false;
            if (i->ops->push)
                i->ops->push(i);
        }
}

/* ---- in -------------------------------------------------------------------------------------- */

void interface_receive(struct interface *interface, const uint8_t *frame, uint32_t bytes,
                       enum sum_state sum)
{
    if (!interface_is_up(interface))
        return;
    interface->in.packets++;
    interface->in.bytes += bytes;
    if (interface->kind != KIND_ETHERNET) {
        ip_input(interface, frame, bytes, sum);
        return;
    }
    count(COUNT_net_frames_in);
    count_many(COUNT_net_bytes_in, bytes);
    ethernet_input(interface, frame, bytes, sum);
}

bool interfaces_receive(void)
{
    bool moved = false;

    for (struct interface *i = interfaces; i; i = i->next)
        if (i->ops->receive && interface_is_up(i))
            moved = i->ops->receive(i) || moved;
    return moved;
}
