/* SPDX-License-Identifier: GPL-2.0-only */
/* ip.c - IP version 4 (RFC 791) without fragments, options or forwarding */
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/heap.h"
#include "guestos/net/checksum.h"
#include "guestos/net/net.h"

#define TIME_TO_LIVE   64
#define DONT_FRAGMENT  0x4000u
#define FRAGMENT_FIELD 0x3fffu /* more fragments, and the offset */

static struct netif *interfaces;

void netif_add(struct netif *netif)
{
    netif->next = interfaces;
    interfaces = netif;
}

struct netif *ip_route(uint32_t destination)
{
    struct netif *netif = interfaces;

    while (netif && ((destination ^ netif->address) & netif->mask))
        netif = netif->next;
    return netif;
}

bool ip_is_own(uint32_t address)
{
    const struct netif *netif = ip_route(address);

    return netif && (netif == &loopback || netif->address == address);
}

int ip_send(uint32_t source, uint32_t destination, uint32_t protocol, const uint8_t *payload,
            uint32_t bytes)
{
    static uint16_t identification;
    struct netif *netif = ip_route(destination);

    if (!netif)
        return -ENETUNREACH;
    if (bytes > netif->mtu - IP_HEADER)
        return -EMSGSIZE;
    uint8_t *packet = heap_allocate(IP_HEADER + bytes);
    if (!packet)
        return -ENOBUFS;
    packet[0] = 0x45; /* version 4, 5 words */
    put16(packet + 2, IP_HEADER + bytes);
    put16(packet + 4, ++identification);
    put16(packet + 6, DONT_FRAGMENT);
    packet[8] = TIME_TO_LIVE;
    packet[9] = (uint8_t)protocol;
    put32(packet + 12, source);
    put32(packet + 16, destination);
    put16(packet + 10, checksum_end(checksum_add(0, packet, IP_HEADER)));
    memcpy(packet + IP_HEADER, payload, bytes);
    int error = netif->send(netif, packet, IP_HEADER + bytes);
    heap_free(packet);
    *(error ? &netif->dropped : &netif->sent) += 1;
    return error;
}

void ip_input(struct netif *netif, const uint8_t *packet, uint32_t bytes)
{
    uint32_t header = bytes >= IP_HEADER ? (packet[0] & 0xfu) * 4 : 0;
    uint32_t total = bytes >= IP_HEADER ? get16(packet + 2) : 0;

    netif->received++;
    if (bytes < IP_HEADER || packet[0] >> 4 != 4 || header < IP_HEADER || total < header ||
        total > bytes || checksum_end(checksum_add(0, packet, header)) ||
        get16(packet + 6) & FRAGMENT_FIELD || !ip_is_own(get32(packet + 16))) {
        netif->dropped++;
        return;
    }
    uint32_t source = get32(packet + 12), destination = get32(packet + 16);
    switch (packet[9]) {
    case PROTOCOL_TCP:
        tcp_packet(source, destination, packet + header, total - header);
        break;
    case PROTOCOL_UDP:
        udp_packet(source, destination, packet + header, total - header);
        break;
    default:
        netif->dropped++;
    }
}

void net_run(void)
{
    static bool running;

    if (running)
        return;
    running = true;
    for (bool moved = true; moved;) {
        moved = false;
        for (struct netif *netif = interfaces; netif; netif = netif->next)
            moved = netif->receive(netif) || moved;
    }
    running = false;
    tcp_set_timer();
}

void net_init(void)
{
    netif_add(&loopback);
}
