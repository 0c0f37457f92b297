/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * progress.h - a run that is watched: a line on the terminal, and an end when the user wants one
 *
 * The machine is run in steps of simulated time. Between two of them the line is written anew, if
 * standard error is a terminal, and a signal (INT, TERM, HUP) is noticed. A step ends by
 * machine_stop_at(), so that a run has the same result however it is watched.
 */
#ifndef XENOLITH_SIM_PROGRESS_H
#define XENOLITH_SIM_PROGRESS_H

#include "sim/state/request.h"

struct progress {
    struct account *account;
    struct state_request *state; /* saved when its time has come */
    bool shown;
    double started, written; /* host seconds */
    uint64_t instructions;   /* at the line's last writing */
};

/* Takes the signals over; a second one ends the program at once. */
void progress_begin(struct progress *progress, struct account *account, struct state_request *state,
                    bool shown);
/* Gives the signals back. */
void progress_end(void);

/*
 * machine_run() to `until`, or until a signal came: then MACHINE_STOPPED. `phase` is a word for the
 * line; `expected` is the clock at which the phase ends, EVENT_NEVER if nobody knows. The line is
 * gone afterwards.
 */
enum machine_end progress_run(struct progress *progress, uint64_t until, const char *phase,
                              uint64_t expected);

/* The signal that came, or 0. */
int progress_signal(void);

#endif
