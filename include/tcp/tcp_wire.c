/* SPDX-License-Identifier: GPL-2.0-only */
/* tcp_wire.c - TCP's header (RFC 9293, 3.1) and the answer to strangers (3.10.7.1) */
#include "include/tcp/checksum.h"
#include "include/tcp/tcp_internal.h"

#define HEADER_BYTES 20u
#define PROTOCOL_TCP 6
#define OPTION_END   0
#define OPTION_NONE  1
#define OPTION_MSS   2
#define OPTION_SCALE 3
#define OPTION_STAMP 8

uint32_t tcp_header_bytes(const struct tcp_segment *segment)
{
    return HEADER_BYTES + (segment->mss ? 4 : 0) + (segment->scale ? 4 : 0) +
           (segment->stamped ? 12 : 0);
}

/* Each takes whole words. */
static void put_options(const struct tcp_segment *segment, uint8_t *to)
{
    if (segment->mss) {
        put16(to, OPTION_MSS << 8 | 4);
        put16(to + 2, segment->mss);
        to += 4;
    }
    if (segment->scale) {
        put16(to, OPTION_NONE << 8 | OPTION_SCALE);
        put16(to + 2, 3u << 8 | (segment->scale - 1u));
        to += 4;
    }
    if (segment->stamped) {
        put32(to, OPTION_NONE << 24 | OPTION_NONE << 16 | OPTION_STAMP << 8 | 10);
        put32(to + 4, segment->stamp);
        put32(to + 8, segment->echo);
    }
}

void tcp_put(const struct tcp_segment *segment, uint16_t source_port, uint16_t destination_port,
             uint8_t *to)
{
    uint32_t header = tcp_header_bytes(segment);

    put16(to, source_port);
    put16(to + 2, destination_port);
    put32(to + 4, segment->seq);
    put32(to + 8, segment->ack);
    to[12] = (uint8_t)(header / 4 << 4);
    to[13] = segment->flags;
    put16(to + 14, segment->wnd);
    put32(to + 16, 0); /* checksum, urgent pointer */
    put_options(segment, to + HEADER_BYTES);
    if (segment->bytes)
        memcpy(to + header, segment->data, segment->bytes);
    if (segment->rest_bytes)
        memcpy(to + header + segment->bytes, segment->rest, segment->rest_bytes);
}

uint32_t tcp_encode(const struct tcp_segment *segment, uint32_t source, uint32_t destination,
                    uint16_t source_port, uint16_t destination_port, uint8_t *to)
{
    uint32_t total = tcp_header_bytes(segment) + segment->bytes + segment->rest_bytes;
    uint32_t sum = checksum_pseudo(source, destination, PROTOCOL_TCP, total);

    tcp_put(segment, source_port, destination_port, to);
    put16(to + TCP_SUM_AT, checksum_end(checksum_add(sum, to, total)));
    return total;
}

static void read_options(struct tcp_segment *segment, const uint8_t *at, const uint8_t *end)
{
    while (at < end && *at != OPTION_END) {
        if (*at == OPTION_NONE) {
            at++;
            continue;
        }
        if (end - at < 2 || at[1] < 2 || at[1] > end - at)
            return;
        if (at[0] == OPTION_MSS && at[1] == 4)
            segment->mss = get16(at + 2);
        if (at[0] == OPTION_SCALE && at[1] == 3)
            segment->scale = (uint8_t)(MIN(at[2], 14u) + 1); /* RFC 7323, 2.3: 14 at most */
        if (at[0] == OPTION_STAMP && at[1] == 10) {
            segment->stamped = true;
            segment->stamp = get32(at + 2);
            segment->echo = get32(at + 6);
        }
        at += at[1];
    }
}

bool tcp_take(struct tcp_segment *segment, const uint8_t *packet, uint32_t bytes)
{
    uint32_t header = bytes >= HEADER_BYTES ? (uint32_t)(packet[12] >> 4) * 4 : 0;

    if (header < HEADER_BYTES || header > bytes)
        return false;
    *segment = (struct tcp_segment){
        .seq = get32(packet + 4),
        .ack = get32(packet + 8),
        .wnd = get16(packet + 14),
        .flags = packet[13],
        .data = packet + header,
        .bytes = bytes - header,
    };
    read_options(segment, packet + HEADER_BYTES, packet + header);
    return true;
}

bool tcp_decode(struct tcp_segment *segment, uint32_t source, uint32_t destination,
                const uint8_t *packet, uint32_t bytes)
{
    if (bytes < HEADER_BYTES || bytes > 0xffff)
        return false;
    uint32_t sum = checksum_pseudo(source, destination, PROTOCOL_TCP, bytes);
    return !checksum_end(checksum_add(sum, packet, bytes)) && tcp_take(segment, packet, bytes);
}

bool tcp_refusal(struct tcp_segment *answer, const struct tcp_segment *segment)
{
    if (segment->flags & TCP_RST)
        return false;
    *answer = (struct tcp_segment){.flags = TCP_RST};
    if (segment->flags & TCP_ACK) {
        answer->seq = segment->ack;
    } else {
        answer->flags |= TCP_ACK;
        answer->ack = segment->seq + segment->bytes + !!(segment->flags & TCP_SYN) +
                      !!(segment->flags & TCP_FIN);
    }
    return true;
}
