/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tcp.c - the state machine of one end of a connection
 *
 * Its parts: what is sent and acknowledged is in tcp_output.c, the order of what arrives in
 * tcp_input.c, the wire's format in tcp_wire.c. Here is what moves the state: opening, the
 * program's side, the rules by which a segment is taken (RFC 9293, 3.10.7), and time.
 *
 * Sequence numbers are compared modulo 2^32 (RFC 9293, 3.4). The timer of lost segments also probes
 * a window of zero.
 *
 * Acknowledgements are sent at once: a delay would save segments on a real network, but here it
 * would only set timers.
 */
#include "guestos/net/tcp/tcp_internal.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"

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
    tcp->resend_at = tcp->end_at = TCP_NEVER;
}

/* ---- opening --------------------------------------------------------------------------------- */

static void begin(struct tcp *tcp, uint32_t iss)
{
    tcp->iss = tcp->snd_una = iss;
    tcp->snd_nxt = tcp->snd_max = iss + 1;
    tcp->mss = TCP_MSS_DEFAULT;
    tcp->rto = RTO_INITIAL;
    tcp->resend_at = tcp->end_at = TCP_NEVER;
    tcp->ssthresh = ~0u;
}

/* The other end's SYN, which both ways of opening take note of. */
static void take_syn(struct tcp *tcp, const struct tcp_segment *syn)
{
    tcp->rcv_nxt = syn->seq + 1;
    tcp->mss = MIN(syn->mss ? syn->mss : TCP_MSS_DEFAULT, tcp->announced_mss);
    tcp->mss = MAX(tcp->mss, 64);
    tcp->cwnd = 10 * tcp->mss; /* RFC 6928 */
    tcp->snd_wnd = syn->wnd;
    tcp->snd_wl1 = syn->seq;
    tcp->snd_wl2 = syn->ack;
}

void tcp_connect(struct tcp *tcp, uint32_t iss, uint64_t now)
{
    begin(tcp, iss);
    tcp->state = TCP_SYN_SENT;
    tcp_emit(tcp, TCP_SYN, tcp->iss, NULL, 0);
    tcp_start_timer(tcp, now);
}

void tcp_accept(struct tcp *tcp, const struct tcp_segment *syn, uint32_t iss, uint64_t now)
{
    begin(tcp, iss);
    take_syn(tcp, syn);
    tcp->state = TCP_SYN_RECEIVED;
    tcp_emit(tcp, TCP_SYN | TCP_ACK, tcp->iss, NULL, 0);
    tcp_start_timer(tcp, now);
}

/* ---- the program's side ---------------------------------------------------------------------- */

uint32_t tcp_write(struct tcp *tcp, const void *from, uint32_t bytes, uint64_t now)
{
    bytes = MIN(bytes, tcp_room(tcp));
    uint32_t at = (tcp->out_first + tcp->out_bytes) % TCP_RING, first = MIN(bytes, TCP_RING - at);
    memcpy(tcp->out + at, from, first);
    memcpy(tcp->out, (const uint8_t *)from + first, bytes - first);
    tcp->out_bytes += bytes;
    tcp_output(tcp, now);
    return bytes;
}

uint32_t tcp_read(struct tcp *tcp, void *to, uint32_t bytes, bool keep)
{
    bytes = MIN(bytes, tcp->in_bytes);
    uint32_t first = MIN(bytes, TCP_RING - tcp->in_first);
    memcpy(to, tcp->in + tcp->in_first, first);
    memcpy((uint8_t *)to + first, tcp->in, bytes - first);
    if (keep)
        return bytes;
    tcp->in_first = (tcp->in_first + bytes) % TCP_RING;
    tcp->in_bytes -= bytes;
    /* The window is announced anew once it has opened by much (RFC 9293, 3.8.6.2.2). */
    uint32_t opened = tcp->rcv_nxt + rcv_wnd(tcp) - tcp->rcv_adv;
    if (opened >= MIN(2u * tcp->mss, TCP_RING / 2) && synchronized(tcp) && !tcp->finished)
        tcp_acknowledge(tcp);
    return bytes;
}

void tcp_finish(struct tcp *tcp, uint64_t now)
{
    if (tcp->finish || tcp->state == TCP_CLOSED)
        return;
    if (tcp->state == TCP_SYN_SENT) {
        tcp_close_with(tcp, 0);
        return;
    }
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
        tcp_emit(tcp, TCP_RST | TCP_ACK, tcp->snd_nxt, NULL, 0);
    tcp_close_with(tcp, ECONNRESET);
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
            tcp_close_with(tcp, ECONNREFUSED);
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
        tcp_emit(tcp, TCP_SYN | TCP_ACK, tcp->iss, NULL, 0);
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
    tcp_close_with(tcp, tcp->state == TCP_SYN_RECEIVED ? ECONNREFUSED
                        : tcp->state >= TCP_CLOSING    ? 0
                                                       : ECONNRESET);
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
    tcp->snd_wnd = segment->wnd;
    tcp->snd_wl1 = segment->seq;
    tcp->snd_wl2 = segment->ack;
    return true;
}

void tcp_input(struct tcp *tcp, const struct tcp_segment *segment, uint64_t now)
{
    if (tcp->state == TCP_CLOSED)
        return;
    if (tcp->state == TCP_SYN_SENT) {
        input_syn_sent(tcp, segment, now);
        return;
    }
    if (!acceptable(tcp, segment)) {
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
        return;
    }
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
    uint32_t before_next = tcp->snd_nxt, before_expected = tcp->rcv_nxt;
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
    if (to_answer && (tcp->snd_nxt == before_next || tcp->rcv_nxt == before_expected))
        tcp_acknowledge(tcp); /* unless it went with data of ours */
}

/* ---- time ------------------------------------------------------------------------------------ */

uint64_t tcp_deadline(const struct tcp *tcp)
{
    return MIN(tcp->resend_at, tcp->end_at);
}

static void resend(struct tcp *tcp, uint64_t now)
{
    bool opening = !synchronized(tcp), probing = !opening && !tcp->snd_wnd && tcp->out_bytes;

    if (!probing && tcp->attempts++ >= (opening ? ATTEMPTS_SYN : ATTEMPTS)) {
        tcp_close_with(tcp, ETIMEDOUT);
        return;
    }
    tcp->rto = MIN(tcp->rto * 2, RTO_MAXIMUM);
    tcp->resend_at = now + tcp->rto;
    if (opening) {
        tcp_emit(tcp, TCP_SYN | (tcp->state == TCP_SYN_RECEIVED ? TCP_ACK : 0), tcp->iss, NULL, 0);
        tcp->timing = false;
        return;
    }
    tcp_lose(tcp);
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
    if (tcp->end_at <= now)
        tcp_close_with(tcp, 0);
    else if (tcp->resend_at <= now)
        resend(tcp, now);
}
