/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tcp.c - the state machine of one end of a connection
 *
 * Sequence numbers are compared modulo 2^32 (RFC 9293, 3.4). SYN and FIN have a sequence number each,
 * so `una` of an established connection is the number of the first byte in the `out` ring, and
 * the FIN's number is una + out_bytes.
 *
 * Loss: one timer for the oldest unacknowledged number (RFC 6298). When it runs out, sending begins
 * again from `una` with a congestion window of one segment; acknowledgements up to `highest`, which
 * was sent before, still count. Three duplicate acknowledgements resend the oldest segment
 * without waiting. The same timer probes a window of zero.
 *
 * Order: bytes that come early are put at their place in the ring beyond in_bytes, and `range` notes
 * which places are filled. What does not fit into the few ranges is dropped, and will be sent again.
 *
 * Acknowledgements are sent at once: a delay would save segments on a real network, but here it would
 * only set timers.
 */
#include "guestos/net/tcp.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"

#define MILLISECOND     1000000ull
#define TIMEOUT_INITIAL (1000 * MILLISECOND) /* RFC 6298, 2.1 */
#define TIMEOUT_MINIMUM (200 * MILLISECOND)  /* Linux's; the RFC has 1 s for coarse clocks */
#define TIMEOUT_MAXIMUM (60000 * MILLISECOND)
#define ATTEMPTS        8 /* more than 100 s (RFC 9293, 3.8.3, R2) */
#define ATTEMPTS_SYN    6

static bool before(u32 a, u32 b)
{
    return (s32)(a - b) < 0;
}

static bool not_after(u32 a, u32 b)
{
    return (s32)(a - b) <= 0;
}

static u32 receive_window(const struct tcp *tcp)
{
    return TCP_RING - tcp->in_bytes;
}

static bool synchronized(const struct tcp *tcp)
{
    return tcp->state >= TCP_ESTABLISHED;
}

bool tcp_writable(const struct tcp *tcp)
{
    return !tcp->finish && (tcp->state == TCP_ESTABLISHED || tcp->state == TCP_CLOSE_WAIT);
}

/* ---- sending ---------------------------------------------------------------------------------- */

static void close_with(struct tcp *tcp, int error)
{
    tcp->state = TCP_CLOSED;
    tcp->error = error;
    tcp->resend_at = tcp->end_at = TCP_NEVER;
}

static void emit(struct tcp *tcp, u32 flags, u32 sequence, const u8 *data, u32 bytes)
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

static void acknowledge(struct tcp *tcp)
{
    emit(tcp, TCP_ACK, tcp->next, NULL, 0);
}

static void start_timer(struct tcp *tcp, u64 now)
{
    if (tcp->resend_at == TCP_NEVER)
        tcp->resend_at = now + tcp->timeout;
}

/* One segment of ring bytes from `offset` on, perhaps with the FIN. Handles the ring's seam. */
static void emit_data(struct tcp *tcp, u32 offset, u32 bytes, bool fin)
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
    emit(tcp, flags, tcp->una + offset, data, bytes);
}

/* At most this many bytes from here: a segment, and over the seam only what can be joined. */
static u32 piece(const struct tcp *tcp, u32 offset, u32 bytes)
{
    u32 to_seam = TCP_RING - (tcp->out_first + offset) % TCP_RING;
    bytes = MIN(bytes, tcp->mss);
    return bytes > to_seam && bytes > TCP_MSS_DEFAULT ? MIN(bytes, to_seam) : bytes;
}

/* Sends what the windows allow. */
static void output(struct tcp *tcp, u64 now)
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
        emit_data(tcp, offset, n, fin);
        tcp->next += n + fin;
        if (!tcp->timing && not_after(tcp->highest, tcp->next - n - fin)) {
            tcp->timing = true;
            tcp->timed_sequence = tcp->next;
            tcp->timed_at = now;
        }
        if (before(tcp->highest, tcp->next))
            tcp->highest = tcp->next;
        start_timer(tcp, now);
    }
    if (tcp->out_bytes && tcp->next == tcp->una) /* the window is shut: probe it when time is up */
        start_timer(tcp, now);
}

static void begin(struct tcp *tcp, u32 initial)
{
    tcp->initial = tcp->una = initial;
    tcp->next = tcp->highest = initial + 1;
    tcp->mss = TCP_MSS_DEFAULT;
    tcp->timeout = TIMEOUT_INITIAL;
    tcp->resend_at = tcp->end_at = TCP_NEVER;
    tcp->threshold = ~0u;
}

