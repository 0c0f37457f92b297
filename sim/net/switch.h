/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * switch.h - a learning switch: the machine's wire at one port, a host's at each other
 *
 * Which port an address lies behind is learnt from what comes from there (IEEE 802.1D, 7.8), and
 * forgotten after 300 seconds (7.9.2). A frame for an address that is known goes to its port alone,
 * any other to all ports but its own. Frames are stored whole and forwarded at once; what a port's
 * wire has not sent yet waits, up to `queue` bytes, and what comes beyond that is lost and counted.
 */
#ifndef XENOLITH_SIM_NET_SWITCH_H
#define XENOLITH_SIM_NET_SWITCH_H

#include "sim/net/link.h"

#define SWITCH_PORTS     9
#define SWITCH_ADDRESSES 256

struct switch_port {
    struct net_switch *owner;
    struct link_end *wire;
    uint64_t forwarded, flooded, lost; /* frames out of this port; lost: its queue was full */
};

struct net_switch {
    struct switch_port port[SWITCH_PORTS];
    unsigned ports;
    uint64_t queue; /* bytes */
    struct {
        uint8_t mac[6];
        unsigned port;
        uint64_t seen; /* cycle */
    } address[SWITCH_ADDRESSES];
    unsigned addresses;
};

/* Adds a port, of which there is room for SWITCH_PORTS, at that end of a wire. */
void net_switch_add(struct net_switch *sw, struct link_end *wire);

#endif
