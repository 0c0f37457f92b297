/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tcp.h - one end of a TCP connection (RFC 9293)
 *
 * A connection is a value with two rings of bytes. It is driven from outside: by the program's side
 * (write, read, close), by segments that arrive, and by the clock; it answers by calling send(). It
 * knows neither sockets nor addresses nor where time comes from, so that the unit tests can put a
 * bad network between two of them.
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
#define TCP_2MSL         60000000000ull /* twice a maximum segment lifetime of 30 s */
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
    TCP_TIME_WAIT,
};

struct tcp_segment {
    uint32_t seq, ack; /* SEG.SEQ, SEG.ACK */
    uint16_t wnd, mss; /* SEG.WND; mss: 0, or the option's value (SYN) */
    uint8_t flags;
    const uint8_t *data;
    uint32_t bytes;
};

struct tcp {
    enum tcp_state state;
    int error; /* why it is closed: 0 or a positive errno */
    void (*send)(struct tcp *tcp, const struct tcp_segment *segment);
    uint16_t mss;           /* of what we send */
    uint16_t announced_mss; /* of what we want to get */
    bool no_delay;          /* TCP_NODELAY: no Nagle */

    /*
     * Send sequence variables (RFC 9293, 3.3.1, with a picture). out_first is the place of SND.UNA.
     */
    uint8_t *out; /* TCP_RING bytes, the owner's */
    uint32_t out_first, out_bytes;
    uint32_t iss;              /* ISS: the number of our SYN */
    uint32_t snd_una, snd_nxt; /* SND.UNA, SND.NXT */
    uint32_t snd_max;          /* the highest that SND.NXT has been */
    uint32_t snd_wnd, snd_wl1,
        snd_wl2; /* SND.WND, and the segment it came with: SND.WL1, SND.WL2 */
    bool finish; /* FIN follows the last byte */

    /* Receive sequence variables. IRS is not kept: nothing needs it once RCV.NXT is IRS + 1. */
    uint8_t *in; /* TCP_RING bytes, the owner's */
    uint32_t in_first, in_bytes;
    uint32_t rcv_nxt; /* RCV.NXT; RCV.WND is the ring's room, rcv_wnd() */
    uint32_t rcv_adv; /* RCV.NXT + RCV.WND as last announced */
    struct {
        uint32_t start, end;
    } range[TCP_RANGES];         /* came early; empty: start == end */
    bool finish_known, finished; /* FIN has come; and everything before it */
    uint32_t finish_sequence;

    /* Retransmission: RFC 6298, 2, has RTO, SRTT and RTTVAR. Nanoseconds. */
    uint64_t resend_at, end_at; /* TCP_NEVER; end_at: of TIME-WAIT */
    uint64_t rto, srtt, rttvar;
    uint32_t attempts;
    bool timing;
    uint32_t timed_sequence;
    uint64_t timed_at;

    /* Congestion: RFC 5681, 2, has cwnd and ssthresh. Bytes. */
    uint32_t cwnd, ssthresh, dup_acks;
};

/* The caller has set out, in, send, announced_mss; the rest is zero. */
void tcp_connect(struct tcp *tcp, uint32_t iss, uint64_t now);
/* Answers a SYN. */
void tcp_accept(struct tcp *tcp, const struct tcp_segment *syn, uint32_t iss, uint64_t now);

/* Takes as many bytes as there is room for; 0: none now. Only while tcp_writable(). */
uint32_t tcp_write(struct tcp *tcp, const void *from, uint32_t bytes, uint64_t now);
/* Gives as many bytes as there are; `keep` leaves them to be read again. */
uint32_t tcp_read(struct tcp *tcp, void *to, uint32_t bytes, bool keep);
/* No more will be written: FIN after what is in the ring. */
void tcp_finish(struct tcp *tcp, uint64_t now);
/* Ends it at once, and tells the other end. */
void tcp_abort(struct tcp *tcp);
/* The connection is over; error: 0 or a positive errno. */
void tcp_close_with(struct tcp *tcp, int error);

void tcp_input(struct tcp *tcp, const struct tcp_segment *segment, uint64_t now);
void tcp_tick(struct tcp *tcp, uint64_t now);
uint64_t tcp_deadline(const struct tcp *tcp); /* when tcp_tick() has something to do; TCP_NEVER */

/* Whether data may still be written, data may still come. */
bool tcp_writable(const struct tcp *tcp);
static inline uint32_t tcp_room(const struct tcp *tcp)
{
    return TCP_RING - tcp->out_bytes;
}

/* ---- tcp_wire.c ------------------------------------------------------------------------------ */

#define TCP_SUM_AT 16u

/* The header without a checksum, and the data after it; tcp_header_bytes(): how long it is. */
uint32_t tcp_header_bytes(const struct tcp_segment *segment);
void tcp_put(const struct tcp_segment *segment, uint16_t source_port, uint16_t destination_port,
             uint8_t *to);
/* False: it is none. `segment` points into the packet. */
bool tcp_take(struct tcp_segment *segment, const uint8_t *packet, uint32_t bytes);

/*
 * The same with checksums. Header and data go into `to`, of at least TCP_HEADER_LIMIT + bytes; how
 * long both are.
 */
uint32_t tcp_encode(const struct tcp_segment *segment, uint32_t source, uint32_t destination,
                    uint16_t source_port, uint16_t destination_port, uint8_t *to);
/* False: broken in some way, and to be dropped. `segment` points into the packet. */
bool tcp_decode(struct tcp_segment *segment, uint32_t source, uint32_t destination,
                const uint8_t *packet, uint32_t bytes);
/* What answers a segment that belongs to no connection. False: nothing does. */
bool tcp_refusal(struct tcp_segment *answer, const struct tcp_segment *segment);

#endif
