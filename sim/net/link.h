/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * link.h - a wire between two ends: rate, latency, frames under way
 *
 * Full duplex: each direction has the whole rate. A frame occupies its direction for its bytes and
 * what Ethernet puts around them (IEEE 802.3: preamble 8, frame check 4, gap 12; 60 bytes at
 * least), and arrives whole when its last bit has, a latency later. Who sends before the direction
 * is free waits in the link's own queue, which does not end; senders pace themselves by
 * link_free_at(). Frames are without their frame check sequence, and no bit of them ever breaks.
 *
 * A bad wire loses frames, and lets others arrive late, behind those sent after them. Which, a
 * generator says that begins with a seed: two runs lose the same.
 */
#ifndef XENOLITH_SIM_LINK_H
#define XENOLITH_SIM_LINK_H

#include "sim/dev/device.h"

#define LINK_FRAME_MIN 14u    /* an Ethernet header */
#define LINK_FRAME_MAX 16384u /* bytes, as the widest cards take them */

/* Frames under way from an end are a list, which its `first` begins. */
struct link_frame {
    struct link_frame *next;
    uint64_t arrives; /* cycle */
    uint32_t bytes;
    uint8_t data[];
};

struct link_end {
    struct link *link;
    struct link_end *other;
    /* A frame is there; it is the link's and gone after the call. */
    void (*receive)(void *owner, const uint8_t *frame, uint32_t bytes, uint64_t now);
    void *owner;
    /* Of the direction away from this end. */
    uint64_t free_at; /* cycle */
    struct link_frame *first, *last;
    struct event arrival; /* of `first` at the other end */
    uint64_t frames, bytes, lost;
    uint64_t faulty_lost, faulty_late; /* by link_faults */
};

/* In parts of a million; all 0 is a wire without errors. */
struct link_faults {
    uint32_t lost, late;
    uint64_t seed;
};

struct link {
    struct event_queue *events;
    uint64_t hz;      /* cycles a second */
    uint64_t rate;    /* bits a second */
    uint64_t latency; /* cycles */
    struct link_faults faults;
    /* Told of every frame when it arrives, in the order of time; may be NULL. */
    void (*tap)(void *owner, const uint8_t *frame, uint32_t bytes, uint64_t now);
    void *tap_owner;
    /* The same, for who looks on; may be NULL. */
    void (*passed)(void *owner, uint32_t bytes);
    void *passed_owner;
    struct link_end end[2];
};

/* The caller has set the fields before `end`, and receivers; hz and rate are not 0. */
void link_open(struct link *link);

/* Drops what is under way. */
void link_close(struct link *link);

/*
 * Sends a copy of a frame of LINK_FRAME_MIN to LINK_FRAME_MAX bytes from `end`; shorter and longer
 * ones are lost and counted, as are all if memory is short.
 */
void link_send(struct link_end *end, const uint8_t *frame, uint32_t bytes, uint64_t now);

/* Puts in one of `bytes` that arrives at `arrives`, after those that are there: its data are to be
 * set, nothing is counted and nothing scheduled. NULL: no memory, or no length of a frame. */
struct link_frame *link_append(struct link_end *end, uint64_t arrives, uint32_t bytes);

/* The cycle at which this end's direction has sent all that it was given. */
uint64_t link_free_at(const struct link_end *end);

/* How many cycles a frame of so many bytes occupies the wire. */
uint64_t link_occupied(const struct link *link, uint32_t bytes);

#endif
