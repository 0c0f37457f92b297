/* SPDX-License-Identifier: GPL-2.0-only */
/* route.c - the table of routes; see route.h */
#include "guestos/net/ip/route.h"
#include "guestos/kernel/errno.h"
#include "guestos/mm/heap.h"
#include "guestos/net/net.h"

#define ROUTE_LIMIT 256u /* routes of the table */

static struct route *table;
static uint32_t count;

const struct route *route_first(void)
{
    return table;
}

static bool is_loopback(uint32_t address)
{
    return !((address ^ ADDRESS_LOOPBACK) & LOOPBACK_MASK);
}

bool ip_is_own(uint32_t address)
{
    bool own = is_loopback(address) && interface_is_up(&loopback);

    for (const struct interface *i = interfaces; i && !own; i = i->next)
        own = i->address && i->address == address && interface_is_up(i);
    return own;
}

bool ip_is_broadcast(const struct interface *interface, uint32_t address)
{
    return address == ADDRESS_BROADCAST || (interface->flags & INTERFACE_BROADCAST &&
                                            interface->address && interface->broadcast == address);
}

static const struct route *lookup(uint32_t destination, const struct interface *interface)
{
    const struct route *route = table;

    while (route && (((destination ^ route->destination) & route->mask) ||
                     (interface && route->interface != interface)))
        route = route->next;
    return route;
}

int route_find(struct path *path, uint32_t destination, struct interface *interface)
{
    if (is_loopback(destination) || ip_is_own(destination)) {
        *path = (struct path){.interface = &loopback,
                              .next_hop = destination,
                              .source = is_loopback(destination) ? ADDRESS_LOOPBACK : destination};
        return interface_is_up(&loopback) ? 0 : -ENETDOWN;
    }
    const struct route *route = lookup(destination, interface);
    if (!route && interface && destination == ADDRESS_BROADCAST && interface_is_up(interface)) {
        *path = (struct path){interface, destination, interface->address, true};
        return 0;
    }
    if (!route)
        return -ENETUNREACH;
    bool broadcast = ip_is_broadcast(route->interface, destination);
    *path = (struct path){.interface = route->interface,
                          .next_hop = route->gateway && !broadcast ? route->gateway : destination,
                          .source = route->interface->address,
                          .broadcast = broadcast};
    return 0;
}

/* Whether a gateway is on a network that some interface is on itself; *interface may say which. */
static bool reachable(uint32_t gateway, struct interface **interface)
{
    const struct route *route = lookup(gateway, *interface);

    if (!route || route->gateway || ip_is_own(gateway))
        return false;
    *interface = route->interface;
    return true;
}

int route_add(const struct route *wanted)
{
    struct interface *interface = wanted->interface;
    struct route **link = &table;

    if (wanted->destination & ~wanted->mask || ~wanted->mask & (~wanted->mask + 1))
        return -EINVAL;
    if (wanted->gateway && !reachable(wanted->gateway, &interface))
        return -ENETUNREACH;
    if (!interface)
        return -ENODEV;
    if (!interface_is_up(interface))
        return -ENETDOWN;
    while (*link && ((*link)->mask > wanted->mask ||
                     ((*link)->mask == wanted->mask && (*link)->metric <= wanted->metric))) {
        const struct route *r = *link;

        if (r->mask == wanted->mask && r->destination == wanted->destination &&
            r->metric == wanted->metric && r->interface == interface &&
            r->gateway == wanted->gateway)
            return -EEXIST;
        link = &(*link)->next;
    }
    struct route *route = count < ROUTE_LIMIT ? heap_allocate(sizeof(*route)) : NULL;
    if (!route)
        return -ENOBUFS;
    *route = *wanted;
    route->interface = interface;
    route->next = *link;
    *link = route;
    count++;
    return 0;
}

static void unlink(struct route **link)
{
    struct route *route = *link;

    *link = route->next;
    heap_free(route);
    count--;
}

int route_remove(const struct route *wanted)
{
    for (struct route **link = &table; *link; link = &(*link)->next) {
        const struct route *r = *link;

        if (r->destination == wanted->destination && r->mask == wanted->mask &&
            (!wanted->gateway || r->gateway == wanted->gateway) &&
            (!wanted->metric || r->metric == wanted->metric) &&
            (!wanted->interface || r->interface == wanted->interface)) {
            unlink(link);
            return 0;
        }
    }
    return -ESRCH;
}

void route_forget(const struct interface *interface)
{
    for (struct route **link = &table; *link;)
        if ((*link)->interface == interface)
            unlink(link);
        else
            link = &(*link)->next;
}
