/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tcp_output.c - what a connection sends, and what acknowledgements mean to that
 *
 * The ring's first byte has number `una`; SYN and FIN have a sequence number each, so the FIN's is
 * una + out_bytes. From `una` to `next` is in flight. What may be sent is the smaller of two windows: the
 * other end's, and our own guess of what the network bears (RFC 5681), which begins with ten segments,
 * doubles each round trip below `threshold` and grows by a segment above it.
 *
 * Loss: one timer for the oldest unacknowledged number (RFC 6298). When it runs out, sending begins
 * again from `una` with a congestion window of one segment (tcp.c); acknowledgements up to `highest`, which
 * was sent before, still count. Three duplicate acknowledgements resend the oldest segment
 * without waiting.
 */
#include "guestos/net/tcp_internal.h"
#include "guestos/kernel/lib.h"

/* ---- segments --------------------------------------------------------------------------------- */

void tcp_emit(struct tcp *tcp, u32 flags, u32 sequence, const u8 *data, u32 bytes)
{
    struct tcp_segment segment = {
        .sequence = sequence,
        .flags = (u8)flags,
        .mss = flags & TCP_SYN ? tcp->announced_mss : 0,
        .data = data,
        .bytes = bytes,
    };
    segment.window = (u16)receive_window(tcp);
    if (flags & TCP_ACK) {
        segment.acknowledged = tcp->expected;
        tcp->advertised = tcp->expected + segment.window;
    }
    tcp->send(tcp, &segment);
}

void tcp_acknowledge(struct tcp *tcp)
{
    tcp_emit(tcp, TCP_ACK, tcp->next, NULL, 0);
}

void tcp_start_timer(struct tcp *tcp, u64 now)
{
    if (tcp->resend_at == TCP_NEVER)
        tcp->resend_at = now + tcp->timeout;
}

void tcp_emit_data(struct tcp *tcp, u32 offset, u32 bytes, bool fin)
{
    u8 joined[TCP_MSS_DEFAULT];
    u32 at = (tcp->out_first + offset) % TCP_RING;
    u32 flags = TCP_ACK | (fin ? TCP_FIN : 0) | (bytes ? TCP_PSH : 0);
    const u8 *data = tcp->out + at;
    if (at + bytes > TCP_RING) {
        u32 first = TCP_RING - at;
        memcpy(joined, data, first);
        memcpy(joined + first, tcp->out, bytes - first);
        data = joined;
    }
    tcp_emit(tcp, flags, tcp->una + offset, data, bytes);
}

/* At most this many bytes from here: a segment, and over the seam only what can be joined. */
static u32 piece(const struct tcp *tcp, u32 offset, u32 bytes)
{
    u32 to_seam = TCP_RING - (tcp->out_first + offset) % TCP_RING;
    bytes = MIN(bytes, tcp->mss);
    return bytes > to_seam && bytes > TCP_MSS_DEFAULT ? MIN(bytes, to_seam) : bytes;
}

void tcp_output(struct tcp *tcp, u64 now)
{
    if (!synchronized(tcp) || tcp->state == TCP_FIN_WAIT_2 || tcp->state == TCP_TIME_WAITING)
        return; /* too early, or all has been sent and acknowledged */
    for (;;) {
        u32 offset = tcp->next - tcp->una, end = tcp->out_bytes;
        u32 window = MIN(tcp->window, tcp->congestion_window);
        if (offset > end) /* the FIN is out already */
            break;
        u32 rest = end - offset, usable = window > offset ? window - offset : 0;
        u32 n = piece(tcp, offset, MIN(rest, usable));
        bool fin = tcp->finish && n == rest;
        if (!n && !fin)
            break;
        /* Nagle (RFC 9293, 3.7.4), and no silly small pieces when the window is the limit. */
        bool small = n < MIN(tcp->mss, rest) || (n < tcp->mss && !fin && !tcp->no_delay);
        bool at_seam = n && (tcp->out_first + offset + n) % TCP_RING == 0 && n < rest;
        if (small && offset && !at_seam)
            break;
        tcp_emit_data(tcp, offset, n, fin);
        tcp->next += n + fin;
        if (!tcp->timing && not_after(tcp->highest, tcp->next - n - fin)) {
            tcp->timing = true;
            tcp->timed_sequence = tcp->next;
            tcp->timed_at = now;
        }
        if (before(tcp->highest, tcp->next))
            tcp->highest = tcp->next;
        tcp_start_timer(tcp, now);
    }
    if (tcp->out_bytes && tcp->next == tcp->una) /* the window is shut: probe it when time is up */
        tcp_start_timer(tcp, now);
}

