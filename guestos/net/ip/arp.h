/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arp.h - Ethernet addresses of IP addresses (RFC 826)
 *
 * An address that is not known is asked for, up to three times, a second apart. Meanwhile the last
 * few packets for it wait. If nobody answers they are dropped and their senders told (net.h's
 * ip_unreachable()). What is known is asked for anew after a minute of use, and kept until the
 * answer comes. Only who talks to us is learned, so a stranger cannot fill the table.
 *
 * Lock: the kernel's, at every call. Nothing here sleeps.
 */
#ifndef GUESTOS_ARP_H
#define GUESTOS_ARP_H

#include "guestos/net/ip/interface.h"

/* Sends an IP packet to the host that has `next_hop`. It is no more the caller's. 0 or -Exxx. */
int arp_send(struct interface *interface, uint32_t next_hop, struct packet *packet);
void arp_input(struct interface *interface, const uint8_t *arp, uint32_t bytes);

struct arp_entry {
    struct arp_entry *next;
    struct interface *interface;
    uint32_t address;
    uint8_t mac[MAC_BYTES];
    bool known, permanent; /* permanent: a program's entry */
    uint32_t asked;        /* times without an answer */
    uint64_t since;        /* arch_clock(): known, or last asked for */
    struct packet *first, **last;
    uint32_t waiting;
};

/* The table, for who shows it; NULL: it is empty. */
const struct arp_entry *arp_first(void);
struct arp_entry *arp_find(const struct interface *interface, uint32_t address);
/* A program's own entries. 0 or -ENOBUFS; -ENXIO: there is none. */
int arp_set(struct interface *interface, uint32_t address, const uint8_t *mac, bool permanent);
int arp_remove(struct interface *interface, uint32_t address);
/* All of an interface's. */
void arp_forget(const struct interface *interface);

#endif