/* The other end's SYN, which both ways of opening take note of. */
static void take_syn(struct tcp *tcp, const struct tcp_segment *syn)
{
    tcp->expected = syn->sequence + 1;
    tcp->mss = MIN(syn->mss ? syn->mss : TCP_MSS_DEFAULT, tcp->announced_mss);
    tcp->mss = MAX(tcp->mss, 64);
    tcp->congestion_window = 10 * tcp->mss; /* RFC 6928 */
    tcp->window = syn->window;
    tcp->window_sequence = syn->sequence;
    tcp->window_acknowledged = syn->acknowledged;
}

void tcp_connect(struct tcp *tcp, u32 initial, u64 now)
{
    begin(tcp, initial);
    tcp->state = TCP_SYN_SENT;
    emit(tcp, TCP_SYN, tcp->initial, NULL, 0);
    start_timer(tcp, now);
}

void tcp_accept(struct tcp *tcp, const struct tcp_segment *syn, u32 initial, u64 now)
{
    begin(tcp, initial);
    take_syn(tcp, syn);
    tcp->state = TCP_SYN_RECEIVED;
    emit(tcp, TCP_SYN | TCP_ACK, tcp->initial, NULL, 0);
    start_timer(tcp, now);
}

/* ---- the program's side ------------------------------------------------------------------------- */

u32 tcp_write(struct tcp *tcp, const void *from, u32 bytes, u64 now)
{
    bytes = MIN(bytes, tcp_room(tcp));
    u32 at = (tcp->out_first + tcp->out_bytes) % TCP_RING, first = MIN(bytes, TCP_RING - at);
    memcpy(tcp->out + at, from, first);
    memcpy(tcp->out, (const u8 *)from + first, bytes - first);
    tcp->out_bytes += bytes;
    output(tcp, now);
    return bytes;
}

u32 tcp_read(struct tcp *tcp, void *to, u32 bytes, bool keep)
{
    bytes = MIN(bytes, tcp->in_bytes);
    u32 first = MIN(bytes, TCP_RING - tcp->in_first);
    memcpy(to, tcp->in + tcp->in_first, first);
    memcpy((u8 *)to + first, tcp->in, bytes - first);
    if (keep)
        return bytes;
    tcp->in_first = (tcp->in_first + bytes) % TCP_RING;
    tcp->in_bytes -= bytes;
    /* The window is announced anew once it has opened by much (RFC 9293, 3.8.6.2.2). */
    u32 opened = tcp->expected + receive_window(tcp) - tcp->advertised;
    if (opened >= MIN(2u * tcp->mss, TCP_RING / 2) && synchronized(tcp) && !tcp->finished)
        acknowledge(tcp);
    return bytes;
}

void tcp_finish(struct tcp *tcp, u64 now)
{
    if (tcp->finish || tcp->state == TCP_CLOSED)
        return;
    if (tcp->state == TCP_SYN_SENT) {
        close_with(tcp, 0);
        return;
    }
    tcp->finish = true;
    if (tcp->state == TCP_ESTABLISHED)
        tcp->state = TCP_FIN_WAIT_1;
    else if (tcp->state == TCP_CLOSE_WAIT)
        tcp->state = TCP_LAST_ACK;
    output(tcp, now); /* in SYN-RECEIVED: as soon as the handshake is over */
}

void tcp_abort(struct tcp *tcp)
{
    if (tcp->state >= TCP_SYN_RECEIVED && tcp->state != TCP_TIME_WAITING)
        emit(tcp, TCP_RST | TCP_ACK, tcp->next, NULL, 0);
    close_with(tcp, ECONNRESET);
}

/* ---- what arrives: acknowledgements ----------------------------------------------------------------- */

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

static void lose(struct tcp *tcp)
{
    u32 flight = tcp->highest - tcp->una;
    tcp->threshold = MAX(flight / 2, 2u * tcp->mss);
    tcp->timing = false; /* Karn: what was sent twice measures nothing */
}

