/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mechanics.h - how long a disk takes: arm, platter, buffer
 *
 * One arm over platters that turn with the machine's clock. A command costs its overhead, a seek of
 * a length by the curve track_seek + (full_seek - track_seek) (r sqrt(x) + (1 - r) x), x being the
 * share of all tracks that the arm crosses, the wait until the first sector comes by, and the time
 * that the sectors take below the head. Tracks are shorter towards the inside, by zones; each
 * begins as much later than the one before as a step of the arm takes.
 *
 * After a read the disk reads on into its buffer, so far as the parameter says, until something
 * else is asked of it. With the write cache a write is done when the buffer has it; the arm writes
 * in the order of the commands, one that continues the last without a seek or a wait. Sectors that
 * a waiting write has take those sectors' place: they are written once. A read waits
 * for writes before it, and a write forgets what was read ahead. Times depend on the clock and on
 * the commands alone.
 */
#ifndef XENOLITH_SIM_MECHANICS_H
#define XENOLITH_SIM_MECHANICS_H

#include "sim/machine/description.h"

#include <stdbool.h>
#include <stdint.h>

#define MECHANICS_WRITES 64 /* commands that the write cache holds at most */

struct mechanics_counts {
    uint64_t seeks, buffer_hits, cycles_seek, cycles_rotation, cycles_transfer;
};

struct mechanics {
    const struct device_costs *costs;
    uint64_t hz;

    uint64_t track;      /* where the arm is */
    uint64_t busy_until; /* cycle at which it can be sent elsewhere */
    struct {
        uint64_t first, last; /* sectors [first, last) are in the buffer or on their way */
        uint64_t ready;       /* those below are there */
        uint64_t from, begin; /* the disk reads `from` and what follows since cycle `begin` */
    } ahead;
    struct {
        uint64_t sector, count; /* which */
        uint64_t begin, done;   /* cycles: the first comes below the head; the last is written */
    } write[MECHANICS_WRITES];  /* cached and not yet on the platter, a ring */
    uint64_t landed;            /* when the last write that was asked for is on it */
    unsigned write_first, writes;
    uint64_t write_bytes, write_next; /* of all of them; the sector behind the last */
    struct mechanics_counts counts;
};

/* Cycle at which a command that arrives at `now` is done. For a read, mechanics_arrived() tells
 * when the sectors up to `end`, which must lie within that read, have come. */
uint64_t mechanics_read(struct mechanics *disk, uint64_t now, uint64_t sector, uint64_t count);
uint64_t mechanics_arrived(const struct mechanics *disk, uint64_t end);
uint64_t mechanics_write(struct mechanics *disk, uint64_t now, uint64_t sector, uint64_t count);
uint64_t mechanics_flush(const struct mechanics *disk, uint64_t now);

/* Of a write that is over: when its last sector is on the platter, and how long each takes. */
void mechanics_landing(const struct mechanics *disk, uint64_t first, uint64_t count, uint64_t *end,
                       uint64_t *each);

/* A command without the platter; and `bytes` over the cable. In cycles. */
uint64_t mechanics_overhead(const struct mechanics *disk);
uint64_t mechanics_cable(const struct mechanics *disk, uint64_t bytes);

#endif
