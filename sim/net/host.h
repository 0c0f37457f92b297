/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * host.h - the simplest machine at the far end of a wire: it answers, and begins nothing
 *
 * It has one address, and answers ARP for it (RFC 826), echo requests (RFC 792) and datagrams to
 * the echo port (RFC 862), each a fixed time after it came. Whatever else arrives, and whatever is
 * damaged or a fragment, it does not answer.
 */
#ifndef XENOLITH_SIM_NET_HOST_H
#define XENOLITH_SIM_NET_HOST_H

#include "sim/net/link.h"

#define HOST_QUEUE 64 /* answers that wait; more are lost */

struct net_host {
    struct link_end *wire;
    uint8_t mac[6], ip[4];
    uint64_t thinks; /* cycles from a frame to its answer */

    struct event answer;
    struct net_answer {
        uint64_t when;
        uint32_t bytes;
        uint8_t *frame;
    } queue[HOST_QUEUE];
    unsigned first, count;
    uint64_t answered, ignored, lost;
};

/* Takes what arrives at host->wire. The caller has set the fields before `answer`. */
void net_host_open(struct net_host *host);
void net_host_close(struct net_host *host);

#endif
