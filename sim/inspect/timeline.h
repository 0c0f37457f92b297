/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * timeline.h - which domain ran in which ring, when, since the run's start
 *
 * Time is cut into at most TIMELINE_BINS bins of equal width. Each context that ever ran has a
 * lane: for each bin the cycles that it had in ring 0, in rings 1 and 2, and in ring 3. When the
 * bins are used up pairs of them become one, so that a lane always reaches from the start to now.
 *
 * It lies in the engine's own memory, so that it goes back when the engine does (history.h). What a
 * face has seen of the future is the face's to keep: it will come again as it was.
 */
#ifndef XENOLITH_SIM_INSPECT_TIMELINE_H
#define XENOLITH_SIM_INSPECT_TIMELINE_H

#include "cpu/cpu.h"
#include "include/xenolith/announce.h"

#include <stdio.h>

#define TIMELINE_BINS  2048
#define TIMELINE_WIDTH UINT64_C(4096) /* cycles of a bin, at first */

enum timeline_ring { TIMELINE_RING0, TIMELINE_RING1, TIMELINE_RING3, TIMELINE_RINGS };

struct lane {
    uint64_t cycles[TIMELINE_BINS][TIMELINE_RINGS];
};

struct timeline {
    uint64_t width;
    unsigned used;                        /* bins that have begun */
    struct lane **lane;                   /* by context; NULL: it never ran */
    uint64_t instructions[TIMELINE_BINS]; /* that had completed when a bin was first heard of */
    struct {
        uint64_t since;
        uint32_t context;
        enum timeline_ring ring;
    } cpu[CPU_MAX]; /* what each processor does, and has done since when */
};

/* False: no memory. */
bool timeline_open(struct timeline *timeline);
void timeline_close(struct timeline *timeline);

/* From cycle `now` of a processor it runs in `ring`, for `context`. A lane that finds no memory is
 * not drawn. */
void timeline_note(struct timeline *timeline, unsigned cpu, uint64_t now, unsigned ring,
                   uint32_t context);

/* The bins that begin now have so many instructions before them. */
void timeline_mark(struct timeline *timeline, uint64_t now, uint64_t instructions);

#endif
