/* SPDX-License-Identifier: GPL-2.0-only */
/* ping.c - ARP (RFC 826) and echo requests (RFC 792), asked and answered by ends of rings */
#include "tests/guest/kit/net.h"

#define ETHERNET 14
#define IP_BYTES 20
#define ECHO     (ETHERNET + IP_BYTES)
#define LONGEST  1600
#define TRIES    20 /* other packets that may come before the one that is waited for */

static uint8_t packet[LONGEST], answer[LONGEST];

static void put16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static unsigned get16(const uint8_t *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

static unsigned sum_of(const uint8_t *bytes, unsigned count)
{
    uint32_t sum = 0;

    for (unsigned i = 0; i + 1 < count; i += 2)
        sum += get16(bytes + i);
    if (count % 2)
        sum += (unsigned)bytes[count - 1] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return sum;
}

static void head(const uint8_t *to, const uint8_t *from, unsigned type)
{
    memcpy(packet, to, 6);
    memcpy(packet + 6, from, 6);
    put16(packet + 12, type);
}

static void put_arp(unsigned operation, const uint8_t *mac, const uint8_t *ip, const uint8_t *other,
                    const uint8_t *other_ip)
{
    memcpy(packet + ETHERNET, "\0\1\10\0\6\4\0", 7);
    packet[ETHERNET + 7] = (uint8_t)operation;
    memcpy(packet + ETHERNET + 8, mac, 6);
    memcpy(packet + ETHERNET + 14, ip, 4);
    memcpy(packet + ETHERNET + 18, other, 6);
    memcpy(packet + ETHERNET + 24, other_ip, 4);
}

/* The next packet of this type that comes to `end`, into answer[]. */
static int await(struct net_end *end, unsigned type)
{
    for (unsigned i = 0; i < TRIES; i++) {
        int length = net_receive(end, answer, 300);

        if (length < 0 || get16(answer + 12) == type)
            return length;
    }
    return NO_ANSWER;
}

/* What a host does with a request for its address: turns it round. */
static void answer_arp(struct net_end *end, const uint8_t address[4])
{
    if (await(end, 0x0806) < 42 || answer[21] != 1 || memcmp(answer + 38, address, 4) != 0)
        return;
    head(answer + 6, end->mac, 0x0806);
    put_arp(2, end->mac, address, answer + 22, answer + 28);
    expect(net_send(end, packet, 42), NETIF_RSP_OKAY);
}

bool net_resolve(struct net_end *end, const uint8_t own[4], const uint8_t address[4],
                 uint8_t mac[6], struct net_end *other)
{
    static const uint8_t all[6] = {255, 255, 255, 255, 255, 255}, none[6];

    head(all, end->mac, 0x0806);
    put_arp(1, end->mac, own, none, address);
    if (net_send(end, packet, 42) != NETIF_RSP_OKAY)
        return false;
    if (other)
        answer_arp(other, address);
    if (await(end, 0x0806) < 42 || answer[21] != 2 || memcmp(answer + 28, address, 4) != 0)
        return false;
    memcpy(mac, answer + 22, 6);
    return memcmp(answer + 6, mac, 6) == 0;
}

static void put_ip(const uint8_t own[4], const uint8_t address[4], unsigned payload)
{
    uint8_t *ip = packet + ETHERNET;

    memset(ip, 0, IP_BYTES);
    ip[0] = 0x45;
    put16(ip + 2, IP_BYTES + payload);
    ip[8] = 64;
    ip[9] = 1;
    memcpy(ip + 12, own, 4);
    memcpy(ip + 16, address, 4);
    put16(ip + 10, ~sum_of(ip, IP_BYTES));
}

static void answer_echo(struct net_end *end)
{
    int length = await(end, 0x0800);

    if (length < ECHO + 8 || answer[ECHO] != 8)
        return;
    memcpy(packet, answer, (size_t)length);
    memcpy(packet, answer + 6, 6);
    memcpy(packet + 6, answer, 6);
    memcpy(packet + ETHERNET + 12, answer + ETHERNET + 16, 4);
    memcpy(packet + ETHERNET + 16, answer + ETHERNET + 12, 4);
    packet[ECHO] = 0;
    put16(packet + ECHO + 2, 0);
    put16(packet + ECHO + 2, ~sum_of(packet + ECHO, get16(packet + 16) - IP_BYTES));
    expect(net_send(end, packet, (unsigned)length), NETIF_RSP_OKAY);
}

bool net_ping(struct net_end *end, const uint8_t own[4], const uint8_t address[4],
              const uint8_t mac[6], unsigned bytes, struct net_end *other)
{
    static unsigned sequence;
    uint8_t *icmp = packet + ECHO;

    head(mac, end->mac, 0x0800);
    put_ip(own, address, 8 + bytes);
    memcpy(icmp, "\10\0\0\0\x12\x34", 6);
    put16(icmp + 6, ++sequence);
    for (unsigned i = 0; i < bytes; i++)
        icmp[8 + i] = (uint8_t)(i * 7 + sequence);
    put16(icmp + 2, ~sum_of(icmp, 8 + bytes));
    if (net_send(end, packet, ECHO + 8 + bytes) != NETIF_RSP_OKAY)
        return false;
    if (other)
        answer_echo(other);
    if (await(end, 0x0800) < (int)(ECHO + 8 + bytes) || answer[ECHO] != 0 ||
        get16(answer + ECHO + 6) != sequence || sum_of(answer + ECHO, 8 + bytes) != 0xffff)
        return false;
    for (unsigned i = 0; i < bytes; i++)
        if (answer[ECHO + 8 + i] != (uint8_t)(i * 7 + sequence))
            return false;
    return true;
}
