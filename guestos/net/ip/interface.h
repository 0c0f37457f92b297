/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * interface.h - where packets leave and arrive: what a driver offers, and what it gets
 *
 *        sockets            TCP, UDP, ICMP, packets as they are
 *           |                  ^
 *        ip_send()          ip_input()          arp_input()
 *           | route, ARP       |  by the frame's type |
 *        interface_send()   interface_receive() ------+
 *           |                  ^
 *        transmit, push     the driver's interrupt, or receive
 *        --------------- a driver: loopback, 82540EM, netfront ---------------
 *
 * A driver fills in a struct interface and calls interface_add(), which gives it a name and a
 * number. It is down then. open() is called when it goes up, close() when it goes down.
 *
 * Out. interface_send() owns a packet, a whole Ethernet frame without its check, or a whole IP
 * packet on the loopback. transmit() takes it over, or answers -ENOBUFS if there is no room now;
 * then the packet waits here, with up to INTERFACE_QUEUE others, until the driver calls
 * interface_ready(). A packet that transmit() took is the driver's until it has left:
 * packet_free(). transmit() need not tell the device: push() follows once at the end of a batch,
 * when all that belongs together was given. So a doorbell, or an event, is one for many frames.
 *
 * In. The driver's interrupt calls interface_receive() for each frame, with bytes that stay the
 * driver's: whoever keeps them copies them, once, to where they are read. Then it calls net_run().
 * One interrupt handles at most INTERFACE_BATCH frames. If more have come, the driver sees to it
 * that another interrupt comes a little later, and the time between is the programs'. So a flood
 * fills the device's ring, which costs nothing, and not the processor.
 *
 * Sums. `sums`: the device completes checksums (packet.h); else interface_send() does, before
 * transmit(). What has come is SUM_GOOD if the device has checked it, SUM_BLANK if the sender never
 * left this machine and so did not complete it, SUM_UNKNOWN otherwise.
 *
 * Nothing here is called from inside a driver's open(), close(), transmit() or push(), and drivers
 * may call interface_receive() and interface_ready() from interrupts only, or from receive().
 *
 * Lock: the kernel's, at every call. Nothing here sleeps, and no operation of a driver may.
 */
#ifndef GUESTOS_INTERFACE_H
#define GUESTOS_INTERFACE_H

#include "guestos/net/ip/packet.h"

#define MAC_BYTES       6
#define INTERFACE_NAME  16  /* IFNAMSIZ */
#define INTERFACE_QUEUE 512 /* packets that wait for the driver; more are dropped */
#define INTERFACE_BATCH 64  /* frames an interrupt handles */
#define ETHERNET_MTU    1500u

/* linux/if.h: IFF_* */
#define INTERFACE_UP        0x0001u
#define INTERFACE_BROADCAST 0x0002u
#define INTERFACE_LOOPBACK  0x0008u
#define INTERFACE_RUNNING   0x0040u /* there is a carrier; the driver's */
#define INTERFACE_NO_ARP    0x0080u
#define INTERFACE_ALL       0x0100u /* promiscuous */
#define INTERFACE_MULTICAST 0x1000u

/* linux/if_arp.h: ARPHRD_* */
#define KIND_ETHERNET 1
#define KIND_LOOPBACK 772

struct interface;

struct interface_ops {
    int (*open)(struct interface *interface);   /* 0 or -Exxx; NULL: nothing to do */
    void (*close)(struct interface *interface); /* frees what waits to leave; NULL: the same */
    /* 0: it is the driver's; -ENOBUFS: no room, interface_ready() will be called. */
    int (*transmit)(struct interface *interface, struct packet *packet);
    void (*push)(struct interface *interface); /* NULL: transmit() has done all */
    /* For drivers without interrupts: gives what is there; true: there was something. */
    bool (*receive)(struct interface *interface);
    /* Its flags (INTERFACE_ALL) or its MAC have changed while it is up; NULL: no matter. */
    void (*filter)(struct interface *interface);
};

struct interface_counts {
    uint64_t packets, bytes;
    uint32_t errors, dropped;
};

struct interface {
    /* The driver's, before interface_add(). */
    const struct interface_ops *ops;
    const char *pattern; /* of the name: "eth%u" */
    uint32_t kind, flags;
    uint32_t mtu, mtu_limit; /* bytes with the IP header */
    bool sums;               /* the device completes checksums */
    uint8_t mac[MAC_BYTES];

    char name[INTERFACE_NAME];
    uint32_t index;                    /* from 1 */
    uint32_t address, mask, broadcast; /* address 0: none yet */
    struct interface_counts in, out;   /* interface.c's but for errors, the driver's */

    struct packet *first, **last; /* wait for the driver */
    uint32_t waiting;
    bool posted; /* push() is due */
    struct interface *next;
};

enum sum_state { SUM_UNKNOWN, SUM_GOOD, SUM_BLANK };

void interface_add(struct interface *interface);

/* Sends a frame or drops it; the packet is no more the caller's. 0, -ENETDOWN, -ENOBUFS. */
int interface_send(struct interface *interface, struct packet *packet);

/* From drivers: a frame (loopback: an IP packet) has come; there is room again. */
void interface_receive(struct interface *interface, const uint8_t *frame, uint32_t bytes,
                       enum sum_state sum);
void interface_ready(struct interface *interface);

/* 0 or what open() says. */
int interface_up(struct interface *interface);
void interface_down(struct interface *interface);
static inline bool interface_is_up(const struct interface *interface)
{
    return interface->flags & INTERFACE_UP;
}

/* NULL: there is none. */
struct interface *interface_named(const char *name);
struct interface *interface_numbered(uint32_t index);
extern struct interface *interfaces; /* in the order in which they came */

/* Gives it an IP address: routes to its network follow. 0 takes the address away. */
void interface_set_address(struct interface *interface, uint32_t address, uint32_t mask);

/* For net_run(): gives what has come on those without interrupts; true: something moved. */
bool interfaces_receive(void);
void interfaces_push(void);

/* loopback.c */
extern struct interface loopback;

#endif
