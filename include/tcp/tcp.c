/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tcp.c - the state machine of one end of a connection
 *
 * Its parts: what is sent is in tcp_output.c, what acknowledgements say in tcp_recover.c, the order
 * of what arrives in tcp_input.c, rings in tcp_ring.c, the wire's format in tcp_wire.c. Here is
 * what moves the state: opening, the program's side, the rules by which a segment is taken
 * (RFC 9293, 3.10.7), and time.
 *
 * Sequence numbers are compared modulo 2^32 (RFC 9293, 3.4). The timer of lost segments also probes
 * a window of zero.
 *
 * Both ends name a factor for their windows and put timestamps into all segments, if both can
 * (RFC 7323). By those a segment of long ago is known, whose number has come round again.
 */
#include "include/tcp/tcp_internal.h"

#define ATTEMPTS     8 /* more than 100 s (RFC 9293, 3.8.3, R2) */
#define ATTEMPTS_SYN 6

bool tcp_writable(const struct tcp *tcp)
{
    return !tcp->finish && (tcp->state == TCP_ESTABLISHED || tcp->state == TCP_CLOSE_WAIT);
}

void tcp_close_with(struct tcp *tcp, int error)
{
    tcp->state = TCP_CLOSED;
    tcp->error = error;
    tcp->resend_at = tcp->end_at = tcp->ack_at = tcp->cork_at = TCP_NEVER;
}

/* ---- opening --------------------------------------------------------------------------------- */

static void begin(struct tcp *tcp, uint32_t iss, uint64_t now)
{
    tcp->now = now;
    tcp->iss = tcp->snd_una = tcp->recover = iss;
    tcp->snd_nxt = tcp->snd_max = iss + 1;
    tcp->mss = TCP_MSS_DEFAULT;
    tcp->rto = RTO_INITIAL;
    tcp->resend_at = tcp->end_at = tcp->ack_at = tcp->cork_at = TCP_NEVER;
    tcp->ssthresh = ~0u;
    tcp->quick = QUICK_ACKS;
    tcp->rcv_scale = TCP_SCALE;
    tcp->stamps = true;
}

/* The other end's SYN, which both ways of opening take note of. */
static void take_syn(struct tcp *tcp, const struct tcp_segment *syn)
{
    tcp->rcv_nxt = tcp->rcv_acked = syn->seq + 1;
    tcp->snd_scale = syn->scale ? syn->scale - 1 : 0;
    if (!syn->scale)
        tcp->rcv_scale = 0;
    tcp->stamps = syn->stamped;
    tcp->ts_recent = syn->stamp;
    uint32_t mss = MIN(syn->mss ? syn->mss : TCP_MSS_DEFAULT, tcp->announced_mss);
    tcp->mss = (uint16_t)(MAX(mss, 64u) - (tcp->stamps ? STAMP_BYTES : 0));
    tcp->cwnd = 10 * tcp->mss; /* RFC 6928 */
    tcp->snd_wnd = syn->wnd;
    tcp->snd_wl1 = syn->seq;
    tcp->snd_wl2 = syn->ack;
}

void tcp_connect(struct tcp *tcp, uint32_t iss, uint64_t now)
{
    begin(tcp, iss, now);
    tcp->state = TCP_SYN_SENT;
    tcp_emit(tcp, TCP_SYN, tcp->iss);
    tcp_start_timer(tcp, now);
}

void tcp_accept(struct tcp *tcp, const struct tcp_segment *syn, uint32_t iss, uint64_t now)
{
    begin(tcp, iss, now);
    take_syn(tcp, syn);
    tcp->state = TCP_SYN_RECEIVED;
    tcp_emit(tcp, TCP_SYN | TCP_ACK, tcp->iss);
    tcp_start_timer(tcp, now);
}

/* ---- the program's side ---------------------------------------------------------------------- */

void tcp_finish(struct tcp *tcp, uint64_t now)
{
    if (tcp->finish || tcp->state == TCP_CLOSED)
        return;
    if (tcp->state == TCP_SYN_SENT) {
        tcp_close_with(tcp, 0);
        return;
    }
    tcp->now = now;
    tcp->finish = true;
    if (tcp->state == TCP_ESTABLISHED)
        tcp->state = TCP_FIN_WAIT_1;
    else if (tcp->state == TCP_CLOSE_WAIT)
        tcp->state = TCP_LAST_ACK;
    tcp_output(tcp, now); /* in SYN-RECEIVED: as soon as the handshake is over */
}