/* ---- acknowledgements --------------------------------------------------------------------------- */

static void measure(struct tcp *tcp, u64 now)
{
    u64 sample = now - tcp->timed_at;
    u64 difference = sample > tcp->smoothed ? sample - tcp->smoothed : tcp->smoothed - sample;
    if (!tcp->smoothed) {
        tcp->smoothed = sample;
        tcp->variation = sample / 2;
    } else {
        tcp->variation += (difference >> 2) - (tcp->variation >> 2);
        tcp->smoothed += (sample >> 3) - (tcp->smoothed >> 3);
    }
    tcp->timing = false;
    tcp->timeout = MIN(tcp->smoothed + MAX(4 * tcp->variation, TIMEOUT_MINIMUM), TIMEOUT_MAXIMUM);
}

static void grow_congestion_window(struct tcp *tcp, u32 acknowledged)
{
    u32 mss = tcp->mss, window = tcp->congestion_window;
    u32 more = window < tcp->threshold ? MIN(acknowledged, mss) : MAX(mss * mss / window, 1u);
    tcp->congestion_window = MIN(window + more, 0x100000u);
}

void tcp_lose(struct tcp *tcp)
{
    u32 flight = tcp->highest - tcp->una;
    tcp->threshold = MAX(flight / 2, 2u * tcp->mss);
    tcp->timing = false; /* Karn: what was sent twice measures nothing */
}

static void take_duplicate(struct tcp *tcp)
{
    if (++tcp->duplicates != 3)
        return;
    tcp_lose(tcp);
    tcp->congestion_window = tcp->threshold;
    u32 n = piece(tcp, 0, tcp->out_bytes);
    tcp_emit_data(tcp, 0, n, tcp->finish && n == tcp->out_bytes && tcp->highest - tcp->una > n);
}

/* `una` moves to `to`, which was sent. */
static void advance(struct tcp *tcp, u32 to, u64 now)
{
    u32 n = to - tcp->una, bytes = MIN(n, tcp->out_bytes);
    tcp->out_first = (tcp->out_first + bytes) % TCP_RING;
    tcp->out_bytes -= bytes;
    tcp->una = to;
    if (before(tcp->next, to))
        tcp->next = to;
    tcp->duplicates = 0;
    tcp->attempts = 0;
    if (tcp->timing && not_after(tcp->timed_sequence, to))
        measure(tcp, now);
    grow_congestion_window(tcp, n);
    tcp->resend_at = tcp->una == tcp->highest ? TCP_NEVER : now + tcp->timeout;
    bool fin_acknowledged = n > bytes;
    if (!fin_acknowledged)
        return;
    /* The FIN had the number after the last byte; from now on `una` is beyond it. */
    if (tcp->state == TCP_FIN_WAIT_1) {
        tcp->state = TCP_FIN_WAIT_2;
    } else if (tcp->state == TCP_CLOSING) {
        tcp->state = TCP_TIME_WAITING;
        tcp->end_at = now + TCP_TIME_WAIT;
    } else if (tcp->state == TCP_LAST_ACK) {
        tcp_close_with(tcp, 0);
    }
}

static void take_window(struct tcp *tcp, const struct tcp_segment *segment)
{
    if (before(tcp->window_sequence, segment->sequence) ||
        (tcp->window_sequence == segment->sequence &&
         not_after(tcp->window_acknowledged, segment->acknowledged))) {
        if (!tcp->window && segment->window)
            tcp->next = tcp->una; /* it opens: what probed it was not taken */
        tcp->window = segment->window;
        tcp->window_sequence = segment->sequence;
        tcp->window_acknowledged = segment->acknowledged;
    }
}

bool tcp_take_acknowledgement(struct tcp *tcp, const struct tcp_segment *segment, u64 now)
{
    u32 ack = segment->acknowledged;
    if (before(tcp->highest, ack)) { /* something we never sent */
        tcp_acknowledge(tcp);
        return false;
    }
    bool same_window = segment->window == tcp->window;
    if (not_after(tcp->una, ack))
        take_window(tcp, segment);
    if (before(tcp->una, ack))
        advance(tcp, ack, now);
    else if (ack == tcp->una && same_window && !segment->bytes && !(segment->flags & TCP_FIN) &&
             tcp->highest != tcp->una && tcp->window)
        take_duplicate(tcp);
    return tcp->state != TCP_CLOSED;
}