static void take_duplicate(struct tcp *tcp)
{
    if (++tcp->duplicates != 3)
        return;
    lose(tcp);
    tcp->congestion_window = tcp->threshold;
    u32 n = piece(tcp, 0, tcp->out_bytes);
    emit_data(tcp, 0, n, tcp->finish && n == tcp->out_bytes && tcp->highest - tcp->una > n);
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
        close_with(tcp, 0);
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

/* False: the segment is to be dropped. */
static bool take_acknowledgement(struct tcp *tcp, const struct tcp_segment *segment, u64 now)
{
    u32 ack = segment->acknowledged;
    if (before(tcp->highest, ack)) { /* something we never sent */
        acknowledge(tcp);
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

/* ---- what arrives: data --------------------------------------------------------------------------------- */

/* Notes start..end as filled. False: no range is free. */
static bool note_range(struct tcp *tcp, u32 start, u32 end)
{
    int empty = -1;
    for (int i = 0; i < TCP_RANGES; i++) {
        if (tcp->range[i].start == tcp->range[i].end) {
            empty = i;
            continue;
        }
        if (before(end, tcp->range[i].start) || before(tcp->range[i].end, start))
            continue;
        /* They touch: this one is swallowed, and the whole is noted anew. */
        start = before(tcp->range[i].start, start) ? tcp->range[i].start : start;
        end = before(end, tcp->range[i].end) ? tcp->range[i].end : end;
        tcp->range[i].start = tcp->range[i].end = 0;
        empty = i;
        i = -1;
    }
    if (empty < 0)
        return false;
    tcp->range[empty].start = start;
    tcp->range[empty].end = end;
    return true;
}

/* Ranges that have come to their turn become readable. */
static void take_ranges(struct tcp *tcp)
{
    for (int i = 0; i < TCP_RANGES; i++)
        if (tcp->range[i].start != tcp->range[i].end &&
            not_after(tcp->range[i].start, tcp->expected)) {
            if (before(tcp->expected, tcp->range[i].end)) {
                tcp->in_bytes += tcp->range[i].end - tcp->expected;
                tcp->expected = tcp->range[i].end;
            }
            tcp->range[i].start = tcp->range[i].end = 0;
            i = -1;
        }
}

/* The part of a segment that lies in the window goes to its place. */
static void take_data(struct tcp *tcp, const struct tcp_segment *segment)
{
    const u8 *data = segment->data;
    u32 start = segment->sequence, end = start + segment->bytes;
    u32 limit = tcp->expected + receive_window(tcp);
    if (before(start, tcp->expected)) {
        data += tcp->expected - start;
        start = tcp->expected;
    }
    if (before(limit, end))
        end = limit;
    if (not_after(end, start) || !note_range(tcp, start, end))
        return;
    u32 at = (tcp->in_first + tcp->in_bytes + (start - tcp->expected)) % TCP_RING;
    u32 first = MIN(end - start, TCP_RING - at);
    memcpy(tcp->in + at, data, first);
    memcpy(tcp->in, data + first, end - start - first);
    take_ranges(tcp);
}

static void take_finish(struct tcp *tcp, u64 now)
{
    if (!tcp->finish_known || tcp->finished || tcp->expected != tcp->finish_sequence)
        return;
    tcp->expected++;
    tcp->finished = true;
    if (tcp->state == TCP_ESTABLISHED) {
        tcp->state = TCP_CLOSE_WAIT;
    } else if (tcp->state == TCP_FIN_WAIT_1) {
        tcp->state = TCP_CLOSING; /* our own is not acknowledged yet */
    } else if (tcp->state == TCP_FIN_WAIT_2) {
        tcp->state = TCP_TIME_WAITING;
        tcp->end_at = now + TCP_TIME_WAIT;
    }
}

/* ---- what arrives: the rules of RFC 9293, 3.10.7 ------------------------------------------------------------ */

static void refuse(struct tcp *tcp, const struct tcp_segment *segment)
{
    struct tcp_segment answer;
    if (tcp_refusal(&answer, segment))
        tcp->send(tcp, &answer);
}

static void input_syn_sent(struct tcp *tcp, const struct tcp_segment *segment, u64 now)
{
    bool ack = segment->flags & TCP_ACK;
    if (ack && segment->acknowledged != tcp->next) {
        refuse(tcp, segment);
        return;
    }
    if (segment->flags & TCP_RST) {
        if (ack)
            close_with(tcp, ECONNREFUSED);
        return;
    }
    if (!(segment->flags & TCP_SYN))
        return;
    take_syn(tcp, segment);
    tcp->attempts = 0;
    if (ack) {
        tcp->una = segment->acknowledged;
        tcp->resend_at = TCP_NEVER;
        tcp->state = TCP_ESTABLISHED;
        acknowledge(tcp);
        output(tcp, now);
    } else { /* both ends open at the same time */
        tcp->state = TCP_SYN_RECEIVED;
        emit(tcp, TCP_SYN | TCP_ACK, tcp->initial, NULL, 0);
    }
}

/* Whether any of it lies in the receive window (the table in 3.10.7.4). */
static bool acceptable(const struct tcp *tcp, const struct tcp_segment *segment)
{
    u32 length = segment->bytes + !!(segment->flags & TCP_SYN) + !!(segment->flags & TCP_FIN);
    u32 window = receive_window(tcp), start = segment->sequence, end = start + length - 1;
    u32 limit = tcp->expected + window;
    if (!length)
        return window ? not_after(tcp->expected, start) && before(start, limit)
                      : start == tcp->expected;
    if (!window)
        return false;
    return (not_after(tcp->expected, start) && before(start, limit)) ||
           (not_after(tcp->expected, end) && before(end, limit));
}

static void take_reset(struct tcp *tcp, const struct tcp_segment *segment)
{
    if (segment->sequence != tcp->expected) {
        acknowledge(tcp); /* RFC 5961: only the exact number resets */
        return;
    }
    close_with(tcp, tcp->state == TCP_SYN_RECEIVED ? ECONNREFUSED
                    : tcp->state >= TCP_CLOSING    ? 0
                                                   : ECONNRESET);
}

/* The handshake's third segment. False: the segment is to be dropped. */
static bool establish(struct tcp *tcp, const struct tcp_segment *segment)
{
    if (segment->acknowledged != tcp->next) {
        refuse(tcp, segment);
        return false;
    }
    tcp->una = segment->acknowledged;
    tcp->resend_at = TCP_NEVER;
    tcp->attempts = 0;
    tcp->state = tcp->finish ? TCP_FIN_WAIT_1 : TCP_ESTABLISHED;
    tcp->window = segment->window;
    tcp->window_sequence = segment->sequence;
    tcp->window_acknowledged = segment->acknowledged;
    return true;
}

void tcp_input(struct tcp *tcp, const struct tcp_segment *segment, u64 now)
{
    if (tcp->state == TCP_CLOSED)
        return;
    if (tcp->state == TCP_SYN_SENT) {
        input_syn_sent(tcp, segment, now);
        return;
    }
    if (!acceptable(tcp, segment)) {
        /* Its acknowledgement is still of use while our window is shut. */
        bool probe = !receive_window(tcp) && segment->sequence == tcp->expected;
        if (segment->flags & TCP_RST)
            return;
        acknowledge(tcp);
        if (tcp->state == TCP_TIME_WAITING && segment->flags & TCP_FIN)
            tcp->end_at = now + TCP_TIME_WAIT;
        if (probe && synchronized(tcp) && segment->flags & TCP_ACK &&
            take_acknowledgement(tcp, segment, now))
            output(tcp, now);
        return;
    }
    if (segment->flags & TCP_RST) {
        take_reset(tcp, segment);
        return;
    }
    if (segment->flags & TCP_SYN) {
        acknowledge(tcp);
        return;
    }
    if (!(segment->flags & TCP_ACK))
        return;
    if (tcp->state == TCP_SYN_RECEIVED && !establish(tcp, segment))
        return;
    if (!take_acknowledgement(tcp, segment, now))
        return;
    bool to_answer = segment->bytes || segment->flags & TCP_FIN;
    u32 before_next = tcp->next, before_expected = tcp->expected;
    if (tcp->state == TCP_ESTABLISHED || tcp->state == TCP_FIN_WAIT_1 ||
        tcp->state == TCP_FIN_WAIT_2) {
        if (segment->bytes)
            take_data(tcp, segment);
        if (segment->flags & TCP_FIN) {
            tcp->finish_known = true;
            tcp->finish_sequence = segment->sequence + segment->bytes;
        }
        take_finish(tcp, now);
    }
    output(tcp, now);
    if (to_answer && (tcp->next == before_next || tcp->expected == before_expected))
        acknowledge(tcp); /* unless it went with data of ours */
}

/* ---- time ------------------------------------------------------------------------------------------------------ */

u64 tcp_deadline(const struct tcp *tcp)
{
    return MIN(tcp->resend_at, tcp->end_at);
}

static void resend(struct tcp *tcp, u64 now)
{
    bool opening = !synchronized(tcp), probing = !opening && !tcp->window && tcp->out_bytes;
    if (!probing && tcp->attempts++ >= (opening ? ATTEMPTS_SYN : ATTEMPTS)) {
        close_with(tcp, ETIMEDOUT);
        return;
    }
    tcp->timeout = MIN(tcp->timeout * 2, TIMEOUT_MAXIMUM);
    tcp->resend_at = now + tcp->timeout;
    if (opening) {
        emit(tcp, TCP_SYN | (tcp->state == TCP_SYN_RECEIVED ? TCP_ACK : 0), tcp->initial, NULL, 0);
        tcp->timing = false;
        return;
    }
    lose(tcp);
    tcp->congestion_window = tcp->mss;
    tcp->next = tcp->una;
    if (!probing) {
        output(tcp, now);
        return;
    }
    emit_data(tcp, 0, 1, false);
    tcp->next = tcp->una + 1;
    if (before(tcp->highest, tcp->next))
        tcp->highest = tcp->next;
}

void tcp_tick(struct tcp *tcp, u64 now)
{
    if (tcp->end_at <= now)
        close_with(tcp, 0);
    else if (tcp->resend_at <= now)
        resend(tcp, now);
}