void tcp_abort(struct tcp *tcp)
{
    if (tcp->state >= TCP_SYN_RECEIVED && tcp->state != TCP_TIME_WAIT)
        tcp_emit(tcp, TCP_RST | TCP_ACK, tcp->snd_nxt);
    tcp_close_with(tcp, TCP_ENDED_RESET);
}

/* ---- what arrives: the rules of RFC 9293, 3.10.7 --------------------------------------------- */

static void refuse(struct tcp *tcp, const struct tcp_segment *segment)
{
    struct tcp_segment answer;

    if (tcp_refusal(&answer, segment))
        tcp->send(tcp, &answer);
}

static void input_syn_sent(struct tcp *tcp, const struct tcp_segment *segment, uint64_t now)
{
    bool ack = segment->flags & TCP_ACK;

    if (ack && segment->ack != tcp->snd_nxt) {
        refuse(tcp, segment);
        return;
    }
    if (segment->flags & TCP_RST) {
        if (ack)
            tcp_close_with(tcp, TCP_ENDED_REFUSED);
        return;
    }
    if (!(segment->flags & TCP_SYN))
        return;
    take_syn(tcp, segment);
    tcp->attempts = 0;
    if (ack) {
        tcp->snd_una = segment->ack;
        tcp->resend_at = TCP_NEVER;
        tcp->state = TCP_ESTABLISHED;
        tcp_acknowledge(tcp);
        tcp_output(tcp, now);
    } else { /* both ends open at the same time */
        tcp->state = TCP_SYN_RECEIVED;
        tcp_emit(tcp, TCP_SYN | TCP_ACK, tcp->iss);
    }
}

/* Whether any of it lies in the receive window (the table in 3.10.7.4). */
static bool acceptable(const struct tcp *tcp, const struct tcp_segment *segment)
{
    uint32_t length = segment->bytes + !!(segment->flags & TCP_SYN) + !!(segment->flags & TCP_FIN);
    uint32_t window = rcv_wnd(tcp), start = segment->seq, end = start + length - 1;
    uint32_t limit = tcp->rcv_nxt + window;

    if (!length)
        return window ? not_after(tcp->rcv_nxt, start) && before(start, limit)
                      : start == tcp->rcv_nxt;
    if (!window)
        return false;
    return (not_after(tcp->rcv_nxt, start) && before(start, limit)) ||
           (not_after(tcp->rcv_nxt, end) && before(end, limit));
}

static void take_reset(struct tcp *tcp, const struct tcp_segment *segment)
{
    if (segment->seq != tcp->rcv_nxt) {
        tcp_acknowledge(tcp); /* RFC 5961: only the exact number resets */
        return;
    }
    tcp_close_with(tcp, tcp->state == TCP_SYN_RECEIVED ? TCP_ENDED_REFUSED
                        : tcp->state >= TCP_CLOSING    ? 0
                                                       : TCP_ENDED_RESET);
}

/* The handshake's third segment. False: the segment is to be dropped. */
static bool establish(struct tcp *tcp, const struct tcp_segment *segment)
{
    if (segment->ack != tcp->snd_nxt) {
        refuse(tcp, segment);
        return false;
    }
    tcp->snd_una = segment->ack;
    tcp->resend_at = TCP_NEVER;
    tcp->attempts = 0;
    tcp->state = tcp->finish ? TCP_FIN_WAIT_1 : TCP_ESTABLISHED;
    tcp->snd_wnd = tcp_window_of(tcp, segment);
    tcp->snd_wl1 = segment->seq;
    tcp->snd_wl2 = segment->ack;
    return true;
}

/* Not in the window, or of long ago. */
static void refuse_segment(struct tcp *tcp, const struct tcp_segment *segment, uint64_t now)
{
    /* Its acknowledgement is still of use while our window is shut. */
    bool probe = !rcv_wnd(tcp) && segment->seq == tcp->rcv_nxt;

    if (segment->flags & TCP_RST)
        return;
    tcp_acknowledge(tcp);
    if (tcp->state == TCP_TIME_WAIT && segment->flags & TCP_FIN)
        tcp->end_at = now + TCP_2MSL;
    if (probe && synchronized(tcp) && segment->flags & TCP_ACK &&
        tcp_take_acknowledgement(tcp, segment, now))
        tcp_output(tcp, now);
}

