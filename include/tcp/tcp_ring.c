/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tcp_ring.c - the rings of bytes between a program and a connection
 *
 * A connection begins with small rings. Who sends much, or gets much, is given larger ones by the
 * owner, up to TCP_RING_LIMIT: a window must hold what the wire carries in a round trip.
 */
#include "include/tcp/tcp_internal.h"

uint32_t tcp_write(struct tcp *tcp, const void *from, uint32_t bytes, uint64_t now)
{
    tcp->now = now;
    bytes = MIN(bytes, tcp_room(tcp));
    uint32_t at = (tcp->out_first + tcp->out_bytes) % tcp->out_size;
    uint32_t first = MIN(bytes, tcp->out_size - at);
    memcpy(tcp->out + at, from, first);
    memcpy(tcp->out, (const uint8_t *)from + first, bytes - first);
    tcp->out_bytes += bytes;
    tcp_output(tcp, now);
    return bytes;
}

void tcp_push(struct tcp *tcp, uint64_t now)
{
    tcp->now = now;
    tcp_output(tcp, now);
}

/*
 * The window is announced anew once it has opened by much (RFC 9293, 3.8.6.2.2): by a part of the
 * ring, or when the other end has hardly any left.
 */
static bool opens_much(const struct tcp *tcp)
{
    uint32_t opened = tcp->rcv_nxt + rcv_wnd(tcp) - tcp->rcv_adv,
             left = tcp->rcv_adv - tcp->rcv_nxt;

    return opened >= tcp->in_size / 4 ||
           (left < 2u * tcp->mss && opened >= MIN(2u * tcp->mss, tcp->in_size / 2));
}

uint32_t tcp_read(struct tcp *tcp, void *to, uint32_t bytes, bool keep)
{
    bytes = MIN(bytes, tcp->in_bytes);
    uint32_t first = MIN(bytes, tcp->in_size - tcp->in_first);
    memcpy(to, tcp->in + tcp->in_first, first);
    memcpy((uint8_t *)to + first, tcp->in, bytes - first);
    if (keep)
        return bytes;
    tcp->in_first = (tcp->in_first + bytes) % MAX(tcp->in_size, 1u);
    tcp->in_bytes -= bytes;
    if (bytes && opens_much(tcp) && synchronized(tcp) && !tcp->finished)
        tcp_acknowledge(tcp);
    return bytes;
}

bool tcp_wants_room(const struct tcp *tcp)
{
    return tcp->in_taken >= 2 * tcp->in_size && tcp->in_size < TCP_RING_LIMIT;
}

/* All of a ring, from `first` on, to the beginning of another. */
static void unroll(uint8_t *to, const uint8_t *ring, uint32_t size, uint32_t first)
{
    memcpy(to, ring + first, size - first);
    memcpy(to + size - first, ring, first);
}

uint8_t *tcp_grow_out(struct tcp *tcp, uint8_t *ring, uint32_t size)
{
    uint8_t *old = tcp->out;

    unroll(ring, old, tcp->out_size, tcp->out_first);
    tcp->out = ring;
    tcp->out_size = size;
    tcp->out_first = 0;
    return old;
}

/* What came early keeps its place: it is counted from in_first, too. */
uint8_t *tcp_grow_in(struct tcp *tcp, uint8_t *ring, uint32_t size)
{
    uint8_t *old = tcp->in;

    unroll(ring, old, tcp->in_size, tcp->in_first);
    tcp->in = ring;
    tcp->in_size = size;
    tcp->in_first = tcp->in_taken = 0;
    return old;
}
