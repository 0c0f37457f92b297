/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * packet.h - a packet on its way out
 *
 * A transport makes one with room for its own header and data, and fills that in. Each layer below
 * puts its header before what is there (packet_push), so no byte is copied again on the way down:
 *
 *     room | Ethernet 14 | IP 20 | transport's header | data |
 *                                  ^ data, when it is made
 *          ^ data, when a driver gets it
 *
 * A packet has one owner at a time. Who is given one by a call named send or transmit must free it,
 * in the end, even if it fails; what it does not take it leaves to the caller, and says so.
 *
 * A packet of at most PACKET_IN_PAGE bytes, as any of an Ethernet is, lies within one page. If
 * packet_has_page(), nothing else does; small ones share theirs with other objects of the kernel,
 * and who shows the page to another machine shows those.
 *
 * Sums: the transport's checksum is one's complement over the bytes from `sum_start` on, and
 * belongs at sum_start + sum_at. packet_sum_later() puts the sum of the pseudo header there and
 * notes the place. A device that can add up (struct interface.sums) does the rest, or
 * packet_sum_now().
 *
 * Lock: the kernel's, at every call. Nothing here sleeps.
 */
#ifndef GUESTOS_PACKET_H
#define GUESTOS_PACKET_H

#include "guestos/kernel/types.h"

#define ETHERNET_HEADER 14u
#define IP_HEADER       20u
#define PACKET_HEADROOM (ETHERNET_HEADER + 2 + IP_HEADER) /* 2: IP's words are aligned */
#define PACKET_IN_PAGE  1600u

struct packet {
    struct packet *next;
    uint8_t *data;
    uint32_t bytes;     /* from data */
    uint32_t next_hop;  /* while it waits for that one's Ethernet address */
    uint16_t sum_start; /* from data */
    uint16_t sum_at;    /* from sum_start */
    bool sum_open;      /* only the pseudo header is in it */
    uint8_t room[];
};

/* One with `bytes` at `data`, contents unknown, room for headers before them; NULL: no memory. */
struct packet *packet_make(uint32_t bytes);
void packet_free(struct packet *packet); /* NULL is allowed */
static inline bool packet_has_page(const struct packet *packet)
{
    return !((uintptr_t)packet & ~PAGE_MASK);
}

/* `bytes` more before what is there: their first. There must be room (PACKET_HEADROOM in all). */
uint8_t *packet_push(struct packet *packet, uint32_t bytes);

/* The whole of `packet` from `start` on is summed up later; `pseudo` is checksum_pseudo()'s. */
void packet_sum_later(struct packet *packet, uint32_t start, uint32_t at, uint32_t pseudo);
/* Completes an open sum. */
void packet_sum_now(struct packet *packet);

#endif
