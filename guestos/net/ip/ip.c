/* SPDX-License-Identifier: GPL-2.0-only */
/* ip.c - IP version 4 (RFC 791) without fragments, options or forwarding */
#include "guestos/arch.h"
#include "guestos/kernel/counters.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "include/tcp/checksum.h"
#include "guestos/net/ip/arp.h"
#include "guestos/net/ip/configure.h"
#include "guestos/net/ip/ethernet.h"
#include "guestos/net/net.h"

#define TIME_TO_LIVE   64
#define DONT_FRAGMENT  0x4000u
#define FRAGMENT_FIELD 0x3fffu /* more fragments, and the offset */

static int refuse(struct packet *packet, int error)
{
    packet_free(packet);
    return error;
}

int ip_send(const struct path *path, uint32_t source, uint32_t destination, uint32_t protocol,
            struct packet *packet, const struct ip_settings *settings)
{
    static uint16_t identification;
    struct interface *interface = path->interface;

    if (packet->bytes > interface->mtu - IP_HEADER)
        return refuse(packet, -EMSGSIZE);
    if (path->broadcast && !(settings && settings->broadcast))
        return refuse(packet, -EACCES);
    uint8_t *header = packet_push(packet, IP_HEADER);
    put16(header, 0x4500u | (settings ? settings->tos : 0)); /* version 4, 5 words */
    put16(header + 2, packet->bytes);
    put16(header + 4, ++identification);
    put16(header + 6, DONT_FRAGMENT);
    header[8] = settings && settings->ttl ? settings->ttl : TIME_TO_LIVE;
    header[9] = (uint8_t)protocol;
    put16(header + 10, 0);
    put32(header + 12, source);
    put32(header + 16, destination);
    put16(header + 10, checksum_end(checksum_add(0, header, IP_HEADER)));
    if (interface->kind != KIND_ETHERNET)
        return interface_send(interface, packet);
    if (path->broadcast)
        return ethernet_send(interface, ethernet_everybody, TYPE_IP, packet);
    return arp_send(interface, path->next_hop, packet);
}

static void ip_drop(struct interface *interface)
{
    interface->in.dropped++;
    count(COUNT_net_dropped);
}

/* Whether a packet may have come this way: nobody outside has our addresses or the loopback's. */
static bool is_plausible(const struct arrival *arrival)
{
    if (arrival->interface == &loopback)
        return ip_is_own(arrival->destination);
    if (((arrival->source ^ ADDRESS_LOOPBACK) & LOOPBACK_MASK) == 0 ||
        ((arrival->destination ^ ADDRESS_LOOPBACK) & LOOPBACK_MASK) == 0 ||
        ip_is_own(arrival->source) || ip_is_broadcast(arrival->interface, arrival->source))
        return false;
    return arrival->broadcast || ip_is_own(arrival->destination);
}

static void deliver(const struct arrival *arrival, uint32_t protocol)
{
    bool taken = raw_packet(arrival, protocol);

    switch (protocol) {
    case PROTOCOL_ICMP:
        icmp_input(arrival);
        break;
    case PROTOCOL_TCP:
        tcp_packet(arrival);
        break;
    case PROTOCOL_UDP:
        udp_packet(arrival);
        break;
    default:
        if (!taken)
            icmp_unreachable(arrival, UNREACHABLE_PROTOCOL);
    }
}

void ip_input(struct interface *interface, const uint8_t *packet, uint32_t bytes,
              enum sum_state sum)
{
    uint32_t header = bytes >= IP_HEADER ? (packet[0] & 0xfu) * 4 : 0;
    uint32_t total = bytes >= IP_HEADER ? get16(packet + 2) : 0;

    if (bytes < IP_HEADER || packet[0] >> 4 != 4 || header < IP_HEADER || total < header ||
        total > bytes || checksum_end(checksum_add(0, packet, header)) ||
        get16(packet + 6) & FRAGMENT_FIELD) {
        interface->in.errors++;
        return;
    }
    struct arrival arrival = {
        .interface = interface,
        .source = get32(packet + 12),
        .destination = get32(packet + 16),
        .ip = packet,
        .data = packet + header,
        .bytes = total - header,
        .sum = sum,
        .broadcast = ip_is_broadcast(interface, get32(packet + 16)),
    };
    if (is_plausible(&arrival))
        deliver(&arrival, packet[9]);
    else
        ip_drop(interface);
}

bool ip_sum_is_right(const struct arrival *arrival, uint32_t pseudo)
{
    return arrival->sum != SUM_UNKNOWN ||
           !checksum_end(checksum_add(pseudo, arrival->data, arrival->bytes));
}

void net_run(void)
{
    static bool running;

    if (running)
        return;
    running = true;
    while (interfaces_receive())
        ;
    interfaces_push();
    running = false;
}

void net_init(const char *command_line)
{
    interface_add(&loopback);
    loopback.address = ADDRESS_LOOPBACK;
    loopback.mask = LOOPBACK_MASK;
    interface_up(&loopback);
    arch_find_interfaces();
    configure_by_command_line(command_line);
}
