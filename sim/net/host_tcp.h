/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * host_tcp.h - connections of a host, for its frames (host.c) and its clients (client.c)
 *
 * Not for others: names of include/tcp are also the C library's, in its header of TCP.
 */
#ifndef XENOLITH_SIM_NET_HOST_TCP_H
#define XENOLITH_SIM_NET_HOST_TCP_H

#include "include/tcp/tcp.h"
#include "sim/net/host.h"

#define HOST_CONNECTIONS   4096 /* at one time; further ones are refused */
#define HOST_SERVICES      3
#define HOST_SEGMENT_BYTES 1460u

struct host_connection {
    struct host_connection *next;
    struct host_connection *chain; /* of the same hash */
    struct tcp tcp;
    struct event tick; /* its deadline */
    struct net_host *host;
    uint32_t remote; /* address */
    uint16_t local_port, remote_port;
    uint8_t *rings;
    /* Called when anything has happened to it; it may write, read and finish. */
    void (*serve)(struct host_connection *connection, uint64_t now_ns);
    /* It is closed and about to be freed. */
    void (*ended)(struct host_connection *connection);
    void *owner;      /* the client's */
    uint32_t written; /* of chargen's pattern */
};

/* A checked IP packet with a TCP segment for this host. */
void host_tcp_arrived(struct net_host *host, const uint8_t *ip, const uint8_t *tcp, uint32_t bytes,
                      uint64_t now);
/* Opens a connection to a known neighbour; NULL: there are too many, or no memory. */
struct host_connection *host_tcp_connect(struct net_host *host, uint32_t ip, uint16_t port,
                                         uint64_t now);
/* After the owner has read, written or finished from outside of serve(). */
void host_tcp_settle(struct host_connection *connection, uint64_t now);
void host_tcp_open(struct net_host *host);
void host_tcp_close(struct net_host *host);

/* A connection as it was saved, which nothing was sent for yet: its state, its rings and who serves
 * it are to be set. NULL: there is one of these ends, or too many, or no memory. */
struct host_connection *host_tcp_append(struct net_host *host, uint32_t remote,
                                        uint16_t remote_port, uint16_t local_port);
/* Which service has it; HOST_SERVICES: none. And it gets that one. */
unsigned host_tcp_service(const struct host_connection *connection);
void host_tcp_set_service(struct host_connection *connection, unsigned service);
uint64_t host_tcp_ns(const struct net_host *host, uint64_t cycles);

#endif
