/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/net/host_tcp.h"
#include "sim/net/internet.h"

#include <stdlib.h>
#include <string.h>

#define TYPE_ARP      0x0806
#define TYPE_IP       0x0800
#define ARP_BYTES     28u
#define ARP_REQUEST   1
#define ARP_REPLY     2
#define IP_FRAGMENT   0x3fff
#define PROTOCOL_ICMP 1
#define PROTOCOL_TCP  6
#define PROTOCOL_UDP  17
#define ECHO_REQUEST  8
#define ECHO_PORT     7

static void send_next(void *owner, uint64_t when)
{
    struct net_host *host = owner;
    struct net_answer *answer = host->first;

    link_send(host->wire, answer->frame, answer->bytes, when);
    host->first = answer->next;
    host->count--;
    free(answer);
    if (host->first)
        event_schedule(host->wire->link->events, &host->answer, host->first->when);
}

void net_host_send(struct net_host *host, const uint8_t *frame, uint32_t bytes, uint64_t now)
{
    struct net_answer *answer = host->count < HOST_QUEUE ? malloc(sizeof(*answer) + bytes) : NULL;

    if (!answer) {
        host->lost++;
        return;
    }
    *answer = (struct net_answer){.when = now + host->thinks, .bytes = bytes};
    memcpy(answer->frame, frame, bytes);
    if (host->first) {
        host->last->next = answer;
    } else {
        host->first = answer;
        event_schedule(host->wire->link->events, &host->answer, answer->when);
    }
    host->last = answer;
    host->count++;
}

struct net_answer *net_host_append(struct net_host *host, uint64_t when, uint32_t bytes)
{
    struct net_answer *answer = NULL;

    if (host->count < HOST_QUEUE && bytes <= LINK_FRAME_MAX)
        answer = malloc(sizeof(*answer) + bytes);
    if (!answer)
        return NULL;
    *answer = (struct net_answer){.when = when, .bytes = bytes};
    if (host->first)
        host->last->next = answer;
    else
        host->first = answer;
    host->last = answer;
    host->count++;
    return answer;
}

/* ---- who has which address ------------------------------------------------------------------- */

static void learn(struct net_host *host, const uint8_t *ip, const uint8_t *mac)
{
    uint32_t address = internet_get32(ip);
    unsigned i = 0;

    while (i < host->neighbours && host->neighbour[i].ip != address)
        i++;
    if (i == HOST_NEIGHBOURS)
        return;
    if (i == host->neighbours)
        host->neighbours++;
    host->neighbour[i].ip = address;
    memcpy(host->neighbour[i].mac, mac, 6);
}

static void ask(struct net_host *host, uint32_t ip, uint64_t now)
{
    uint8_t frame[ETHERNET_BYTES + ARP_BYTES] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                                 0, 8, 6, 0, 1, 8, 0, 6, 4, 0, ARP_REQUEST};

    memset(frame, 0xff, 6);
    memcpy(frame + 6, host->mac, 6);
    memcpy(frame + 22, host->mac, 6);
    memcpy(frame + 28, host->ip, 4);
    internet_put32(frame + 38, ip);
    net_host_send(host, frame, sizeof(frame), now);
}

const uint8_t *net_host_neighbour(struct net_host *host, uint32_t ip, uint64_t now)
{
    for (unsigned i = 0; i < host->neighbours; i++)
        if (host->neighbour[i].ip == ip)
            return host->neighbour[i].mac;
    ask(host, ip, now);
    return NULL;
}

/* ---- answers --------------------------------------------------------------------------------- */

static void to_sender(const struct net_host *host, uint8_t *frame)
{
    memcpy(frame, frame + 6, 6);
    memcpy(frame + 6, host->mac, 6);
}

