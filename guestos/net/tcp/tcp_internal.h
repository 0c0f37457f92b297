/* SPDX-License-Identifier: GPL-2.0-only */
/* tcp_internal.h - what the parts of a connection's state machine ask of each other */
#ifndef GUESTOS_TCP_INTERNAL_H
#define GUESTOS_TCP_INTERNAL_H

#include "guestos/net/tcp/tcp.h"

#define MILLISECOND 1000000ull
#define RTO_INITIAL (1000 * MILLISECOND) /* RFC 6298, 2.1 */
#define RTO_MINIMUM (200 * MILLISECOND)  /* Linux's; the RFC has 1 s for coarse clocks */
#define RTO_MAXIMUM (60000 * MILLISECOND)

/* Sequence numbers, modulo 2^32. */
static inline bool before(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) < 0;
}

static inline bool not_after(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) <= 0;
}

static inline uint32_t rcv_wnd(const struct tcp *tcp)
{
    return TCP_RING - tcp->in_bytes;
}

/* Whether the handshake is over. */
static inline bool synchronized(const struct tcp *tcp)
{
    return tcp->state >= TCP_ESTABLISHED;
}

/* ---- tcp_output.c ---------------------------------------------------------------------------- */

/* Sends one segment with the current window and, with TCP_ACK, all that has come acknowledged. */
void tcp_emit(struct tcp *tcp, uint32_t flags, uint32_t sequence, const uint8_t *data,
              uint32_t bytes);
/* Sends an acknowledgement without data. */
void tcp_acknowledge(struct tcp *tcp);
/* One segment of ring bytes from `offset` on, perhaps with the FIN. Handles the ring's seam. */
void tcp_emit_data(struct tcp *tcp, uint32_t offset, uint32_t bytes, bool fin);
/* Sends what the windows allow. */
void tcp_output(struct tcp *tcp, uint64_t now);
/* The timer of the oldest unacknowledged number runs from now on, if it does not already. */
void tcp_start_timer(struct tcp *tcp, uint64_t now);
/* Something was lost: half of what is in flight is the new threshold of slow growth. */
void tcp_lose(struct tcp *tcp);
/* What a segment acknowledges and allows. False: the segment is to be dropped. */
bool tcp_take_acknowledgement(struct tcp *tcp, const struct tcp_segment *segment, uint64_t now);

/* ---- tcp_input.c ----------------------------------------------------------------------------- */

/* The part of a segment that lies in the window goes to its place; what is in order can be read. */
void tcp_take_data(struct tcp *tcp, const struct tcp_segment *segment);
/* The other end's FIN, once everything before it has come. */
void tcp_take_finish(struct tcp *tcp, uint64_t now);

#endif
