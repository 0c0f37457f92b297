/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tcp_input.c - the bytes that a connection gets, put in order
 *
 * Bytes that come early are put at their place in the ring beyond in_bytes, and `range` notes which
 * places are filled. What does not fit into the few ranges is dropped, and will be sent again.
 */
#include "guestos/net/tcp/tcp_internal.h"
#include "guestos/kernel/lib.h"

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
    uint32_t at = (tcp->in_first + tcp->in_bytes + (start - tcp->rcv_nxt)) % TCP_RING;
    uint32_t first = MIN(end - start, TCP_RING - at);
    memcpy(tcp->in + at, data, first);
    memcpy(tcp->in, data + first, end - start - first);
    take_ranges(tcp);
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
