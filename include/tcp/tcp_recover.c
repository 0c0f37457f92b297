/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tcp_recover.c - what acknowledgements mean to a connection: windows, round trips, losses
 *
 * cwnd begins with ten segments, doubles each round trip below ssthresh and grows by a segment
 * above it (RFC 5681).
 *
 * Loss: one timer for the oldest unacknowledged number (RFC 6298). When it runs out, sending begins
 * again from SND.UNA with a cwnd of one segment (tcp.c). Acknowledgements up to snd_max, which was
 * sent before, still count.
 *
 * Before that, three duplicate acknowledgements say that one segment is missing and later ones have
 * come. It is sent again, and cwnd is halved. Until all is acknowledged that was on its way then
 * (`recover`), each further duplicate lets a new segment out, as it says that one has left the
 * network; an acknowledgement of a part tells of the next that is missing (NewReno, RFC 6582).
 */
#include "include/tcp/tcp_internal.h"

#define CWND_LIMIT 0x100000u

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

void tcp_lose(struct tcp *tcp)
{
    uint32_t flight = tcp->snd_max - tcp->snd_una;

    tcp->ssthresh = MAX(flight / 2, 2u * tcp->mss);
    tcp->timing = false; /* Karn: what was sent twice measures nothing */
}

/* An acknowledgement may be of two segments (RFC 3465). */
static void grow_congestion_window(struct tcp *tcp, uint32_t acknowledged)
{
    uint32_t mss = tcp->mss, window = tcp->cwnd;
    uint32_t more =
        window < tcp->ssthresh ? MIN(acknowledged, 2 * mss) : MAX(mss * mss / window, 1u);

    tcp->cwnd = MIN(window + more, CWND_LIMIT);
}

static void take_duplicate(struct tcp *tcp)
{
    tcp->dup_acks++;
    if (tcp->recovering) {
        tcp->cwnd = MIN(tcp->cwnd + tcp->mss, CWND_LIMIT);
    } else if (tcp->dup_acks == 3 && before(tcp->recover, tcp->snd_una)) {
        tcp_lose(tcp);
        tcp->recovering = true;
        tcp->recover = tcp->snd_max;
        tcp->cwnd = tcp->ssthresh + 3u * tcp->mss;
        tcp_emit_first(tcp);
    }
}

/* While recovering, `n` bytes more have been acknowledged. */
static void recover(struct tcp *tcp, uint32_t n)
{
    if (not_after(tcp->recover, tcp->snd_una)) {
        uint32_t flight = tcp->snd_max - tcp->snd_una;

        tcp->recovering = false;
        tcp->cwnd = MIN(tcp->ssthresh, MAX(flight, tcp->mss) + tcp->mss);
        return;
    }
    tcp->cwnd -= MIN(n, tcp->cwnd - tcp->mss);
    if (n >= tcp->mss)
        tcp->cwnd += tcp->mss;
    tcp->timing = false;
    tcp_emit_first(tcp);
}

/* The FIN had the number after the last byte; `snd_una` is beyond it. */
static void finish_acknowledged(struct tcp *tcp, uint64_t now)
{
    if (tcp->state == TCP_FIN_WAIT_1) {
        tcp->state = TCP_FIN_WAIT_2;
    } else if (tcp->state == TCP_CLOSING) {
        tcp->state = TCP_TIME_WAIT;
        tcp->end_at = now + TCP_2MSL;
    } else if (tcp->state == TCP_LAST_ACK) {
        tcp_close_with(tcp, 0);
    }
}

/* `snd_una` moves to `to`, which was sent. */
static void advance(struct tcp *tcp, uint32_t to, uint64_t now)
{
    uint32_t n = to - tcp->snd_una, bytes = MIN(n, tcp->out_bytes);

    tcp->out_first = (tcp->out_first + bytes) % tcp->out_size;
    tcp->out_bytes -= bytes;
    tcp->snd_una = to;
    if (before(tcp->snd_nxt, to))
        tcp->snd_nxt = to;
    tcp->dup_acks = 0;
    tcp->attempts = 0;
    if (tcp->timing && not_after(tcp->timed_sequence, to))
        measure(tcp, now);
    if (tcp->recovering)
        recover(tcp, n);
    else
        grow_congestion_window(tcp, n);
    tcp->resend_at = tcp->snd_una == tcp->snd_max ? TCP_NEVER : now + tcp->rto;
    if (n > bytes)
        finish_acknowledged(tcp, now);
}

uint32_t tcp_window_of(const struct tcp *tcp, const struct tcp_segment *segment)
{
    return (uint32_t)segment->wnd << (segment->flags & TCP_SYN ? 0 : tcp->snd_scale);
}

static void take_window(struct tcp *tcp, const struct tcp_segment *segment)
{
    uint32_t window = tcp_window_of(tcp, segment);

    if (before(tcp->snd_wl1, segment->seq) ||
        (tcp->snd_wl1 == segment->seq && not_after(tcp->snd_wl2, segment->ack))) {
        if (!tcp->snd_wnd && window)
            tcp->snd_nxt = tcp->snd_una; /* it opens: what probed it was not taken */
        tcp->snd_wnd = window;
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
    bool same_window = tcp_window_of(tcp, segment) == tcp->snd_wnd;
    if (not_after(tcp->snd_una, ack))
        take_window(tcp, segment);
    if (before(tcp->snd_una, ack))
        advance(tcp, ack, now);
    else if (ack == tcp->snd_una && same_window && !segment->bytes && !(segment->flags & TCP_FIN) &&
             tcp->snd_max != tcp->snd_una && tcp->snd_wnd)
        take_duplicate(tcp);
    return tcp->state != TCP_CLOSED;
}
