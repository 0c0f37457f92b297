/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tcp_output.c - what a connection sends, and what acknowledgements mean to that
 *
 *        out_first                                      out_first + out_bytes
 *            |  sent, not acknowledged |  not sent yet  |
 *        SND.UNA                    SND.NXT             the FIN's number, if `finish`
 *
 * SYN and FIN have a sequence number each. What may be sent is the smaller of two windows: SND.WND,
 * the other end's, and cwnd, our own guess of what the network bears (RFC 5681). cwnd begins with
 * ten segments, doubles each round trip below ssthresh and grows by a segment above it.
 *
 * Loss: one timer for the oldest unacknowledged number (RFC 6298). When it runs out, sending begins
 * again from SND.UNA with a cwnd of one segment (tcp.c). Acknowledgements up to snd_max, which was
 * sent before, still count. Three duplicate acknowledgements resend the oldest segment without
 * waiting.
 */
#include "guestos/net/tcp/tcp_internal.h"
#include "guestos/kernel/lib.h"

/* ---- segments -------------------------------------------------------------------------------- */

void tcp_emit(struct tcp *tcp, uint32_t flags, uint32_t sequence, const uint8_t *data,
              uint32_t bytes)
{
    struct tcp_segment segment = {
        .seq = sequence,
        .flags = (uint8_t)flags,
        .mss = flags & TCP_SYN ? tcp->announced_mss : 0,
        .data = data,
        .bytes = bytes,
    };

    segment.wnd = (uint16_t)rcv_wnd(tcp);
    if (flags & TCP_ACK) {
        segment.ack = tcp->rcv_nxt;
        tcp->rcv_adv = tcp->rcv_nxt + segment.wnd;
    }
    tcp->send(tcp, &segment);
}

void tcp_acknowledge(struct tcp *tcp)
{
    tcp_emit(tcp, TCP_ACK, tcp->snd_nxt, NULL, 0);
}

void tcp_start_timer(struct tcp *tcp, uint64_t now)
{
    if (tcp->resend_at == TCP_NEVER)
        tcp->resend_at = now + tcp->rto;
}

void tcp_emit_data(struct tcp *tcp, uint32_t offset, uint32_t bytes, bool fin)
{
    uint8_t joined[TCP_MSS_DEFAULT];
    uint32_t at = (tcp->out_first + offset) % TCP_RING;
    uint32_t flags = TCP_ACK | (fin ? TCP_FIN : 0) | (bytes ? TCP_PSH : 0);
    const uint8_t *data = tcp->out + at;

    if (at + bytes > TCP_RING) {
        uint32_t first = TCP_RING - at;

        memcpy(joined, data, first);
        memcpy(joined + first, tcp->out, bytes - first);
        data = joined;
    }
    tcp_emit(tcp, flags, tcp->snd_una + offset, data, bytes);
}

/* At most this many bytes from here: a segment, and over the seam only what can be joined. */
static uint32_t piece(const struct tcp *tcp, uint32_t offset, uint32_t bytes)
{
    uint32_t to_seam = TCP_RING - (tcp->out_first + offset) % TCP_RING;

    bytes = MIN(bytes, tcp->mss);
    return bytes > to_seam && bytes > TCP_MSS_DEFAULT ? MIN(bytes, to_seam) : bytes;
}

void tcp_output(struct tcp *tcp, uint64_t now)
{
    if (!synchronized(tcp) || tcp->state == TCP_FIN_WAIT_2 || tcp->state == TCP_TIME_WAIT)
        return; /* too early, or all has been sent and acknowledged */
    for (;;) {
        uint32_t offset = tcp->snd_nxt - tcp->snd_una, end = tcp->out_bytes;
        uint32_t window = MIN(tcp->snd_wnd, tcp->cwnd);

        if (offset > end) /* the FIN is out already */
            break;
        uint32_t rest = end - offset, usable = window > offset ? window - offset : 0;
        uint32_t n = piece(tcp, offset, MIN(rest, usable));
        bool fin = tcp->finish && n == rest;
        if (!n && !fin)
            break;
        /* Nagle (RFC 9293, 3.7.4), and no silly small pieces when the window is the limit. */
        bool small = n < MIN(tcp->mss, rest) || (n < tcp->mss && !fin && !tcp->no_delay);
        bool at_seam = n && (tcp->out_first + offset + n) % TCP_RING == 0 && n < rest;
        if (small && offset && !at_seam)
            break;
        tcp_emit_data(tcp, offset, n, fin);
        tcp->snd_nxt += n + fin;
        if (!tcp->timing && not_after(tcp->snd_max, tcp->snd_nxt - n - fin)) {
            tcp->timing = true;
            tcp->timed_sequence = tcp->snd_nxt;
            tcp->timed_at = now;
        }
        if (before(tcp->snd_max, tcp->snd_nxt))
            tcp->snd_max = tcp->snd_nxt;
        tcp_start_timer(tcp, now);
    }
    if (tcp->out_bytes &&
        tcp->snd_nxt == tcp->snd_una) /* the window is shut: probe it when time is up */
        tcp_start_timer(tcp, now);
}

