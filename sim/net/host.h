/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * host.h - a machine at the far end of a wire: it answers, and its clients ask
 *
 * It has one address, and answers ARP for it (RFC 826), echo requests (RFC 792), datagrams to the
 * echo port (RFC 862) and connections to the ports of echo, discard and chargen (RFC 862, 863,
 * 864), each frame a fixed time after what it answers. Clients (client.h) open connections from it.
 * Whatever else arrives, and whatever is damaged or a fragment, it does not answer.
 *
 * host.c: frames, ARP, pings. host_tcp.c: connections, by the kernel's own TCP (include/tcp), with
 * the machine's simulated time as its clock: a run is a function of what it was given.
 */
#ifndef XENOLITH_SIM_NET_HOST_H
#define XENOLITH_SIM_NET_HOST_H

#include "sim/net/link.h"

#define HOST_QUEUE      4096 /* frames that wait to be sent; more are lost */
#define HOST_NEIGHBOURS 256
#define HOST_BUCKETS    1024 /* of connections, by their addresses' hash */

struct host_connection; /* host_tcp.h */

/* A frame that waits to be sent. */
struct net_answer {
    struct net_answer *next;
    uint64_t when; /* cycle */
    uint32_t bytes;
    uint8_t frame[];
};

struct net_host {
    struct link_end *wire;
    uint8_t mac[6], ip[4];
    uint64_t thinks; /* cycles from a frame to its answer */

    struct event answer;
    struct net_answer *first, *last;
    unsigned count;
    uint64_t answered, ignored, lost;

    struct {
        uint32_t ip;
        uint8_t mac[6];
    } neighbour[HOST_NEIGHBOURS];
    unsigned neighbours;

    struct host_connection *connections, *bucket[HOST_BUCKETS];
    unsigned open;
    uint16_t next_port;
    uint32_t sequence;
    uint64_t now; /* the cycle of what is under way */
    uint64_t accepted, segments, bytes_in, bytes_out;
};

/* Takes what arrives at host->wire. The caller has set the fields before `answer`. */
void net_host_open(struct net_host *host);
void net_host_close(struct net_host *host);
/* Whether a connection of it waits for a time. */
bool host_tcp_busy(const struct net_host *host);

/* Puts in an answer behind those that are there, as it was saved: its frame is to be set, nothing
 * is counted and nothing scheduled. NULL: no memory, too many, too long. */
struct net_answer *net_host_append(struct net_host *host, uint64_t when, uint32_t bytes);

/* ---- host.c, for the others ------------------------------------------------------------------ */

/* The address of a neighbour; NULL: not known, and asked for. */
const uint8_t *net_host_neighbour(struct net_host *host, uint32_t ip, uint64_t now);
/* Sends a copy of a frame, a while later. */
void net_host_send(struct net_host *host, const uint8_t *frame, uint32_t bytes, uint64_t now);

#endif
