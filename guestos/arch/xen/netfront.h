/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * netfront.h - a virtual network interface: two rings to the back end
 *
 * Lock: the kernel's, at every call. Nothing here sleeps.
 */
#ifndef GUESTOS_NETFRONT_H
#define GUESTOS_NETFRONT_H

#include "guestos/arch/xen/front.h"
#include "guestos/net/net.h"
#include "guestos/time/timer.h"

#define NETFRONT_SENDS   64u /* under way at once */
#define NETFRONT_BUFFERS 64u /* for what comes */
#define NETFRONT_SMALL   512u

struct netif_tx_sring;
struct netif_rx_sring;

struct netfront {
    struct interface interface;
    uint16_t backend;
    bool flip; /* what comes is in frames that are exchanged, not copied */
    bool dead; /* the other end made no sense, or is gone */
    evtchn_port_t port;
    struct netif_tx_sring *tx;
    struct netif_rx_sring *rx;
    uint32_t tx_ref, rx_ref;

    uint32_t tx_prod, tx_told, tx_cons; /* requests made; those that the ring shows; answers */
    uint64_t tx_free;                   /* slots, a bit each */
    struct {
        struct packet *packet; /* NULL: its bytes are in the slot's part of a small page */
        uint32_t ref;          /* of the packet's page */
    } out[NETFRONT_SENDS];
    uint8_t *small[NETFRONT_SENDS * NETFRONT_SMALL / PAGE_SIZE]; /* granted for good */
    uint32_t small_ref[NETFRONT_SENDS * NETFRONT_SMALL / PAGE_SIZE];

    struct timer later; /* when what an interrupt has left is taken */
    uint32_t rx_prod, rx_cons;
    uint64_t rx_offered; /* buffers, a bit each */
    struct {
        uint8_t *page;
        uint32_t ref;
    } in[NETFRONT_BUFFERS];
};

/* The number of the lowest bit of a set that is not empty. */
static inline uint32_t lowest_of(uint64_t bits)
{
    uint32_t low = (uint32_t)bits;

    return low ? (uint32_t)__builtin_ctz(low)
               : 32 + (uint32_t)__builtin_ctz((uint32_t)(bits >> 32));
}

/* A front end with rings that are granted to a domain, and a port for it; NULL. */
struct netfront *netfront_make(uint16_t backend, bool flip, const uint8_t mac[MAC_BYTES]);
/* The other end is there: it becomes an interface. */
void netfront_open(struct netfront *front);
/* The other end has gone, or goes: nothing is asked of it any more. */
void netfront_close(struct netfront *front);
/* Gives one that was never connected back, as far as the other end lets go. */
void netfront_drop(struct netfront *front);

/* ---- netfront_rx.c ------------------------------------------------------------------------- */

/* Pages to be offered; false: no memory. */
bool netfront_make_buffers(struct netfront *front);
/* Offers all that are not offered. */
void netfront_offer(struct netfront *front);
/* Takes what has come, an INTERFACE_BATCH at the most; true: there is more. */
bool netfront_take(struct netfront *front);
void netfront_give_up(struct netfront *front);

/* ---- networks.c ---------------------------------------------------------------------------- */

void networks_find(void);

#endif
