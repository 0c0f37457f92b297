/* SPDX-License-Identifier: GPL-2.0-only */
/* route_ioctl.c - requests to routes and Ethernet addresses; linux/route.h, linux/if_arp.h */
#include "guestos/fs/permission.h"
#include "guestos/kernel/lib.h"
#include "guestos/net/inet.h"
#include "guestos/net/ip/arp.h"
#include "include/tcp/checksum.h"
#include "guestos/net/ip/ioctl.h"
#include "guestos/sys/user.h"

enum { ADD_ROUTE = 0x890b, REMOVE_ROUTE, REMOVE_ARP = 0x8953, GET_ARP, SET_ARP }; /* SIOC... */

/* ---- routes ---------------------------------------------------------------------------------- */

#define BY_GATEWAY 2u /* RTF_* */
#define TO_HOST    4u

struct route_request { /* struct rtentry */
    uint32_t unused;
    uint8_t destination[16], gateway[16], mask[16]; /* struct sockaddr */
    uint16_t flags, unused_too[5];
    int16_t metric; /* one more than it is */
    uint32_t device;
    uint32_t mtu, window;
    uint16_t round_trip;
};

/* A program's route. 0 or -Exxx. */
static int take_route(struct route *route, uint32_t argument)
{
    struct route_request r;
    char name[INTERFACE_NAME] = "";

    if (take_user(r, argument))
        return -EFAULT;
    if (r.device && copy_string_from_user(name, (const char *)r.device, sizeof(name)) < 0)
        return -EFAULT;
    if (r.destination[0] != AF_INET)
        return -EAFNOSUPPORT;
    *route = (struct route){
        .destination = get32(r.destination + 4),
        .mask = r.flags & TO_HOST ? 0xffffffff : get32(r.mask + 4),
        .gateway = r.flags & BY_GATEWAY ? get32(r.gateway + 4) : 0,
        .metric = r.metric > 0 ? (uint32_t)r.metric - 1 : 0,
        .interface = *name ? interface_named(name) : NULL,
    };
    return *name && !route->interface ? -ENODEV : 0;
}

static int change_routes(uint32_t request, uint32_t argument)
{
    struct route route;
    int error = is_privileged() ? take_route(&route, argument) : -EPERM;

    if (error)
        return error;
    return request == ADD_ROUTE ? route_add(&route) : route_remove(&route);
}

/* ---- Ethernet addresses ---------------------------------------------------------------------- */

#define COMPLETE  2u /* ATF_* */
#define PERMANENT 4u

struct arp_request { /* struct arpreq */
    uint8_t address[16], mac[16];
    uint32_t flags;
    uint8_t mask[16];
    char device[INTERFACE_NAME];
};

static int show_arp(struct interface *interface, uint32_t address, struct arp_request *r,
                    uint32_t argument)
{
    const struct arp_entry *entry = arp_find(interface, address);

    if (!entry)
        return -ENXIO;
    memset(r->mac, 0, sizeof(r->mac));
    r->mac[0] = KIND_ETHERNET;
    memcpy(r->mac + 2, entry->mac, MAC_BYTES);
    r->flags = (entry->known ? COMPLETE : 0) | (entry->permanent ? PERMANENT : 0);
    copy_string(r->device, interface->name, sizeof(r->device));
    return give_user(argument, *r);
}

static int change_arp(uint32_t request, uint32_t argument)
{
    struct arp_request r;
    struct path path;

    if (request != GET_ARP && !is_privileged())
        return -EPERM;
    if (take_user(r, argument))
        return -EFAULT;
    if (r.address[0] != AF_INET)
        return -EINVAL;
    uint32_t address = get32(r.address + 4);
    r.device[INTERFACE_NAME - 1] = '\0';
    struct interface *interface = interface_named(r.device);
    if (*r.device && !interface)
        return -ENODEV;
    if (!*r.device && (route_find(&path, address, NULL) || path.interface == &loopback))
        return -ENXIO;
    if (!*r.device)
        interface = path.interface;
    if (request == GET_ARP)
        return show_arp(interface, address, &r, argument);
    if (request == REMOVE_ARP)
        return arp_remove(interface, address);
    return interface->kind == KIND_ETHERNET && !(r.mac[2] & 1)
               ? arp_set(interface, address, r.mac + 2, r.flags & PERMANENT)
               : -EINVAL;
}

int route_ioctl(uint32_t request, uint32_t argument)
{
    switch (request) {
    case ADD_ROUTE:
    case REMOVE_ROUTE:
        return change_routes(request, argument);
    case REMOVE_ARP:
    case GET_ARP:
    case SET_ARP:
        return change_arp(request, argument);
    default:
        return -ENOTTY;
    }
}