/* ---- acknowledgements ------------------------------------------------------------------------ */

static void measure(struct tcp *tcp, uint64_t now)
{
    uint64_t sample = now - tcp->timed_at;
    uint64_t difference = sample > tcp->srtt ? sample - tcp->srtt : tcp->srtt - sample;

    if (!tcp->srtt) {
        tcp->srtt = sample;
        tcp->rttvar = sample / 2;
    } else {
        tcp->rttvar += (difference >> 2) - (tcp->rttvar >> 2);
        tcp->srtt += (sample >> 3) - (tcp->srtt >> 3);
    }
    tcp->timing = false;
    tcp->rto = MIN(tcp->srtt + MAX(4 * tcp->rttvar, RTO_MINIMUM), RTO_MAXIMUM);
}

static void grow_congestion_window(struct tcp *tcp, uint32_t acknowledged)
{
    uint32_t mss = tcp->mss, window = tcp->cwnd;
    uint32_t more = window < tcp->ssthresh ? MIN(acknowledged, mss) : MAX(mss * mss / window, 1u);

    tcp->cwnd = MIN(window + more, 0x100000u);
}

void tcp_lose(struct tcp *tcp)
{
    uint32_t flight = tcp->snd_max - tcp->snd_una;

    tcp->ssthresh = MAX(flight / 2, 2u * tcp->mss);
    tcp->timing = false; /* Karn: what was sent twice measures nothing */
}

static void take_duplicate(struct tcp *tcp)
{
    if (++tcp->dup_acks != 3)
        return;
    tcp_lose(tcp);
    tcp->cwnd = tcp->ssthresh;
    uint32_t n = piece(tcp, 0, tcp->out_bytes);
    tcp_emit_data(tcp, 0, n, tcp->finish && n == tcp->out_bytes && tcp->snd_max - tcp->snd_una > n);
}

/* `snd_una` moves to `to`, which was sent. */
static void advance(struct tcp *tcp, uint32_t to, uint64_t now)
{
    uint32_t n = to - tcp->snd_una, bytes = MIN(n, tcp->out_bytes);

    tcp->out_first = (tcp->out_first + bytes) % TCP_RING;
    tcp->out_bytes -= bytes;
    tcp->snd_una = to;
    if (before(tcp->snd_nxt, to))
        tcp->snd_nxt = to;
    tcp->dup_acks = 0;
    tcp->attempts = 0;
    if (tcp->timing && not_after(tcp->timed_sequence, to))
        measure(tcp, now);
    grow_congestion_window(tcp, n);
    tcp->resend_at = tcp->snd_una == tcp->snd_max ? TCP_NEVER : now + tcp->rto;
    bool fin_acknowledged = n > bytes;
    if (!fin_acknowledged)
        return;
    /* The FIN had the number after the last byte; from now on `snd_una` is beyond it. */
    if (tcp->state == TCP_FIN_WAIT_1) {
        tcp->state = TCP_FIN_WAIT_2;
    } else if (tcp->state == TCP_CLOSING) {
        tcp->state = TCP_TIME_WAIT;
        tcp->end_at = now + TCP_2MSL;
    } else if (tcp->state == TCP_LAST_ACK) {
        tcp_close_with(tcp, 0);
    }
}

static void take_window(struct tcp *tcp, const struct tcp_segment *segment)
{
    if (before(tcp->snd_wl1, segment->seq) ||
        (tcp->snd_wl1 == segment->seq && not_after(tcp->snd_wl2, segment->ack))) {
        if (!tcp->snd_wnd && segment->wnd)
            tcp->snd_nxt = tcp->snd_una; /* it opens: what probed it was not taken */
        tcp->snd_wnd = segment->wnd;
        tcp->snd_wl1 = segment->seq;
        tcp->snd_wl2 = segment->ack;
    }
}

bool tcp_take_acknowledgement(struct tcp *tcp, const struct tcp_segment *segment, uint64_t now)
{
    uint32_t ack = segment->ack;

    if (before(tcp->snd_max, ack)) { /* something we never sent */
        tcp_acknowledge(tcp);
        return false;
    }
    bool same_window = segment->wnd == tcp->snd_wnd;
    if (not_after(tcp->snd_una, ack))
        take_window(tcp, segment);
    if (before(tcp->snd_una, ack))
        advance(tcp, ack, now);
    else if (ack == tcp->snd_una && same_window && !segment->bytes && !(segment->flags & TCP_FIN) &&
             tcp->snd_max != tcp->snd_una && tcp->snd_wnd)
        take_duplicate(tcp);
    return tcp->state != TCP_CLOSED;
}
