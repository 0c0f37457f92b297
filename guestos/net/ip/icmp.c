/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * icmp.c - ICMP (RFC 792): answers to echo requests, and what reaches nobody
 *
 * A message about a packet carries its IP header and the 8 bytes after that, by which the transport
 * finds the sender. Nothing is said of a message of ICMP that is not an echo, nor of a broadcast
 * (RFC 1122, 3.2.2), and not more than a hundred a second.
 */
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "include/tcp/checksum.h"
#include "guestos/net/net.h"
#include "guestos/time/time.h"

#define HEADER_BYTES  8u
#define QUOTED_BYTES  8u
#define ECHO_REPLY    0
#define UNREACHABLE   3
#define ECHO_REQUEST  8
#define TIME_EXCEEDED 11
#define SECOND_LIMIT  100

static void send(const struct arrival *arrival, struct packet *packet)
{
    struct path path;
    int error = route_find(&path, arrival->source, NULL);

    put16(packet->data + 2, 0);
    put16(packet->data + 2, checksum_end(checksum_add(0, packet->data, packet->bytes)));
    if (error)
        packet_free(packet);
    else
        ip_send(&path, arrival->destination, arrival->source, PROTOCOL_ICMP, packet, NULL);
}

static void answer_echo(const struct arrival *arrival)
{
    struct packet *packet = packet_make(arrival->bytes);

    if (!packet)
        return;
    memcpy(packet->data, arrival->data, arrival->bytes);
    packet->data[0] = ECHO_REPLY;
    send(arrival, packet);
}

static bool too_many(void)
{
    static uint64_t second;
    static uint32_t sent;
    uint64_t now = arch_clock();

    if (now - second >= NANOSECONDS) {
        second = now;
        sent = 0;
    }
    return sent++ >= SECOND_LIMIT;
}

void icmp_unreachable(const struct arrival *arrival, uint32_t code)
{
    uint32_t header = (uint32_t)(arrival->data - arrival->ip);
    uint32_t quoted = header + MIN(arrival->bytes, QUOTED_BYTES);

    if (arrival->broadcast || !arrival->source || too_many())
        return;
    struct packet *packet = packet_make(HEADER_BYTES + quoted);
    if (!packet)
        return;
    memset(packet->data, 0, HEADER_BYTES);
    packet->data[0] = UNREACHABLE;
    packet->data[1] = (uint8_t)code;
    memcpy(packet->data + HEADER_BYTES, arrival->ip, quoted);
    send(arrival, packet);
}

/* RFC 1122, 3.2.2.1 and 4.2.3.9: which of them are more than a hint. */
static int error_of(uint32_t type, uint32_t code)
{
    static const uint8_t unreachable[] = {ENETUNREACH,  EHOSTUNREACH, ENOPROTOOPT,
                                          ECONNREFUSED, EMSGSIZE,     EOPNOTSUPP};

    if (type == TIME_EXCEEDED)
        return EHOSTUNREACH;
    return code < ARRAY_LENGTH(unreachable) ? unreachable[code] : EHOSTUNREACH;
}

/* `ip` is a packet that we have sent, of which at least the header and 8 bytes are there. */
static void report(const uint8_t *ip, uint32_t bytes, int error)
{
    uint32_t header = bytes >= IP_HEADER ? (ip[0] & 0xfu) * 4 : 0;

    if (header < IP_HEADER || bytes < header + QUOTED_BYTES)
        return;
    uint32_t local = get32(ip + 12), remote = get32(ip + 16);
    if (ip[9] == PROTOCOL_TCP)
        tcp_failed(local, remote, ip + header, error);
    else if (ip[9] == PROTOCOL_UDP)
        udp_failed(local, remote, ip + header, error);
}

void ip_unreachable(const struct packet *packet, int error)
{
    report(packet->data, packet->bytes, error);
}

void icmp_input(const struct arrival *arrival)
{
    const uint8_t *icmp = arrival->data;

    /* A device's word on sums is of TCP and UDP; what never left this machine is right. */
    if (arrival->bytes < HEADER_BYTES ||
        (arrival->sum != SUM_BLANK && checksum_end(checksum_add(0, icmp, arrival->bytes)))) {
        arrival->interface->in.errors++;
        return;
    }
    if (icmp[0] == ECHO_REQUEST && !arrival->broadcast)
        answer_echo(arrival);
    else if (icmp[0] == UNREACHABLE || icmp[0] == TIME_EXCEEDED)
        report(icmp + HEADER_BYTES, arrival->bytes - HEADER_BYTES, error_of(icmp[0], icmp[1]));
}
