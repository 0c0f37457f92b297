/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * route.h - which interface leads where
 *
 * A route says that addresses equal to `destination` under `mask` are reached through an interface,
 * directly or by a gateway. The longest mask that fits wins; among equal ones the smaller metric,
 * then the older. An address of this machine's is always reached by the loopback.
 *
 * Lock: the kernel's, at every call. Nothing here sleeps.
 */
#ifndef GUESTOS_ROUTE_H
#define GUESTOS_ROUTE_H

#include "guestos/net/ip/interface.h"

struct route {
    struct route *next;
    uint32_t destination, mask;
    uint32_t gateway; /* 0: the destination is on the interface's own network */
    uint32_t metric;
    struct interface *interface;
};

/* How an address is reached. */
struct path {
    struct interface *interface;
    uint32_t next_hop; /* whose Ethernet address a frame gets */
    uint32_t source;   /* the address that this machine has there; 0: none yet */
    bool broadcast;
};

/*
 * By `interface` alone unless that is NULL. 0, -ENETUNREACH, or -ENETDOWN for an address of this
 * machine's whose loopback is down.
 */
int route_find(struct path *path, uint32_t destination, struct interface *interface);

/*
 * A gateway's interface may be left out. -EEXIST, -ENETUNREACH (the gateway is on no network of
 * ours), -ENETDOWN, -ENODEV, -EINVAL (bits outside of the mask, or a mask with holes), -ENOBUFS.
 */
int route_add(const struct route *route);
/*
 * Takes the first one of a destination and mask away; gateway, metric and interface that are 0 fit
 * any. 0 or -ESRCH.
 */
int route_remove(const struct route *route);
/* All of an interface's. */
void route_forget(const struct interface *interface);
const struct route *route_first(void); /* the longest mask first; NULL: there is none */

#endif
