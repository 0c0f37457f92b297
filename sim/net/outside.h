/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * outside.h - a wire's far end that is not simulated: frames from a process of the host, or a log
 *
 *   machine -- wire -- outside -- frames in packets of a socket -- a process with libslirp (user.h)
 *                         |
 *                         +-- log: each frame that came in, with its cycle
 *
 * What comes from outside has no place in simulated time, so it is given one: the socket is looked
 * at OUTSIDE_HZ times a simulated second, and what is there begins its way over the wire then. With
 * the log in the socket's place every frame comes at the same cycle again, and the run has the same
 * bytes; what the machine sends goes nowhere.
 *
 * A log is OUTSIDE_MAGIC, then for each frame its cycle (8 bytes), its length (4) and its bytes,
 * numbers with the least byte first.
 */
#ifndef XENOLITH_SIM_NET_OUTSIDE_H
#define XENOLITH_SIM_NET_OUTSIDE_H

#include "sim/net/link.h"

#include <stdio.h>

#define OUTSIDE_HZ    10000
#define OUTSIDE_MAGIC "XNLFRAME"

struct outside {
    struct link_end *wire;
    int socket; /* -1: none, the log is replayed */
    FILE *log;  /* to be written or, without a socket, read; NULL: none */
    struct event look;
    uint64_t in, out, lost; /* frames; lost: the process did not take them */
    bool broken;            /* the log ends within a frame, or could not be written */
    /* Replayed: the frame that comes next. */
    uint32_t next_bytes;
    uint8_t next[LINK_FRAME_MAX];
};

/* The caller has set `wire`, `socket` and `log`. */
void outside_open(struct outside *outside);

#endif
