/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * network.h - a machine's card (00:03.0), the wire at it, and who is at the far end
 *
 *   card --- wire --- host                  or          .--- wire --- host 10.0.2.2
 *                                card --- wire --- switch
 *                                                       `--- wire --- host 10.0.2.3
 *
 * The card, the wire and the hosts belong to the machine's own time; what comes from outside of the
 * simulation gets a place in it where it enters (sim/net/outside.h).
 */
#ifndef XENOLITH_SIM_NETWORK_H
#define XENOLITH_SIM_NETWORK_H

#include "sim/dev/nic/nic.h"
#include "sim/net/capture.h"
#include "sim/net/client.h"
#include "sim/net/load.h"
#include "sim/net/outside.h"
#include "sim/net/switch.h"

struct machine;

#define HOSTS_MAX (SWITCH_PORTS - 1)

enum network_peer {
    NETWORK_NONE,    /* the machine has no card */
    NETWORK_HOST,    /* hosts that answer: sim/net/host.h */
    NETWORK_OUTSIDE, /* a process of this host, or its log: sim/net/outside.h */
};

struct network_config {
    enum network_peer peer;
    struct link_faults faults;
    unsigned hosts;   /* behind a switch, at most HOSTS_MAX; 0: one, and no switch */
    uint64_t rate;    /* bits a second of a host's wire behind it; 0: as the card's */
    uint64_t latency; /* nanoseconds of it, if latency_given; else as the card's */
    bool latency_given;
    uint64_t queue; /* bytes that wait at a port of the switch */
    struct client_order client[CLIENTS_MAX];
    unsigned clients;
    struct load_order load[LOADS_MAX];
    unsigned loads;
    int outside;       /* a socket of sim/net/user.h; -1: outside_log is replayed */
    FILE *outside_log; /* or NULL; outlives the machine */
    FILE *capture;     /* of a pcap file, or NULL; outlives the machine */
};

struct network {
    struct nic nic;
    struct link link; /* the card's */
    struct net_switch net_switch;
    struct link branch[HOSTS_MAX]; /* behind the switch */
    struct net_host host[HOSTS_MAX];
    struct client client[CLIENTS_MAX];
    struct load load[LOADS_MAX];
    struct outside outside;
    struct capture capture;
};

/* Puts the card of the machine's configuration, if there is one, on its PCI bus. */
void network_open(struct machine *machine, const struct device_world *world);
void network_close(struct machine *machine);

/* Whether a frame is under way, or the card has work left, which may interrupt somebody. */
bool network_busy(const struct machine *machine);

bool network_present(const struct machine *machine);
/* A descriptor on which frames come at the host's own time; -1: there is none. */
int network_outside(const struct machine *machine);
/* How many hosts there are. */
unsigned network_hosts(const struct machine *machine);

#endif
