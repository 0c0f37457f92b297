/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * calls.h - what has begun and not ended: calls, faults, interrupts, commands of disks
 *
 * A thread of ring 3 is known by its kernel stack, on which it enters the kernel; a kernel in
 * rings 0 to 2 by its context, of which one virtual processor runs.
 */
#ifndef XENOLITH_SIM_TRACE_CALLS_H
#define XENOLITH_SIM_TRACE_CALLS_H

#include "sim/trace/trace.h"

struct trace_call {
    struct trace_call *next;
    struct trace_record *record; /* in the queue, or `moved` */
    struct trace_record *moved;
    uint32_t stack; /* of the thread, for calls of ring 3; of a disk its number */
};

/* `record` has begun. The one that this thread has not ended is over, without a result. */
void calls_begin(struct trace *trace, struct trace_record *record, uint32_t stack);

/* The record's room in the queue is needed: the call keeps a copy. False: it is no call's, or there
 * is no memory. */
bool calls_move(struct trace *trace, const struct trace_record *record);

/* A crossing into an outer ring, or by iret within ring 0, ends what it returns to. */
void calls_return(struct trace *trace, unsigned cpu, const struct cpu_crossing *crossing);

/* A processor leaves a context: what it interrupted there in ring 0 is over. */
void calls_switch(struct trace *trace, unsigned cpu);

/* A context will not run again. */
void calls_context_ended(struct trace *trace, uint32_t context);

/* The command of a disk has ended. */
void calls_disk(struct trace *trace, unsigned disk, bool failed);

/* The run is over: nothing more ends. */
void calls_close(struct trace *trace);

#endif
