/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * window.h - the window: what is drawn where, and what a click there means
 *
 * On the left the rings, the one that runs marked; below them a lane a domain over time, and a grid
 * of all domains. On the right registers, code and a pane of the user's choice. At the bottom a
 * button for every key. paint.c draws it all, and notes where it may be clicked; window.c hears the
 * user.
 */
#ifndef XENOLITH_SIM_VIEW_WINDOW_H
#define XENOLITH_SIM_VIEW_WINDOW_H

#include "sim/view/draw.h"
#include "sim/view/face.h"
#include "sim/view/lanes.h"

enum { TARGETS_MOST = 96 };

/* Where a click does what a key does. */
struct target {
    SDL_Rect area;
    int key;
};

struct window {
    struct face *face;
    struct draw draw;
    struct lanes lanes;
    int width, height;

    unsigned pane, scroll; /* of the lower right; its lines passed over */
    char walked[32];       /* what the walk walks; "": the code */
    char typed[128];       /* a command that is being typed */
    bool typing, leave;

    /* The lanes shown: the first cycle and how many, as the user zoomed; 0: all. */
    uint64_t first, span;
    unsigned lane_first; /* lanes above the pane */
    SDL_Rect lanes_area; /* where they are: time runs from its left to its right */
    int pointer_x, pointer_y;

    struct target target[TARGETS_MOST];
    unsigned targets;
};

/* Draws all of it, for the machine as it stands. */
void paint(struct window *window);

/* The cycles that the lanes show. */
void paint_span(const struct window *window, uint64_t *first, uint64_t *span);

#endif
