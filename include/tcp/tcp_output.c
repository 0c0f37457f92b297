/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tcp_output.c - what a connection sends
 *
 *        out_first                                      out_first + out_bytes
 *            |  sent, not acknowledged |  not sent yet  |
 *        SND.UNA                    SND.NXT             the FIN's number, if `finish`
 *
 * SYN and FIN have a sequence number each. What may be sent is the smaller of two windows: SND.WND,
 * the other end's, and cwnd, our own guess of what the network bears (tcp_recover.c).
 */
#include "include/tcp/tcp_internal.h"

/* ---- segments -------------------------------------------------------------------------------- */

static void send(struct tcp *tcp, struct tcp_segment *segment)
{
    bool syn = segment->flags & TCP_SYN;
    uint32_t shift = syn ? 0 : tcp->rcv_scale, window = MIN(rcv_wnd(tcp) >> shift, 0xffffu);

    segment->wnd = (uint16_t)window;
    if (segment->flags & TCP_ACK) {
        segment->ack = tcp->rcv_nxt;
        tcp->rcv_adv = tcp->rcv_nxt + (window << shift);
        tcp->rcv_acked = tcp->rcv_nxt;
        tcp->ack_at = TCP_NEVER;
    }
    if (tcp->stamps && !(segment->flags & TCP_RST)) {
        segment->stamped = true;
        segment->stamp = stamp_of(tcp->now);
        segment->echo = segment->flags & TCP_ACK ? tcp->ts_recent : 0;
    }
    tcp->send(tcp, segment);
}

void tcp_emit(struct tcp *tcp, uint32_t flags, uint32_t sequence)
{
    struct tcp_segment segment = {.seq = sequence, .flags = (uint8_t)flags};

    if (flags & TCP_SYN) {
        segment.mss = tcp->announced_mss;
        segment.scale = tcp->rcv_scale ? (uint8_t)(tcp->rcv_scale + 1) : 0;
    }
    send(tcp, &segment);
}

void tcp_acknowledge(struct tcp *tcp)
{
    tcp_emit(tcp, TCP_ACK, tcp->snd_nxt);
}

void tcp_start_timer(struct tcp *tcp, uint64_t now)
{
    if (tcp->resend_at == TCP_NEVER)
        tcp->resend_at = now + tcp->rto;
}

void tcp_emit_data(struct tcp *tcp, uint32_t offset, uint32_t bytes, bool fin)
{
    uint32_t at = (tcp->out_first + offset) % tcp->out_size;
    uint32_t first = MIN(bytes, tcp->out_size - at);
    bool last = bytes && offset + bytes == tcp->out_bytes;
    struct tcp_segment segment = {
        .seq = tcp->snd_una + offset,
        .flags = (uint8_t)(TCP_ACK | (fin ? TCP_FIN : 0) | (last ? TCP_PSH : 0)),
        .data = tcp->out + at,
        .bytes = first,
        .rest = tcp->out,
        .rest_bytes = bytes - first,
    };

    send(tcp, &segment);
}

void tcp_emit_first(struct tcp *tcp)
{
    uint32_t n = MIN(MIN(tcp->mss, tcp->out_bytes), tcp->snd_max - tcp->snd_una);

    tcp_emit_data(tcp, 0, n, tcp->finish && n == tcp->out_bytes && tcp->snd_max - tcp->snd_una > n);
}

/* ---- how much -------------------------------------------------------------------------------- */

/* The first two duplicate acknowledgements let new segments out (RFC 3042). */
static uint32_t window_now(const struct tcp *tcp)
{
    uint32_t beyond = tcp->recovering ? 0 : MIN(tcp->dup_acks, 2u) * tcp->mss;

    return MIN(tcp->snd_wnd, tcp->cwnd + beyond);
}

/*
 * Whether a piece waits for more: Nagle (RFC 9293, 3.7.4), a cork, and no silly small pieces when
 * the window is the limit.
 */
static bool waits(struct tcp *tcp, uint32_t n, uint32_t rest, uint32_t offset, bool fin,
                  uint64_t now)
{
    if (n >= tcp->mss || fin)
        return false;
    if (tcp->cork) {
        if (tcp->cork_at == TCP_NEVER)
            tcp->cork_at = now + CORK_LIMIT;
        return now < tcp->cork_at;
    }
    return offset && (n < MIN(tcp->mss, rest) || !tcp->no_delay);
}

static void note_sent(struct tcp *tcp, uint32_t numbers, uint64_t now)
{
    tcp->snd_nxt += numbers;
    if (!tcp->timing && not_after(tcp->snd_max, tcp->snd_nxt - numbers)) {
        tcp->timing = true;
        tcp->timed_sequence = tcp->snd_nxt;
        tcp->timed_at = now;
    }
    if (before(tcp->snd_max, tcp->snd_nxt))
        tcp->snd_max = tcp->snd_nxt;
    tcp_start_timer(tcp, now);
}

void tcp_output(struct tcp *tcp, uint64_t now)
{
    bool waiting = false;

    if (!synchronized(tcp) || tcp->state == TCP_FIN_WAIT_2 || tcp->state == TCP_TIME_WAIT)
        return; /* too early, or all has been sent and acknowledged */
    for (;;) {
        uint32_t offset = tcp->snd_nxt - tcp->snd_una, end = tcp->out_bytes;
        uint32_t window = window_now(tcp);

        if (offset > end) /* the FIN is out already */
            break;
        uint32_t rest = end - offset, usable = window > offset ? window - offset : 0;
        uint32_t n = MIN(MIN(rest, usable), tcp->mss);
        bool fin = tcp->finish && n == rest;
        if (!n && !fin)
            break;
        waiting = waits(tcp, n, rest, offset, fin, now);
        if (waiting)
            break;
        tcp_emit_data(tcp, offset, n, fin);
        note_sent(tcp, n + fin, now);
    }
    if (!waiting)
        tcp->cork_at = TCP_NEVER;
    if (tcp->out_bytes &&
        tcp->snd_nxt == tcp->snd_una) /* the window is shut: probe it when time is up */
        tcp_start_timer(tcp, now);
}
