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

#include "include/freestanding/types.h"

#define TCP_FIN 0x01u
#define TCP_SYN 0x02u
#define TCP_RST 0x04u
#define TCP_PSH 0x08u
#define TCP_ACK 0x10u

#define TCP_RING         16384u  /* bytes each way that a connection begins with */
#define TCP_RING_LIMIT   131072u /* that it may grow to: what TCP_SCALE can announce, at most */
#define TCP_SCALE        2       /* of the windows that are announced (RFC 7323, 2) */
#define TCP_MSS_DEFAULT  536u    /* if the other end names none (RFC 9293, 3.7.1) */
#define TCP_RANGES       16      /* pieces kept that came before their turn */
#define TCP_NEVER        (~0ull)
#define TCP_2MSL         60000000000ull /* twice a maximum segment lifetime of 30 s */
#define TCP_HEADER_LIMIT 60u

/* Why a connection has ended: Linux's error numbers, which its kernels and programs share. */
enum { TCP_ENDED_RESET = 104, TCP_ENDED_TIMED_OUT = 110, TCP_ENDED_REFUSED = 111 };

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
    uint8_t scale;        /* 0, or one more than the option's value (SYN) */
    bool stamped;         /* it has a timestamp option: TSval, TSecr (RFC 7323, 3) */
    uint32_t stamp, echo; /* its values */
    const uint8_t *data;
    uint32_t bytes;
    const uint8_t *rest; /* sending: what follows `data` lies elsewhere */
    uint32_t rest_bytes;
};

struct tcp {
    enum tcp_state state;
    int error; /* why it is closed: 0 or a positive errno */
    void (*send)(struct tcp *tcp, const struct tcp_segment *segment);
    uint16_t mss;           /* of what we send */
    uint16_t announced_mss; /* of what we want to get */
    bool no_delay;          /* TCP_NODELAY: no Nagle */
    bool cork;              /* TCP_CORK: full segments alone, for a while */
    uint64_t now;           /* when something last happened */

    /*
     * Send sequence variables (RFC 9293, 3.3.1, with a picture). out_first is the place of SND.UNA.
     */
    uint8_t *out; /* the owner's, of out_size bytes */
    uint32_t out_size, out_first, out_bytes;
    uint32_t iss;              /* ISS: the number of our SYN */
    uint32_t snd_una, snd_nxt; /* SND.UNA, SND.NXT */
    uint32_t snd_max;          /* the highest that SND.NXT has been */
    uint32_t snd_wnd, snd_wl1,
        snd_wl2;       /* SND.WND, and the segment it came with: SND.WL1, SND.WL2 */
    uint8_t snd_scale; /* Snd.Wind.Shift */
    bool finish;       /* FIN follows the last byte */

    /* Receive sequence variables. IRS is not kept: nothing needs it once RCV.NXT is IRS + 1. */
    uint8_t *in; /* the owner's, of in_size bytes */
    uint32_t in_size, in_first, in_bytes;
    uint32_t in_taken;  /* bytes that have come since the ring has its size */
    uint32_t rcv_nxt;   /* RCV.NXT; RCV.WND is the ring's room, rcv_wnd() */
    uint32_t rcv_adv;   /* RCV.NXT + RCV.WND as last announced */
    uint32_t rcv_acked; /* Last.ACK.sent */
    uint32_t rcv_mss;   /* the longest segment that has come */
    uint32_t quick;     /* segments that are acknowledged at once, at the beginning */
    uint8_t rcv_scale;  /* Rcv.Wind.Shift */
    bool stamps;        /* both ends send timestamps */
    uint32_t ts_recent; /* TS.Recent */
    struct {
        uint32_t start, end;
    } range[TCP_RANGES];         /* came early; empty: start == end */
    bool finish_known, finished; /* FIN has come; and everything before it */
    uint32_t finish_sequence;

    /* Retransmission: RFC 6298, 2, has RTO, SRTT and RTTVAR. Nanoseconds. */
    uint64_t resend_at, end_at; /* TCP_NEVER; end_at: of TIME-WAIT */
    uint64_t ack_at, cork_at;   /* TCP_NEVER; a delayed acknowledgement, a corked piece */
    uint64_t rto, srtt, rttvar;
    uint32_t attempts;
    bool timing;
    uint32_t timed_sequence;
    uint64_t timed_at;

    /* Congestion: RFC 5681, 2, has cwnd and ssthresh, RFC 6582 recover. Bytes. */
    uint32_t cwnd, ssthresh, dup_acks;
    uint32_t recover;
    bool recovering;
};

/* The caller has set out, in and their sizes, send, announced_mss; the rest is zero. */
void tcp_connect(struct tcp *tcp, uint32_t iss, uint64_t now);
/* Answers a SYN. */
void tcp_accept(struct tcp *tcp, const struct tcp_segment *syn, uint32_t iss, uint64_t now);

/* Takes as many bytes as there is room for; 0: none now. Only while tcp_writable(). */
uint32_t tcp_write(struct tcp *tcp, const void *from, uint32_t bytes, uint64_t now);
/* Gives as many bytes as there are; `keep` leaves them to be read again. */
uint32_t tcp_read(struct tcp *tcp, void *to, uint32_t bytes, bool keep);
/* What has been held back may go, after no_delay or cork has changed. */
void tcp_push(struct tcp *tcp, uint64_t now);
/* No more will be written: FIN after what is in the ring. */
void tcp_finish(struct tcp *tcp, uint64_t now);
/* Ends it at once, and tells the other end. */
void tcp_abort(struct tcp *tcp);
/* The connection is over; error: 0 or a positive errno. */
void tcp_close_with(struct tcp *tcp, int error);

void tcp_input(struct tcp *tcp, const struct tcp_segment *segment, uint64_t now);
void tcp_tick(struct tcp *tcp, uint64_t now);
uint64_t tcp_deadline(const struct tcp *tcp); /* when tcp_tick() has something to do; TCP_NEVER */

/* Whether data may still be written. */
bool tcp_writable(const struct tcp *tcp);
static inline uint32_t tcp_room(const struct tcp *tcp)
{
    return tcp->out_size - tcp->out_bytes;
}

/* ---- tcp_ring.c ------------------------------------------------------------------------------ */

/* Whether so much has come that a larger ring, and so a larger window, would be of use. */
bool tcp_wants_room(const struct tcp *tcp);
/* A larger ring takes what the old one holds, which is returned for the owner to free. */
uint8_t *tcp_grow_out(struct tcp *tcp, uint8_t *ring, uint32_t size);
uint8_t *tcp_grow_in(struct tcp *tcp, uint8_t *ring, uint32_t size);

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
