/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * schedule.h - which processor runs next, and until when
 *
 * A turn is a processor and the cycle at which it gives way. A turn that has begun and not ended is
 * open, and the open turn is part of the machine's state: a run that stops within it goes on with
 * it, so that to stop changes nothing.
 */
#ifndef XENOLITH_SIM_SCHEDULE_H
#define XENOLITH_SIM_SCHEDULE_H

#include "cpu/cpu.h"

struct machine;

#define SCHEDULE_NO_STEPS UINT64_MAX

struct schedule {
    int running; /* the processor inside cpu_run(), or -1 */
    struct turn {
        bool open;
        unsigned cpu;
        uint64_t until; /* in cycles of that processor's clock */
    } turn;
    uint64_t steps;        /* instructions until the run stops, or SCHEDULE_NO_STEPS */
    enum cpu_stop stop;    /* why the processor of the last turn stopped */
    bool asleep[CPU_MAX];  /* halted with interrupts off */
    bool yielded[CPU_MAX]; /* spun in pause since another processor last ran */
};

/* Goes on with the open turn, or begins one for the processor furthest behind: runs it, or lets it
 * wait. Nothing may happen on any processor before `next`, the next event. No processor passes
 * `limit`, which ends a turn, nor a `stop_at` that lies ahead of it, which leaves the turn open. */
void schedule_step(struct machine *machine, uint64_t next, uint64_t limit, uint64_t stop_at);

/* Whether the open turn stopped within a block, which must end before anything else happens. */
bool schedule_within_block(const struct machine *machine);

/* An event was put in at `when`, before all others: the processor under way must not pass it. */
void schedule_cut(struct machine *machine, uint64_t when);

/* Makes the processor under way stop behind its block. */
void schedule_interrupt(struct machine *machine);

#endif