/* Who asks for this host, or answers it, is remembered. */
static bool answer_arp(struct net_host *host, uint8_t *frame, uint32_t bytes)
{
    static const uint8_t ethernet_ip[] = {0, 1, 8, 0, 6, 4, 0};
    uint8_t *arp = frame + ETHERNET_BYTES;

    if (bytes < ETHERNET_BYTES + ARP_BYTES || memcmp(arp, ethernet_ip, sizeof(ethernet_ip)) ||
        memcmp(arp + 24, host->ip, 4))
        return false;
    learn(host, arp + 14, arp + 8);
    if (arp[7] != ARP_REQUEST)
        return false;
    arp[7] = ARP_REPLY;
    memcpy(arp + 18, arp + 8, 10); /* the sender becomes the target */
    memcpy(arp + 8, host->mac, 6);
    memcpy(arp + 14, host->ip, 4);
    to_sender(host, frame);
    return true;
}

static bool answer_echo(uint8_t *icmp, uint32_t bytes)
{
    if (bytes < 8 || icmp[0] != ECHO_REQUEST || icmp[1] || internet_sum(0, icmp, bytes) != 0xffff)
        return false;
    icmp[0] = icmp[2] = icmp[3] = 0;
    internet_put16(icmp + 2, (uint16_t)~internet_sum(0, icmp, bytes));
    return true;
}

/* The sum stays right: its words have only changed their places. */
static bool answer_udp(const uint8_t *ip, uint8_t *udp, uint32_t bytes)
{
    uint32_t length = bytes < 8 ? 0 : internet_get16(udp + 4);
    uint8_t port[2];

    if (length < 8 || length > bytes || internet_get16(udp + 2) != ECHO_PORT ||
        (internet_get16(udp + 6) && internet_pseudo_sum(ip, udp, length) != 0xffff))
        return false;
    memcpy(port, udp, 2);
    memcpy(udp, udp + 2, 2);
    memcpy(udp + 2, port, 2);
    return true;
}

static bool answer_ip(struct net_host *host, uint8_t *frame, uint32_t bytes, uint64_t now)
{
    uint8_t *ip = frame + ETHERNET_BYTES, address[4];
    uint32_t header, total;

    if (bytes < ETHERNET_BYTES + 20 || ip[0] >> 4 != 4 || memcmp(frame, host->mac, 6) ||
        memcmp(ip + 16, host->ip, 4))
        return false;
    header = (ip[0] & 15u) * 4;
    total = internet_get16(ip + 2);
    if (header < 20 || total < header || total > bytes - ETHERNET_BYTES ||
        internet_sum(0, ip, header) != 0xffff || internet_get16(ip + 6) & IP_FRAGMENT)
        return false;
    if (ip[9] == PROTOCOL_TCP) {
        learn(host, ip + 12, frame + 6);
        host_tcp_arrived(host, ip, ip + header, total - header, now);
        return false;
    }
    if (!(ip[9] == PROTOCOL_ICMP && answer_echo(ip + header, total - header)) &&
        !(ip[9] == PROTOCOL_UDP && answer_udp(ip, ip + header, total - header)))
        return false;
    memcpy(address, ip + 12, 4);
    memcpy(ip + 12, ip + 16, 4);
    memcpy(ip + 16, address, 4);
    to_sender(host, frame);
    return true;
}

static void arrived(void *owner, const uint8_t *data, uint32_t bytes, uint64_t now)
{
    struct net_host *host = owner;
    uint8_t *frame = malloc(bytes);
    unsigned type = internet_get16(data + 12);

    if (!frame) {
        host->lost++;
        return;
    }
    memcpy(frame, data, bytes);
    if ((type == TYPE_ARP && answer_arp(host, frame, bytes)) ||
        (type == TYPE_IP && answer_ip(host, frame, bytes, now))) {
        host->answered++;
        net_host_send(host, frame, bytes, now);
    } else {
        host->ignored++;
    }
    free(frame);
}

void net_host_open(struct net_host *host)
{
    host->answer = (struct event){.fire = send_next, .owner = host};
    host->wire->receive = arrived;
    host->wire->owner = host;
    host_tcp_open(host);
}

void net_host_close(struct net_host *host)
{
    host_tcp_close(host);
    while (host->first) {
        struct net_answer *answer = host->first;

        host->first = answer->next;
        free(answer);
    }
}
