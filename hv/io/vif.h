/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * vif.h - virtual interfaces: a domain's two rings, its address, and the switch between all of them
 *
 * Everything needs net_lock, which is outside mm_lock and event_lock, but for what takes it.
 */
#ifndef HV_VIF_H
#define HV_VIF_H

#include "hv/dev/nic.h"
#include "hv/include/domain.h"
#include "hv/include/errors.h"
#include "hv/include/grant.h"
#include "include/xenolith/io.h"

#include <xen/io/ring.h>
#include <xen/io/netif.h>

#define VIFS               256
#define VIF_SLOTS          XEN_NETIF_NR_SLOTS_MIN /* of one packet */
#define VIF_LEAST          14                     /* bytes of one: an Ethernet header */
#define VIF_LONGEST        1518                   /* and with a VLAN tag the most */
#define VIF_HEAD           96 /* bytes that are copied before they are looked at */
#define EVENT_CONSUMER_VIF 2  /* struct event_channel: not a domain, but the VIF of that slot */
#define TX_RING            __CONST_RING_SIZE(netif_tx, PAGE_SIZE)
#define RX_RING            __CONST_RING_SIZE(netif_rx, PAGE_SIZE)

/* One of a domain's two rings, and our counters of it. */
struct vif_ring {
    uint32_t ref;
    mfn frame;
    uint32_t req_cons, rsp_prod;
    bool broken; /* it made no sense: nothing more is taken from it */
};

struct vif {
    uint16_t domain, slot;
    uint32_t handle, port;
    struct vif_ring tx, rx;
    bool flip, no_sums;
    bool closing;      /* takes nothing more; ends with its last packet */
    bool wants_wire;   /* its next packet is for a card that has no room */
    bool wants_credit; /* or costs more than it may spend now */
    uint8_t mac[6], addresses;
    uint8_t address[XENOLITH_IO_VIF_ADDRESSES][4];
    uint32_t credit_bytes, credit_left;
    nanoseconds credit_time, credit_until; /* when it has all of it again */
    unsigned in_flight;                    /* packets that the card is sending */
    struct vif *same_hash;                 /* io/net_switch.c */
    struct xenolith_io_vif_statistics counts;
};

/* What the switch moves: its head, which nobody else can change, and what follows in frames. */
struct net_packet {
    const struct vif *from; /* NULL: the wire */
    const uint8_t *head;
    unsigned head_bytes, parts, bytes; /* bytes: of all */
    const struct nic_part *part;
    bool blank;   /* its TCP or UDP sum is that of the pseudo header only */
    bool checked; /* its sums are known to be right, or nobody has damaged them on the way */
    uint8_t sum_start, sum_at;
    mfn frame; /* which holds it all, from its beginning, and may be kept; 0: none */
};

/* A packet between its check and its responses. */
struct net_request {
    struct net_request *next; /* free ones */
    struct vif *vif;
    struct net_packet packet;
    struct nic_packet out;
    unsigned slots; /* in the ring, those of extra information too */
    struct net_slot {
        uint16_t id, offset, bytes;
        bool extra; /* it has no id and no bytes */
        grant_ref_t ref;
        mfn frame;
    } slot[VIF_SLOTS];
    struct nic_part part[VIF_SLOTS];
    uint16_t flags; /* NETTXF_* of the first */
    uint8_t head[VIF_HEAD];
};

extern struct vif *vifs[VIFS];

/* --- io/vif.c ------------------------------------------------------------------------------- */

/* XENOLITH_IO_NIC, and XENOLITH_IO_VIF_CONNECT, _DISCONNECT and _STATISTICS, with results as in
 * xenolith/io.h; what fails has changed nothing. Take net_lock. */
status vif_card(struct xenolith_io_op *op);
status vif_connect(const struct domain *self, const struct xenolith_io_op *op);
status vif_disconnect(const struct xenolith_io_op *op);
status vif_statistics(struct xenolith_io_op *op);

/* The domain is being destroyed: its VIFs end with what is under way. Takes net_lock. */
void vifs_end(const struct domain *domain);
/* For the audit: visits every pin of a grant, with the frame that is counted for it. */
void vifs_pins(void (*visit)(const struct domain *domain, grant_ref_t ref, enum grant_use use,
                             mfn frame, int sign),
               int sign);
/* Frees one that is closing and has nothing under way. */
void vif_try_free(struct vif *vif);
/* Tells the front end of a response if it has asked for that one; one ring or the other. */
void vif_responded(struct vif *vif, bool wanted);

/* --- io/net.c ------------------------------------------------------------------------------- */

/* Makes room for packets that the card sends. Once. */
void net_init(void);
/* A front end has sent an event. Needs event_lock alone; the work is done by net_work(). */
void net_notify(unsigned slot);
/* Serves rings in turns, a bounded piece; takes net_lock. True: a VIF of this domain has more. */
bool net_work(const struct domain *domain); /* NULL: of none; somebody else goes on */
/* Requests that the card has under way, for the audit: NULL at the end of the list. */
const struct net_request *net_under_way(unsigned i);

/* --- io/net_check.c, pure ------------------------------------------------------------------- */

enum net_gathered {
    NET_NOTHING, /* there is no request */
    NET_PACKET,  /* a packet: slots, flags, packet.bytes are filled in */
    NET_REFUSED, /* likewise, but it is to be answered with an error */
    NET_BROKEN   /* the ring makes no sense: there is no end of a packet to be found */
};

/*
 * Copies the next packet's requests out of a ring, of which `waiting` have not been looked at, and
 * checks every number in them.
 */
enum net_gathered net_gather(const struct netif_tx_sring *ring, uint32_t first, uint32_t waiting,
                             struct net_request *request);
/* Finds where the sum of a packet without one has to go. False: its head does not say. */
bool net_find_sum(struct net_packet *packet);
/* Whether a VIF may send it. */
bool net_may_send(const struct vif *vif, const struct net_packet *packet);
/* A sum of RFC 1071, continued; bytes at an odd place of the packet are shifted. */
uint32_t net_sum(uint32_t sum, const uint8_t *bytes, unsigned count, bool odd);
uint16_t net_sum_end(uint32_t sum);

/* --- io/net_receive.c ----------------------------------------------------------------------- */

/* Gives a packet to a VIF, or drops it and counts why. True: its frame was kept. */
bool net_deliver(struct vif *vif, const struct net_packet *packet);

/* --- io/net_switch.c ------------------------------------------------------------------------ */

struct vif *net_find(const uint8_t *mac);
void net_switch_add(struct vif *vif);
void net_switch_remove(struct vif *vif);
/* Whether it must go to the wire, besides the domains that get it. */
bool net_is_for_wire(const struct net_packet *packet);
/* Gives it to every VIF that it is for: how many were tried. True in *kept: its frame was kept. */
unsigned net_dispatch(const struct net_packet *packet, bool *kept);

#endif
