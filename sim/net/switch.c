/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/net/switch.h"

#include <string.h>

#define FORGOTTEN_S 300u
#define GROUP       1u /* bit of an address's first byte: for many */

/* The entry of an address; `addresses` if there is none. */
static unsigned entry_of(const struct net_switch *sw, const uint8_t *mac)
{
    unsigned i = 0;

    while (i < sw->addresses && memcmp(sw->address[i].mac, mac, 6) != 0)
        i++;
    return i;
}

/* The entry that was not seen for longest makes room. */
static unsigned oldest(const struct net_switch *sw)
{
    unsigned found = 0;

    for (unsigned i = 1; i < sw->addresses; i++)
        if (sw->address[i].seen < sw->address[found].seen)
            found = i;
    return found;
}

static void learn(struct net_switch *sw, const uint8_t *mac, unsigned port, uint64_t now)
{
    unsigned i = entry_of(sw, mac);

    if (*mac & GROUP)
        return;
    if (i == SWITCH_ADDRESSES)
        i = oldest(sw);
    else if (i == sw->addresses)
        sw->addresses++;
    memcpy(sw->address[i].mac, mac, 6);
    sw->address[i].port = port;
    sw->address[i].seen = now;
}

/* The port behind which an address lies; `ports`: it is not known. */
static unsigned port_of(const struct net_switch *sw, const uint8_t *mac, uint64_t now, uint64_t hz)
{
    unsigned i = entry_of(sw, mac);

    if (*mac & GROUP || i == sw->addresses || now - sw->address[i].seen > FORGOTTEN_S * hz)
        return sw->ports;
    return sw->address[i].port;
}

/* What waits is what the wire's own time says: cycles until it is free, at its rate. */
static void out(struct switch_port *port, const uint8_t *frame, uint32_t bytes, uint64_t now)
{
    const struct link *link = port->wire->link;
    uint64_t free_at = link_free_at(port->wire);
    uint64_t waiting = free_at > now ? scale(free_at - now, link->rate, link->hz) / 8 : 0;

    if (waiting + bytes > port->owner->queue)
        port->lost++;
    else
        link_send(port->wire, frame, bytes, now);
}

static void arrived(void *owner, const uint8_t *frame, uint32_t bytes, uint64_t now)
{
    struct switch_port *from = owner;
    struct net_switch *sw = from->owner;
    unsigned own = (unsigned)(from - sw->port);
    unsigned to = port_of(sw, frame, now, from->wire->link->hz);

    learn(sw, frame + 6, own, now);
    if (to == own)
        return;
    for (unsigned i = 0; i < sw->ports; i++) {
        if (i == own || (to != sw->ports && to != i))
            continue;
        *(to == i ? &sw->port[i].forwarded : &sw->port[i].flooded) += 1;
        out(&sw->port[i], frame, bytes, now);
    }
}

void net_switch_add(struct net_switch *sw, struct link_end *wire)
{
    struct switch_port *port = &sw->port[sw->ports++];

    *port = (struct switch_port){.owner = sw, .wire = wire};
    wire->receive = arrived;
    wire->owner = port;
}
