/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * net_check.c - what a front end may send
 *
 * A packet is a chain of requests. The first has the size of all and the packet's flags, perhaps
 * extra information behind it; each that follows has its own size, and the first one's own is what
 * they leave. All are copied before a number is believed. A chain without an end within what the
 * ring holds, or longer than VIF_SLOTS, cannot be answered: nobody knows where the next packet
 * begins.
 *
 * The rules for a sender are the paper's filters against false addresses (3.3.6): its own MAC, and
 * if it was given addresses of IP, only from these (and from 0.0.0.0, as DHCP asks), by ARP too.
 */
#include "hv/include/lib.h"
#include "hv/io/vif.h"

#define TYPE_IP  0x0800
#define TYPE_ARP 0x0806
#define AT_TYPE  12 /* byte offsets in a packet */
#define AT_IP    14

#define IP_LEAST     20
#define IP_FRAGMENT  0x3fff /* offset, and that more follow */
#define IP_PROTOCOL  9
#define IP_SOURCE    12
#define ARP_SOURCE   14
#define ARP_BYTES    28
#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17
#define TCP_SUM      16
#define UDP_SUM      6

/* --- the chain -------------------------------------------------------------------------------- */

/* Extra information stands between the first request and the second. What we offer needs none. */
static bool take_extras(const struct netif_tx_sring *ring, uint32_t *at, uint32_t end,
                        struct net_request *request)
{
    struct netif_extra_info extra;

    do {
        if (*at == end || request->slots == VIF_SLOTS)
            return false;
        memcpy(&extra, &ring->ring[(*at)++ % TX_RING], sizeof(extra));
        barrier();
        request->slot[request->slots++] = (struct net_slot){.extra = true};
        if (extra.type == XEN_NETIF_EXTRA_TYPE_NONE || extra.type >= XEN_NETIF_EXTRA_TYPE_MAX)
            return false;
    } while (extra.flags & XEN_NETIF_EXTRA_FLAG_MORE);
    return true;
}

static bool fits(const struct net_slot *slot)
{
    return slot->bytes > 0 && slot->bytes <= PAGE_SIZE && slot->offset <= PAGE_SIZE - slot->bytes;
}

/* The first one's own size, and whether all make sense. */
static bool sizes_fit(struct net_request *request, uint16_t whole)
{
    uint32_t others = 0;

    for (unsigned i = 1; i < request->slots; i++) {
        if (!request->slot[i].extra && !fits(&request->slot[i]))
            return false;
        others += request->slot[i].bytes;
    }
    request->packet.bytes = whole;
    if (whole < VIF_LEAST || whole > VIF_LONGEST || others >= whole)
        return false;
    request->slot[0].bytes = (uint16_t)(whole - others);
    return fits(&request->slot[0]);
}

enum net_gathered net_gather(const struct netif_tx_sring *ring, uint32_t first, uint32_t waiting,
                             struct net_request *request)
{
    uint32_t at = first, end = first + waiting;
    bool more = true, extras = false;
    uint16_t whole = 0;

    request->slots = 0;
    if (waiting == 0)
        return NET_NOTHING;
    while (more) {
        struct netif_tx_request copy;

        if (at == end || request->slots == VIF_SLOTS)
            return NET_BROKEN;
        memcpy(&copy, &ring->ring[at++ % TX_RING].req, sizeof(copy));
        barrier();
        if (request->slots == 0) {
            request->flags = copy.flags;
            whole = copy.size;
        }
        request->slot[request->slots++] = (struct net_slot){
            .id = copy.id, .offset = copy.offset, .bytes = copy.size, .ref = copy.gref};
        more = copy.flags & NETTXF_more_data;
        if (request->slots == 1 && (copy.flags & NETTXF_extra_info)) {
            extras = true;
            if (!take_extras(ring, &at, end, request))
                return NET_BROKEN;
        }
    }
    return sizes_fit(request, whole) && !extras ? NET_PACKET : NET_REFUSED;
}

/* --- the head --------------------------------------------------------------------------------- */

static uint16_t get16(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

bool net_find_sum(struct net_packet *packet)
{
    const uint8_t *ip = packet->head + AT_IP;
    unsigned header, at;

    if (packet->head_bytes < AT_IP + IP_LEAST || get16(packet->head + AT_TYPE) != TYPE_IP ||
        ip[0] >> 4 != 4 || (get16(ip + 6) & IP_FRAGMENT))
        return false;
    header = (ip[0] & 15u) * 4;
    if (ip[IP_PROTOCOL] == PROTOCOL_TCP)
        at = TCP_SUM;
    else if (ip[IP_PROTOCOL] == PROTOCOL_UDP)
        at = UDP_SUM;
    else
        return false;
    if (header < IP_LEAST || AT_IP + header + at + 2 > packet->head_bytes)
        return false;
    packet->sum_start = (uint8_t)(AT_IP + header);
    packet->sum_at = (uint8_t)(AT_IP + header + at);
    return true;
}

static bool is_own(const struct vif *vif, const uint8_t *address)
{
    static const uint8_t none[4];

    for (unsigned i = 0; i < vif->addresses; i++) {
        if (memcmp(vif->address[i], address, 4) == 0)
            return true;
    }
    return memcmp(none, address, 4) == 0;
}

bool net_may_send(const struct vif *vif, const struct net_packet *packet)
{
    const uint8_t *data = packet->head + AT_IP;

    if (memcmp(packet->head + 6, vif->mac, 6) != 0)
        return false;
    if (vif->addresses == 0)
        return true;
    switch (get16(packet->head + AT_TYPE)) {
    case TYPE_IP:
        return packet->head_bytes >= AT_IP + IP_LEAST && is_own(vif, data + IP_SOURCE);
    case TYPE_ARP:
        return packet->head_bytes >= AT_IP + ARP_BYTES && memcmp(data + 8, vif->mac, 6) == 0 &&
               is_own(vif, data + ARP_SOURCE);
    default:
        return false;
    }
}

/* --- sums ------------------------------------------------------------------------------------- */

uint32_t net_sum(uint32_t sum, const uint8_t *bytes, unsigned count, bool odd)
{
    if (odd && count > 0) {
        sum += *bytes++;
        count--;
    }
    for (; count > 1; count -= 2, bytes += 2)
        sum += get16(bytes);
    return count ? sum + ((uint32_t)*bytes << 8) : sum;
}

uint16_t net_sum_end(uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}
