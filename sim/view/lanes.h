/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lanes.h - what the window knows of the timeline (sim/inspect/timeline.h)
 *
 * It keeps what it has seen: when the machine goes back, what lies ahead is known, for it will come
 * again as it was.
 */
#ifndef XENOLITH_SIM_VIEW_LANES_H
#define XENOLITH_SIM_VIEW_LANES_H

#include "sim/view/face.h"

enum { LANES_BINS = 2048, LANES_RINGS = 3 };

struct view_lane {
    unsigned id;
    char name[32];
    uint64_t cycles[LANES_BINS][LANES_RINGS]; /* in ring 0, in rings 1 and 2, in ring 3 */
};

struct lanes {
    uint64_t width; /* cycles of a bin */
    unsigned known; /* bins of which something has been heard */
    uint64_t instructions[LANES_BINS];
    struct view_lane **lane; /* by number of the context */
    unsigned count;
};

/* Asks the engine for what is new. What finds no memory is not shown. */
void lanes_update(struct lanes *lanes, struct face *face);
void lanes_free(struct lanes *lanes);

#endif
