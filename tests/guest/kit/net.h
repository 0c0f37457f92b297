/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * net.h - network rings of Domain 0's own: the smallest front end, which may also misbehave
 *
 * An end has NET_PAGES pages for what it sends and as many for what it gets. Its grants are the
 * entries behind the first: rings, pages to send, buffers.
 */
#ifndef TESTS_GUEST_KIT_NET_H
#define TESTS_GUEST_KIT_NET_H

#include "tests/guest/kit/block.h"

#include <xen/io/netif.h>

#define NET_PAGES  8u
#define NET_SLOTS  256u /* of a ring */
#define NET_GRANTS (2 + 2 * NET_PAGES)

struct net_end {
    struct netif_tx_sring *tx;
    struct netif_rx_sring *rx;
    grant_ref_t ref;
    evtchn_port_t port;
    unsigned handle;
    bool flip;
    uint8_t mac[6];
    uint32_t sent, answered, offered, taken;
    char *out[NET_PAGES], *in[NET_PAGES];
};

/* Rings, pages and grants from this entry on, and a port. The same ones again if it is made again.
 */
void net_make(struct net_end *end, unsigned handle, grant_ref_t ref);
/* What connects it; to be changed before it is sent by io_op(). */
struct xenolith_io_op net_connection(const struct net_end *end);
long net_connect(struct net_end *end, unsigned flags);
long net_disconnect(struct net_end *end); /* until it is done */
struct xenolith_io_vif_statistics net_statistics(const struct net_end *end);

static inline grant_ref_t net_out_ref(const struct net_end *end, unsigned page)
{
    return end->ref + 2 + page;
}
static inline grant_ref_t net_in_ref(const struct net_end *end, unsigned page)
{
    return end->ref + 2 + NET_PAGES + page;
}

/* Offers a page as a buffer: by its grant, or by giving its frame up. */
void net_offer(struct net_end *end, unsigned page);
void net_offer_all(struct net_end *end);
/* Puts requests for sending into the ring and sends an event. */
void net_put(struct net_end *end, const struct netif_tx_request *requests, unsigned count);
/* Waits, for a second at the most: the next answer's status; NO_ANSWER. */
int net_answer(struct net_end *end, uint16_t *id);
/* A packet in one page: the answer's status. */
int net_send(struct net_end *end, const void *packet, unsigned bytes);
/* Waits so long, in ms: the length of the next packet, copied to `packet`; or an error; NO_ANSWER.
 * Its buffer is offered again. */
int net_receive(struct net_end *end, void *packet, unsigned ms);
uint16_t net_flags(void); /* of the packet that came last */

/* ping.c: ARP for an address, and an echo of so many bytes; true: answered, with the same bytes.
 * `other` answers for itself if it is another end of ours, NULL: somebody elsewhere does. */
bool net_resolve(struct net_end *end, const uint8_t own[4], const uint8_t address[4],
                 uint8_t mac[6], struct net_end *other);
bool net_ping(struct net_end *end, const uint8_t own[4], const uint8_t address[4],
              const uint8_t mac[6], unsigned bytes, struct net_end *other);

#endif
