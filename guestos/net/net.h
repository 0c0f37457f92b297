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
 * Packets are sent into an interface and come out of one; neither end calls the other. loopback
 * keeps what is sent in a queue, and net_run() delivers it: at the end of each system call that may
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
    uint32_t address, mask;
    uint32_t mtu; /* bytes with the IP header */
    /* Takes a whole IP packet. 0, -ENOBUFS, -ENOMEM. */
    int (*send)(struct netif *netif, const uint8_t *packet, uint32_t bytes);
    /* Delivers what has arrived by ip_input(); true: there was something. */
    bool (*receive)(struct netif *netif);
    uint32_t sent, received, dropped;
    struct netif *next;
};

void netif_add(struct netif *netif);

/* The interface that leads to an address; NULL: none (-ENETUNREACH). */
struct netif *ip_route(uint32_t destination);
bool ip_is_own(uint32_t address); /* one of this machine's */
/* Sends `bytes` of payload. 0 or -Exxx; -EMSGSIZE: it does not fit in one packet. */
int ip_send(uint32_t source, uint32_t destination, uint32_t protocol, const uint8_t *payload,
            uint32_t bytes);
/* A packet has arrived. What is wrong with it drops it. */
void ip_input(struct netif *netif, const uint8_t *packet, uint32_t bytes);

/* Lets packets flow until nothing moves. */
void net_run(void);
void net_init(void);

/* inet_tcp.c, udp.c: a checked IP payload for this machine. */
void tcp_packet(uint32_t source, uint32_t destination, const uint8_t *payload, uint32_t bytes);
void tcp_set_timer(void); /* after anything that may have changed a connection's deadline */
void udp_packet(uint32_t source, uint32_t destination, const uint8_t *payload, uint32_t bytes);

/* loopback.c */
extern struct netif loopback;

#endif
