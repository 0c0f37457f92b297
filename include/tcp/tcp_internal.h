/* SPDX-License-Identifier: GPL-2.0-only */
/* tcp_internal.h - what the parts of a connection's state machine ask of each other */
#ifndef GUESTOS_TCP_INTERNAL_H
#define GUESTOS_TCP_INTERNAL_H

#include "include/freestanding/string.h"
#include "include/tcp/tcp.h"

#ifndef MIN
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#endif

#define MILLISECOND 1000000ull
#define RTO_INITIAL (1000 * MILLISECOND) /* RFC 6298, 2.1 */
#define RTO_MINIMUM (200 * MILLISECOND)  /* Linux's; the RFC has 1 s for coarse clocks */
#define RTO_MAXIMUM (60000 * MILLISECOND)
#define ACK_DELAY   (40 * MILLISECOND)  /* Linux's least; RFC 1122, 4.2.3.2: below 500 ms */
#define CORK_LIMIT  (200 * MILLISECOND) /* tcp(7) */
#define QUICK_ACKS  16                  /* while a sender's window is small */
#define STAMP_BYTES 12u                 /* of a header, where both ends send timestamps */

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
    return tcp->in_size - tcp->in_bytes;
}

/* Of a timestamp: a little more than a millisecond. */
static inline uint32_t stamp_of(uint64_t now)
{
    return (uint32_t)(now >> 20);
}

/* Whether the handshake is over. */
static inline bool synchronized(const struct tcp *tcp)
{
    return tcp->state >= TCP_ESTABLISHED;
}

/* ---- tcp_output.c ---------------------------------------------------------------------------- */

/* Sends one segment without data, with the current window and, with TCP_ACK, all that has come
 * acknowledged. */
void tcp_emit(struct tcp *tcp, uint32_t flags, uint32_t sequence);
/* Sends an acknowledgement without data. */
void tcp_acknowledge(struct tcp *tcp);
/* One segment of ring bytes from `offset` on, perhaps with the FIN. */
void tcp_emit_data(struct tcp *tcp, uint32_t offset, uint32_t bytes, bool fin);
/* The first segment that is not acknowledged, again. */
void tcp_emit_first(struct tcp *tcp);
/* Sends what the windows allow. */
void tcp_output(struct tcp *tcp, uint64_t now);
/* The timer of the oldest unacknowledged number runs from now on, if it does not already. */
void tcp_start_timer(struct tcp *tcp, uint64_t now);

/* ---- tcp_recover.c --------------------------------------------------------------------------- */

/* Something was lost: half of what is in flight is the new threshold of slow growth. */
void tcp_lose(struct tcp *tcp);
/* The window of a segment, in bytes. */
uint32_t tcp_window_of(const struct tcp *tcp, const struct tcp_segment *segment);
/* What a segment acknowledges and allows. False: the segment is to be dropped. */
bool tcp_take_acknowledgement(struct tcp *tcp, const struct tcp_segment *segment, uint64_t now);

/* ---- tcp_input.c ----------------------------------------------------------------------------- */

/* The part of a segment that lies in the window goes to its place; what is in order can be read. */
void tcp_take_data(struct tcp *tcp, const struct tcp_segment *segment);
/* The other end's FIN, once everything before it has come. */
void tcp_take_finish(struct tcp *tcp, uint64_t now);
/* What has come is acknowledged: at once, or a little later. before: RCV.NXT before it came. */
void tcp_answer(struct tcp *tcp, const struct tcp_segment *segment, uint32_t before, uint64_t now);

#endif
