/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * guestos_tcp_lab.h - the guest kernel's TCP between two ends on a network that loses, reorders and
 * repeats segments, with a clock of its own. Every run is a function of its seed.
 */
#ifndef TESTS_GUESTOS_TCP_LAB_H
#define TESTS_GUESTOS_TCP_LAB_H

#include "include/tcp/tcp.h"
#include "tests/unit/guestos_support.h"

#define A           0x7f000001u
#define B           0x7f000002u
#define MILLISECOND 1000000ull
#define WIRE        512
#define BULK        200000u

struct flight {
    uint64_t at; /* arrival; 0: none */
    int to;
    uint32_t bytes;
    uint8_t packet[2000];
};

struct end {
    struct tcp tcp;
    uint8_t out[TCP_RING_LIMIT], in[TCP_RING_LIMIT];
    uint32_t segments;
};

struct tcp_lab {
    struct end end[2];
    struct flight wire[WIRE];
    uint64_t now, sent;
    uint32_t seed, loss, reorder, repeat; /* per 1000 */
    int lose_next;                        /* this many, whatever they are */
    bool accepts;
};

extern struct tcp_lab *tcp_lab;

void tcp_lab_open(void);
void tcp_lab_close(void);
uint32_t tcp_lab_chance(void); /* 0 to 999, by the seed */
/* The next thing that happens; false: nothing ever will. */
bool tcp_lab_step(void);
/* End 0 connects to end 1. */
void tcp_lab_connect(void);
/* `bytes` from one end to the other, read in pieces of `piece`. */
void tcp_lab_transfer(int from, uint32_t bytes, uint32_t piece);
/* End 0 ends it, then end 1, and TIME-WAIT passes. */
void tcp_lab_finish(void);

#endif
