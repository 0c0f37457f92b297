/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trace.h - threads that another process looks at and steers: ptrace(2), as strace needs it
 *
 * A traced thread stands where something happens that its tracer wants to know: a signal, a system
 * call's begin and end, a new program, a child, its end. It tells the tracer (SIGCHLD, and wait4()
 * returns a status) and stands until the tracer lets it go on, or goes itself. Its registers and
 * memory may be asked for only meanwhile. What a signal's stop is let go on with is what is
 * delivered.
 *
 * A thread that is not traced has no struct trace: that is all which the rest of the kernel looks
 * at. The end of a thread that its tracer would not hear of as a parent is kept as a record for
 * wait4().
 *
 * Lock: the kernel's, at every call. trace_signal(), trace_event(), trace_call(), trace_clone(),
 * trace_exec(), trace_group_stop() and trace_exit() sleep.
 */
#ifndef GUESTOS_TRACE_H
#define GUESTOS_TRACE_H

#include "guestos/process/process.h"

/* linux/ptrace.h: PTRACE_O_*, of which the low ones are 1 << event */
#define TRACE_GOOD_CALLS 0x01u /* system calls' stops are told apart from SIGTRAP */
#define TRACE_EXIT_KILL  0x00100000u
#define TRACE_OPTIONS    0x0010007fu
enum trace_event {
    TRACE_FORK = 1,
    TRACE_VFORK,
    TRACE_CLONE,
    TRACE_EXEC,
    TRACE_VFORK_DONE,
    TRACE_EXIT,
};

struct trace {
    struct process *tracer;
    uint32_t options;
    uint32_t status; /* why it stands: a signal, and an event << 8; 0: it runs */
    uint32_t order;  /* of stops: who stands longest is told of first */
    bool told;       /* wait4() has said so */
    bool calls;      /* it stops at system calls */
    bool step;       /* it stops after one instruction */
    uint32_t message;
    struct signal_info info; /* of the signal it stands for; signal 0: for something else */
    uint32_t answer;         /* the signal with which it goes on */
    struct wait_queue resumed;
};

/* 0 or -ENOMEM. The thread has no tracer yet. */
int trace_begin(struct thread *thread, struct process *tracer, uint32_t options);
/* The tracer no longer cares; the thread goes on with this signal, 0: none. */
void trace_end(struct thread *thread, uint32_t signal);
/* A thread that stands goes on. */
void trace_resume(struct thread *thread, uint32_t signal);

/* The rest is about the current thread, which must be traced where nothing else is said. */
struct trap_frame *trace_frame(struct thread *thread); /* of any: its registers in ring 3 */
/* Before or after a system call: stands if that is wanted. */
void trace_call(void);
/* A signal is about to be acted on: false if the tracer has dropped it, else it may be another. */
bool trace_signal(struct signal_info *info);
/* A signal stops the process: the thread stands for it, and goes on when its tracer says so. */
void trace_group_stop(unsigned signal);
void trace_event(enum trace_event event, uint32_t message);
void trace_exec(uint32_t old_tid);
/* It has made a child, which becomes traced if that is wanted. */
void trace_clone(struct thread *child, uint32_t flags);
/* Traced or not: on its own way to its end, with this status. */
void trace_exit(int status);
/* Traced or not: a thread has ended; `last`: and with it the process. */
void trace_ended(struct thread *thread, bool last, int status);

/*
 * For wait4(): whether the current process traces a thread of that number (-1: any); and one that
 * has something to tell: its number and the status, 0: none.
 */
bool trace_has(int pid);
int trace_wait(int pid, bool take, int *status);

#endif
