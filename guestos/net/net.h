/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * net.h - interfaces, IP, and what the transports above it offer
 *
 *   sockets (socket.h)
 *      inet.c: TCP and UDP sockets, ports, connections
 *      tcp.c   one connection's state machine
 *      ip.c    headers, routes          <- ip_input()
 *      struct netif                     loopback.c; a network device later
 *
 * Packets are sent into an interface and come out of one; neither end calls the other. loopback keeps
 * what is sent in a queue, and net_run() delivers it: at the end of each system call that may
 * have sent something, and of each timer. Addresses and ports are in host order.
 *
 * Lock: the kernel's, at every call. Nothing here sleeps. net_run() is called at the end of system
 * calls and timers, not from inside an interface.
 */
#ifndef GUESTOS_NET_H
#define GUESTOS_NET_H

#include "guestos/kernel/types.h"

#define IP_HEADER    20u
#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17

#define ADDRESS_ANY      0u
#define ADDRESS_LOOPBACK 0x7f000001u

struct netif {
    const char *name;
    u32 address, mask;
    u32 mtu; /* bytes with the IP header */
    /* Takes a whole IP packet. 0, -ENOBUFS, -ENOMEM. */
    int (*send)(struct netif *netif, const u8 *packet, u32 bytes);
    /* Delivers what has arrived by ip_input(); true: there was something. */
    bool (*receive)(struct netif *netif);
    u32 sent, received, dropped;
    struct netif *next;
};

void netif_add(struct netif *netif);

/* The interface that leads to an address; NULL: none (-ENETUNREACH). */
struct netif *ip_route(u32 destination);
bool ip_is_own(u32 address); /* one of this machine's */
/* Sends `bytes` of payload. 0 or -Exxx; -EMSGSIZE: it does not fit in one packet. */
int ip_send(u32 source, u32 destination, u32 protocol, const u8 *payload, u32 bytes);
/* A packet has arrived. What is wrong with it drops it. */
void ip_input(struct netif *netif, const u8 *packet, u32 bytes);

/* Lets packets flow until nothing moves. */
void net_run(void);
void net_init(void);

/* inet_tcp.c, udp.c: a checked IP payload for this machine. */
void tcp_packet(u32 source, u32 destination, const u8 *payload, u32 bytes);
void tcp_set_timer(void); /* after anything that may have changed a connection's deadline */
void udp_packet(u32 source, u32 destination, const u8 *payload, u32 bytes);

/* loopback.c */
extern struct netif loopback;

#endif
