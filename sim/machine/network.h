/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * network.h - a machine's card (00:03.0), the wire at it, and who is at the far end
 *
 * The card and the wire belong to the machine's own time; what comes from outside of the simulation
 * would not, and is none of this file.
 */
#ifndef XENOLITH_SIM_NETWORK_H
#define XENOLITH_SIM_NETWORK_H

#include "sim/dev/nic/nic.h"
#include "sim/net/capture.h"
#include "sim/net/client.h"

struct machine;

enum network_peer {
    NETWORK_NONE, /* the machine has no card */
    NETWORK_HOST, /* one host that answers: sim/net/host.h */
};

struct network_config {
    enum network_peer peer;
    struct link_faults faults;
    struct client_order client[CLIENTS_MAX];
    unsigned clients;
    FILE *capture; /* of a pcap file, or NULL; outlives the machine */
};

struct network {
    struct nic nic;
    struct link link;
    struct net_host host;
    struct client client[CLIENTS_MAX];
    struct capture capture;
};

/* Puts the card of the machine's configuration, if there is one, on its PCI bus. */
void network_open(struct machine *machine, const struct device_world *world);
void network_close(struct machine *machine);

/* Whether a frame is under way, or the card has work left, which may interrupt somebody. */
bool network_busy(const struct machine *machine);

bool network_present(const struct machine *machine);

#endif