/* PAWS (RFC 7323, 5.3): whether its timestamp is older than one that has come. */
static bool is_old(const struct tcp *tcp, const struct tcp_segment *segment)
{
    return tcp->stamps && segment->stamped && !(segment->flags & TCP_RST) &&
           before(segment->stamp, tcp->ts_recent);
}

void tcp_input(struct tcp *tcp, const struct tcp_segment *segment, uint64_t now)
{
    if (tcp->state == TCP_CLOSED)
        return;
    tcp->now = now;
    if (tcp->state == TCP_SYN_SENT) {
        input_syn_sent(tcp, segment, now);
        return;
    }
    if (is_old(tcp, segment) || !acceptable(tcp, segment)) {
        refuse_segment(tcp, segment, now);
        return;
    }
    if (segment->stamped && not_after(segment->seq, tcp->rcv_acked))
        tcp->ts_recent = segment->stamp;
    if (segment->flags & TCP_RST) {
        take_reset(tcp, segment);
        return;
    }
    if (segment->flags & TCP_SYN) {
        tcp_acknowledge(tcp);
        return;
    }
    if (!(segment->flags & TCP_ACK))
        return;
    if (tcp->state == TCP_SYN_RECEIVED && !establish(tcp, segment))
        return;
    if (!tcp_take_acknowledgement(tcp, segment, now))
        return;
    bool to_answer = segment->bytes || segment->flags & TCP_FIN;
    uint32_t before_expected = tcp->rcv_nxt;
    if (tcp->state == TCP_ESTABLISHED || tcp->state == TCP_FIN_WAIT_1 ||
        tcp->state == TCP_FIN_WAIT_2) {
        if (segment->bytes)
            tcp_take_data(tcp, segment);
        if (segment->flags & TCP_FIN) {
            tcp->finish_known = true;
            tcp->finish_sequence = segment->seq + segment->bytes;
        }
        tcp_take_finish(tcp, now);
    }
    tcp_output(tcp, now);
    if (to_answer)
        tcp_answer(tcp, segment, before_expected, now);
}

/* ---- time ------------------------------------------------------------------------------------ */

uint64_t tcp_deadline(const struct tcp *tcp)
{
    return MIN(MIN(tcp->resend_at, tcp->end_at), MIN(tcp->ack_at, tcp->cork_at));
}

static void resend(struct tcp *tcp, uint64_t now)
{
    bool opening = !synchronized(tcp), probing = !opening && !tcp->snd_wnd && tcp->out_bytes;

    if (!probing && tcp->attempts++ >= (opening ? ATTEMPTS_SYN : ATTEMPTS)) {
        tcp_close_with(tcp, TCP_ENDED_TIMED_OUT);
        return;
    }
    tcp->rto = MIN(tcp->rto * 2, RTO_MAXIMUM);
    tcp->resend_at = now + tcp->rto;
    if (opening) {
        tcp_emit(tcp, TCP_SYN | (tcp->state == TCP_SYN_RECEIVED ? TCP_ACK : 0), tcp->iss);
        tcp->timing = false;
        return;
    }
    tcp_lose(tcp);
    tcp->recovering = false;
    tcp->recover = tcp->snd_max;
    tcp->cwnd = tcp->mss;
    tcp->snd_nxt = tcp->snd_una;
    if (!probing) {
        tcp_output(tcp, now);
        return;
    }
    tcp_emit_data(tcp, 0, 1, false);
    tcp->snd_nxt = tcp->snd_una + 1;
    if (before(tcp->snd_max, tcp->snd_nxt))
        tcp->snd_max = tcp->snd_nxt;
}

void tcp_tick(struct tcp *tcp, uint64_t now)
{
    tcp->now = now;
    if (tcp->end_at <= now) {
        tcp_close_with(tcp, 0);
        return;
    }
    if (tcp->resend_at <= now)
        resend(tcp, now);
    if (tcp->ack_at <= now)
        tcp_acknowledge(tcp);
    if (tcp->cork_at <= now)
        tcp_output(tcp, now);
}
