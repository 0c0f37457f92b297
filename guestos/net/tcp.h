/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tcp.h - one end of a TCP connection (RFC 9293)
 *
 * A connection is a value with two rings of bytes. It is driven from outside: by the program's
 * side (write, read, close), by segments that arrive, and by the clock; it answers by calling send().
 * It knows neither sockets nor addresses nor where time comes from, so that the unit tests can put a bad
 * network between two of them.
 *
 * Times are nanoseconds of any clock that does not go backwards.
 */
#ifndef GUESTOS_TCP_H
#define GUESTOS_TCP_H

#include "guestos/kernel/types.h"

#define TCP_FIN 0x01u
#define TCP_SYN 0x02u
#define TCP_RST 0x04u
#define TCP_PSH 0x08u
#define TCP_ACK 0x10u

#define TCP_RING         16384u /* bytes each way; a power of two, below 64 K: no window scaling */
#define TCP_MSS_DEFAULT  536u   /* if the other end names none (RFC 9293, 3.7.1) */
#define TCP_RANGES       4      /* pieces kept that came before their turn */
#define TCP_NEVER        (~0ull)
#define TCP_TIME_WAIT    60000000000ull /* twice a maximum segment lifetime of 30 s */
#define TCP_HEADER_LIMIT 60u

enum tcp_state {
    TCP_CLOSED,
    TCP_SYN_SENT,
    TCP_SYN_RECEIVED,
    TCP_ESTABLISHED,
    TCP_FIN_WAIT_1,
    TCP_FIN_WAIT_2,
    TCP_CLOSE_WAIT,
    TCP_CLOSING,
    TCP_LAST_ACK,
    TCP_TIME_WAITING,
};

struct tcp_segment {
    u32 sequence, acknowledged;
    u16 window, mss; /* mss: 0, or the option's value (SYN) */
    u8 flags;
    const u8 *data;
    u32 bytes;
};

struct tcp {
    enum tcp_state state;
    int error; /* why it is closed: 0 or a positive errno */
    void (*send)(struct tcp *tcp, const struct tcp_segment *segment);
    u16 mss;           /* of what we send */
    u16 announced_mss; /* of what we want to get */
    bool no_delay;     /* TCP_NODELAY: no Nagle */

    /* Sending: RFC 9293, 3.3.1 has the picture. The ring's first byte has sequence number `una`. */
    u8 *out; /* TCP_RING bytes, the owner's */
    u32 out_first, out_bytes;
    u32 initial, una, next, highest; /* SND.ISS, UNA, NXT; the highest that NXT has been */
    u32 window, window_sequence, window_acknowledged; /* SND.WND, WL1, WL2 */
    bool finish;                                      /* FIN follows the last byte */

    /* Receiving. */
    u8 *in; /* TCP_RING bytes, the owner's */
    u32 in_first, in_bytes;
    u32 expected;   /* RCV.NXT */
    u32 advertised; /* sequence number after the window that we last announced */
    struct {
        u32 start, end;
    } range[TCP_RANGES];         /* came early; empty: start == end */
    bool finish_known, finished; /* FIN has come; and everything before it */
    u32 finish_sequence;

    /* Time: RFC 6298. Congestion: RFC 5681. */
    u64 resend_at, end_at; /* TCP_NEVER; end_at: of TIME-WAIT */
    u64 timeout, smoothed, variation;
    u32 attempts;
    bool timing;
    u32 timed_sequence;
    u64 timed_at;
    u32 congestion_window, threshold, duplicates;
};

/* The caller has set out, in, send, announced_mss; the rest is zero. */
void tcp_connect(struct tcp *tcp, u32 initial, u64 now);
/* Answers a SYN. */
void tcp_accept(struct tcp *tcp, const struct tcp_segment *syn, u32 initial, u64 now);

/* Takes as many bytes as there is room for; 0: none now. Only while tcp_writable(). */
u32 tcp_write(struct tcp *tcp, const void *from, u32 bytes, u64 now);
/* Gives as many bytes as there are; `keep` leaves them to be read again. */
u32 tcp_read(struct tcp *tcp, void *to, u32 bytes, bool keep);
/* No more will be written: FIN after what is in the ring. */
void tcp_finish(struct tcp *tcp, u64 now);
/* Ends it at once, and tells the other end. */
void tcp_abort(struct tcp *tcp);

void tcp_input(struct tcp *tcp, const struct tcp_segment *segment, u64 now);
void tcp_tick(struct tcp *tcp, u64 now);
u64 tcp_deadline(const struct tcp *tcp); /* when tcp_tick() has something to do; TCP_NEVER */

/* Whether data may still be written, data may still come. */
bool tcp_writable(const struct tcp *tcp);
static inline u32 tcp_room(const struct tcp *tcp)
{
    return TCP_RING - tcp->out_bytes;
}

/* ---- tcp_wire.c -------------------------------------------------------------------------------- */

/* Header with checksum into `to` (at least TCP_HEADER_LIMIT + bytes); the length with data. */
u32 tcp_encode(const struct tcp_segment *segment, u32 source, u32 destination, u16 source_port,
               u16 destination_port, u8 *to);
/* False: broken in some way, and to be dropped. `segment` points into the packet. */
bool tcp_decode(struct tcp_segment *segment, u32 source, u32 destination, const u8 *packet,
                u32 bytes);
/* What answers a segment that belongs to no connection. False: nothing does. */
bool tcp_refusal(struct tcp_segment *answer, const struct tcp_segment *segment);

#endif
