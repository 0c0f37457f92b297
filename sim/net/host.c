/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/net/host.h"
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
#define PROTOCOL_UDP  17
#define ECHO_REQUEST  8
#define ECHO_PORT     7

static void send_next(void *owner, uint64_t when)
{
    struct net_host *host = owner;
    struct net_answer *answer = &host->queue[host->first];

    link_send(host->wire, answer->frame, answer->bytes, when);
    free(answer->frame);
    host->first = (host->first + 1) % HOST_QUEUE;
    host->count--;
    if (host->count)
        event_schedule(host->wire->link->events, &host->answer, host->queue[host->first].when);
}

/* Takes over `frame`. */
static void queue_answer(struct net_host *host, uint8_t *frame, uint32_t bytes, uint64_t now)
{
    uint64_t when = now + host->thinks;

    if (host->count == HOST_QUEUE) {
        host->lost++;
        free(frame);
        return;
    }
    host->queue[(host->first + host->count++) % HOST_QUEUE] =
        (struct net_answer){when, bytes, frame};
    if (host->count == 1)
        event_schedule(host->wire->link->events, &host->answer, when);
    host->answered++;
}

static void to_sender(const struct net_host *host, uint8_t *frame)
{
    memcpy(frame, frame + 6, 6);
    memcpy(frame + 6, host->mac, 6);
}

static bool answer_arp(const struct net_host *host, uint8_t *frame, uint32_t bytes)
{
    static const uint8_t ethernet_ip[] = {0, 1, 8, 0, 6, 4, 0, ARP_REQUEST};
    uint8_t *arp = frame + ETHERNET_BYTES;

    if (bytes < ETHERNET_BYTES + ARP_BYTES || memcmp(arp, ethernet_ip, sizeof(ethernet_ip)) ||
        memcmp(arp + 24, host->ip, 4))
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

static bool answer_ip(const struct net_host *host, uint8_t *frame, uint32_t bytes)
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
        (type == TYPE_IP && answer_ip(host, frame, bytes))) {
        queue_answer(host, frame, bytes, now);
        return;
    }
    host->ignored++;
    free(frame);
}

void net_host_open(struct net_host *host)
{
    host->answer = (struct event){.fire = send_next, .owner = host};
    host->wire->receive = arrived;
    host->wire->owner = host;
}

void net_host_close(struct net_host *host)
{
    for (; host->count; host->count--) {
        free(host->queue[host->first].frame);
        host->first = (host->first + 1) % HOST_QUEUE;
    }
}
