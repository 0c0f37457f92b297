/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * history.h - backwards: earlier states of the machine, each a sleeping process
 *
 * A snapshot is a fork of the engine that waits to be woken. To go back, the engine wakes the
 * snapshot before the place, tells it what to look for, and ends; the snapshot forks once more, and
 * that child is the engine from then on: it runs forwards to the place as the machine did before,
 * for a run is the same every time. The snapshot goes on sleeping.
 *
 * While the machine runs there is a snapshot each HISTORY_SPACING cycles, or each so many times as
 * many as take HISTORY_SECONDS of the host, with their snapshot, to run again; on the way back,
 * more, each HISTORY_DENSE. When there are too many, every second of the older half goes: history
 * reaches to the run's beginning, in steps that grow with age.
 *
 * What a replay would print or write a second time is held back (console.h, capture.h).
 */
#ifndef XENOLITH_SIM_HISTORY_H
#define XENOLITH_SIM_HISTORY_H

#include "sim/inspect/inspect.h"

#include <setjmp.h>

#define HISTORY_SPACING      UINT64_C(4000000)
#define HISTORY_SPACING_MOST (64 * HISTORY_SPACING)
#define HISTORY_SECONDS      0.1
#define HISTORY_DENSE        UINT64_C(500000)
#define HISTORY_SNAPSHOTS    64

enum history_aim {
    HISTORY_POSITION, /* one that was seen, or the first with its number of instructions */
    HISTORY_STEPS,    /* so many instructions before where we are */
    HISTORY_LEVEL,    /* the last stop of a level before where we are */
};

/* What the next engine is to find, and what of the session outlives its machine. */
struct history_job {
    enum history_aim aim;
    struct inspect_position origin; /* where the user is */
    struct inspect_position bound;  /* what is sought lies before it */
    struct inspect_position target; /* where to go, if that is known */
    uint64_t steps, margin; /* margin: cycles before the bound from which steps are counted */
    enum inspect_level level;
    uint64_t number;
    struct inspect_session session;
    uint64_t shown, captured; /* bytes of the console and frames that were put out */
};

struct history {
    struct inspect *inspect;
    jmp_buf *top; /* where an engine goes on that was woken */
    int life;     /* descriptor that ends when nobody needs us any more */
    bool woken;   /* this engine has a job to do */
    struct history_job job;
    uint64_t next, spacing; /* clock of the next snapshot; cycles from one to the next */
    double looked;          /* processor time when the last was taken */
    unsigned count;
    struct snapshot {
        struct inspect_position at;
        int wake; /* where a job is written to */
        int pid;
    } snapshot[HISTORY_SNAPSHOTS];
};

/* Begins, with a first snapshot. False with a sentence: no process can be made. */
bool history_open(struct history *history, struct inspect *inspect, jmp_buf *top, int life,
                  char *why, size_t why_bytes);

/* Ends every snapshot; the machine stays where it is. */
void history_close(struct history *history);

/* While a run pauses at history->next: takes a snapshot. */
void history_look(struct history *history);

/* Goes back. Returns only if it cannot, false with a sentence. */
bool history_wake(struct history *history, struct history_job *job, char *why, size_t why_bytes);

/* In an engine that was woken, at the top: does its job, and says so in inspect->sentence. */
void history_obey(struct history *history);

#endif
