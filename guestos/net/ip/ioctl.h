/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ioctl.h - requests to interfaces, routes and Ethernet addresses (netdevice(7), arp(7)), by any
 * socket
 *
 * Lock: the kernel's, at every call. Nothing here sleeps.
 */
#ifndef GUESTOS_NET_IOCTL_H
#define GUESTOS_NET_IOCTL_H

#include "guestos/kernel/types.h"

/* argument: a user address. 0 or -Exxx; -ENOTTY: it is no such request. */
int interface_ioctl(uint32_t request, uint32_t argument);
int route_ioctl(uint32_t request, uint32_t argument);

#endif
