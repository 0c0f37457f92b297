/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * net.h - IP, and what the transports above it offer
 *
 *   sockets (socket.h)
 *      inet.c: TCP and UDP sockets, ports, connections
 *      tcp.c   one connection's state machine
 *      ip/ip.c, icmp.c, route.c         headers, routes, errors        <- ip_input()
 *      ip/arp.c, ethernet.c             whose frame
 *      ip/interface.c                   loopback, 82540EM, netfront
 *
 * Packets are sent into an interface and come out of one; neither end calls the other. loopback
 * keeps what is sent in a queue, and net_run() delivers it: at the end of each system call that may
 * have sent something, of each timer, and of each interrupt of a device. Addresses and ports are in
 * host order.
 *
 * Lock: the kernel's, at every call. Nothing here sleeps. net_run() is called at the end of system
 * calls, timers and interrupts, not from inside an interface.
 */
#ifndef GUESTOS_NET_H
#define GUESTOS_NET_H

#include "guestos/net/ip/interface.h"
#include "guestos/net/ip/route.h"

#define PROTOCOL_ICMP 1
#define PROTOCOL_TCP  6
#define PROTOCOL_UDP  17

#define ADDRESS_ANY       0u
#define ADDRESS_LOOPBACK  0x7f000001u
#define ADDRESS_BROADCAST 0xffffffffu
#define LOOPBACK_MASK     0xff000000u

/* Where a packet has come from. The bytes are the driver's, and gone after the call. */
struct arrival {
    struct interface *interface;
    uint32_t source, destination;
    const uint8_t *ip;   /* its header */
    const uint8_t *data; /* what follows that */
    uint32_t bytes;      /* of data */
    enum sum_state sum;  /* of the transport's */
    bool broadcast;
};

/* How packets of a socket are sent. */
struct ip_settings {
    uint8_t ttl, tos;            /* ttl 0: the usual one */
    bool broadcast;              /* allowed */
    struct interface *interface; /* NULL: by route */
};

bool ip_is_own(uint32_t address); /* one of this machine's */
bool ip_is_broadcast(const struct interface *interface, uint32_t address);

/*
 * Sends what a transport has made of a packet, which is no more the caller's, along a path that
 * route_find() has found. source: usually the path's. 0 or -Exxx; -EMSGSIZE: it is longer than the
 * interface takes, and is not cut; -EACCES: a broadcast that is not allowed.
 */
int ip_send(const struct path *path, uint32_t source, uint32_t destination, uint32_t protocol,
            struct packet *packet, const struct ip_settings *settings);
/* A packet has arrived. What is wrong with it drops it. */
void ip_input(struct interface *interface, const uint8_t *packet, uint32_t bytes,
              enum sum_state sum);
/* Whether a transport's checksum is right; `pseudo` is checksum_pseudo()'s. */
bool ip_sum_is_right(const struct arrival *arrival, uint32_t pseudo);

/* Lets packets flow until nothing moves. */
void net_run(void);
void net_init(const char *command_line);

/* ---- icmp.c ---------------------------------------------------------------------------------- */

enum { UNREACHABLE_HOST = 1, UNREACHABLE_PROTOCOL, UNREACHABLE_PORT };

void icmp_input(const struct arrival *arrival);
/* Tells the sender that what has arrived reaches nobody. */
void icmp_unreachable(const struct arrival *arrival, uint32_t code);
/* A packet of ours, from its IP header on, reaches nobody: its sender is told -error. */
void ip_unreachable(const struct packet *packet, int error);

/* ---- the transports -------------------------------------------------------------------------- */

void tcp_packet(const struct arrival *arrival);
void udp_packet(const struct arrival *arrival);
/* raw.c: false: no socket is for it. */
bool raw_packet(const struct arrival *arrival, uint32_t protocol);

/* What was sent from local to remote, by its first 8 bytes, cannot be delivered: positive errno. */
void tcp_failed(uint32_t local, uint32_t remote, const uint8_t *header, int error);
void udp_failed(uint32_t local, uint32_t remote, const uint8_t *header, int error);

#endif
