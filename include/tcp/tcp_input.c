/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tcp_input.c - the bytes that a connection gets, put in order
 *
 * Bytes that come early are put at their place in the ring beyond in_bytes, and `range` notes which
 * places are filled. What does not fit into the few ranges is dropped, and will be sent again.
 *
 * An acknowledgement waits for a second segment, for data of ours to go with, or for 40 ms
 * (RFC 1122, 4.2.3.2). It does not wait if something is missing or has filled a gap, as the sender
 * finds out by it what was lost (RFC 5681, 4.2); nor for the first segments, by which a sender
 * learns how fast it may go.
 */
#include "include/tcp/tcp_internal.h"

/* Notes start..end as filled. False: no range is free. */
static bool note_range(struct tcp *tcp, uint32_t start, uint32_t end)
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
            not_after(tcp->range[i].start, tcp->rcv_nxt)) {
            if (before(tcp->rcv_nxt, tcp->range[i].end)) {
                tcp->in_bytes += tcp->range[i].end - tcp->rcv_nxt;
                tcp->rcv_nxt = tcp->range[i].end;
            }
            tcp->range[i].start = tcp->range[i].end = 0;
            i = -1;
        }
}

void tcp_take_data(struct tcp *tcp, const struct tcp_segment *segment)
{
    const uint8_t *data = segment->data;
    uint32_t start = segment->seq, end = start + segment->bytes;
    uint32_t limit = tcp->rcv_nxt + rcv_wnd(tcp);

    if (before(start, tcp->rcv_nxt)) {
        data += tcp->rcv_nxt - start;
        start = tcp->rcv_nxt;
    }
    if (before(limit, end))
        end = limit;
    if (not_after(end, start) || !note_range(tcp, start, end))
        return;
    uint32_t at = (tcp->in_first + tcp->in_bytes + (start - tcp->rcv_nxt)) % tcp->in_size;
    uint32_t first = MIN(end - start, tcp->in_size - at);
    memcpy(tcp->in + at, data, first);
    memcpy(tcp->in, data + first, end - start - first);
    uint32_t before_expected = tcp->rcv_nxt;
    take_ranges(tcp);
    tcp->in_taken += tcp->rcv_nxt - before_expected;
    tcp->rcv_mss = MAX(tcp->rcv_mss, segment->bytes);
}

void tcp_take_finish(struct tcp *tcp, uint64_t now)
{
    if (!tcp->finish_known || tcp->finished || tcp->rcv_nxt != tcp->finish_sequence)
        return;
    tcp->rcv_nxt++;
    tcp->finished = true;
    if (tcp->state == TCP_ESTABLISHED) {
        tcp->state = TCP_CLOSE_WAIT;
    } else if (tcp->state == TCP_FIN_WAIT_1) {
        tcp->state = TCP_CLOSING; /* our own is not acknowledged yet */
    } else if (tcp->state == TCP_FIN_WAIT_2) {
        tcp->state = TCP_TIME_WAIT;
        tcp->end_at = now + TCP_2MSL;
    }
}

static bool has_gaps(const struct tcp *tcp)
{
    for (int i = 0; i < TCP_RANGES; i++)
        if (tcp->range[i].start != tcp->range[i].end)
            return true;
    return false;
}

void tcp_answer(struct tcp *tcp, const struct tcp_segment *segment, uint32_t before_expected,
                uint64_t now)
{
    uint32_t advanced = tcp->rcv_nxt - before_expected;
    bool in_order = advanced && advanced <= segment->bytes && !has_gaps(tcp);

    if (in_order && tcp->rcv_acked == tcp->rcv_nxt)
        return; /* it went with data of ours */
    if (!in_order || tcp->quick || tcp->finished || tcp->rcv_nxt - tcp->rcv_acked > tcp->rcv_mss) {
        tcp->quick -= tcp->quick != 0;
        tcp_acknowledge(tcp);
    } else if (tcp->ack_at == TCP_NEVER) {
        tcp->ack_at = now + ACK_DELAY;
    }
}
