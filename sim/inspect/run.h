/* SPDX-License-Identifier: GPL-2.0-only */
/* run.h - between inspect.c, which runs and says, and replay.c and history.c, which run again */
#ifndef XENOLITH_SIM_INSPECT_RUN_H
#define XENOLITH_SIM_INSPECT_RUN_H

#include "sim/inspect/inspect.h"

enum run_outcome {
    RUN_ENDED, /* the machine has */
    RUN_FOUND, /* what the run goes to, or a breakpoint */
    RUN_LIMIT, /* every clock has reached the limit, or the clock that was sought */
};

/* A run in parts: sets its level, then (or not any more) the machine's stops for it; runs; says why
 * it stopped and adds up. */
void run_begin(struct inspect *inspect, enum inspect_level level, uint64_t number);
void run_prepare(struct inspect *inspect, bool set);
enum run_outcome run_on(struct inspect *inspect, uint64_t limit);
void run_stopped(struct inspect *inspect, enum run_outcome outcome);
/* No run is under way; counts are added up. */
void run_settle(struct inspect *inspect);

/* ---- breaks.c -------------------------------------------------------------------------------- */

/* A breakpoint for a run, or not any more: one that stays is left. False: no room. */
bool inspect_break_at(const struct inspect *inspect, uint32_t address, bool set);
/* The processor has stopped: whether the user wants to. */
bool inspect_stops_here(const struct inspect *inspect);

/* Whether the stop is that of a run over a call, which has returned. */
bool inspect_is_over(const struct inspect *inspect);

/* ---- frame.c: over, out, line ---------------------------------------------------------------- */

/* Notes where the run begins, and sets or takes away who looks at each instruction for it. */
void frame_begin(struct inspect *inspect);
void frame_look(const struct inspect *inspect, bool set);
/* A processor has arrived behind the call: whether it has returned to whom the run began with. */
bool frame_is_back(const struct inspect *inspect, unsigned cpu, const struct cpu_registers *r);
/* "hv/mm/update.c:123:", the line that is about to run, and the like. */
void frame_say(const struct inspect *inspect, char *text, size_t bytes);

/* ---- counted.c: the counter inspect->number ------------------------ */

/* Notes what it is. */
void counted_begin(struct inspect *inspect);
/* Before an instruction of a processor: whether it has changed since, and has reached the value. */
bool counted_look(struct inspect *inspect, unsigned cpu);

/* ---- replay.c: without a word --------------------------------------------------------------- */

/* Whatever run was under way is none any more, and no breakpoint is set. */
void inspect_abandon(struct inspect *inspect);
/* The session's breakpoints, on every processor, or off. */
void inspect_set_breaks(struct inspect *inspect, bool set);

/* How often a run of that level stops before `bound`; leaves the machine beyond it. */
uint64_t inspect_count(struct inspect *inspect, enum inspect_level level, uint64_t number,
                       const struct inspect_position *bound);
/* So many of those stops. */
void inspect_pass(struct inspect *inspect, enum inspect_level level, uint64_t number,
                  uint64_t count);

/* Until every clock has reached `clock`. */
void inspect_run_to(struct inspect *inspect, uint64_t clock);
/* So many instructions. */
void inspect_step_silently(struct inspect *inspect, uint64_t count);
/* By steps to a position ahead; returns how many, or UINT64_MAX: it was not met. */
uint64_t inspect_walk_to(struct inspect *inspect, const struct inspect_position *target);

/* To a position ahead, by the fastest way; the sentence says where that is. */
void inspect_go_to(struct inspect *inspect, const struct inspect_position *target);
/* The sentence behind a way back of so many instructions. */
void inspect_say_back(struct inspect *inspect, uint64_t count);

#endif
