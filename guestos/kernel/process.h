/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * process.h - processes, their life, and who runs
 *
 * Life: fork() makes a process by copying the caller; it runs or sleeps until exit or a fatal signal
 * makes it a zombie, which keeps only its number and status until the parent waits for it.
 * Orphans become children of init (process 1). When init ends, the machine is powered off.
 */
#ifndef GUESTOS_PROCESS_H
#define GUESTOS_PROCESS_H

#include "guestos/arch.h"
#include "guestos/kernel/signal.h"

struct file_table;
struct inode;
struct space;

enum process_state { PROCESS_RUNNABLE, PROCESS_SLEEPING, PROCESS_ZOMBIE };

struct wait_queue {
    struct process *first; /* linked by next_waiting */
};

#define NO_DEADLINE (~0ull)

struct process {
    struct thread thread;
    struct space *space; /* NULL: idle */
    u32 pid;
    char name[16];                 /* last part of the program's path */
    struct process *parent, *next; /* next: in the list of all processes */

    enum process_state state;
    int exit_status; /* as wait4() reports it */
    struct wait_queue child_ended;
    bool vforked; /* runs in its parent's space; the parent waits in vfork_done */
    struct wait_queue vfork_done;

    /* Scheduling: sched.c */
    struct process *next_runnable;
    struct process *next_waiting;
    struct wait_queue *waits_in;
    u64 wake_at; /* arch_clock() time; NO_DEADLINE */
    struct process *next_timed;
    u32 counter;        /* ticks left of this round's time */
    u32 nice_ticks;     /* ticks given each round */
    unsigned processor; /* where it runs, or ran last */
    bool on_processor;
    u64 ticks_user, ticks_kernel;

    struct file_table *files;
    struct inode *cwd, *program; /* program: the executable's inode, for /proc/self/exe */
    char *program_path;
    u32 umask;
    u32 group, session;
    u32 clear_child_tid; /* set_tid_address(): zeroed at exit */

    struct signals signals;
    unsigned stopped;              /* by this signal; 0: not stopped */
    bool stop_reported, continued; /* to and for wait4() */
    u64 alarm_at, alarm_interval;  /* setitimer(ITIMER_REAL): arch_clock() time, NO_DEADLINE */
};

extern struct process *init_process;

/* fork, vfork and clone without shared memory, by their clone flags. pid or -Exxx. */
int process_fork(const struct trap_frame *frame, u32 flags, u32 stack, u32 tls_pointer,
                 u32 child_tid, u32 parent_tid);
/* Makes process 1, which begins in init_begin(). */
void process_start_init(void);

/* The current process is process 1 on its way to ring 3: executes init. */
void init_begin(struct trap_frame *frame);

/* set_thread_area(): reads a struct user_desc, writes the entry it chose. 0 or -Exxx. */
int tls_set(struct thread *thread, u32 user_descriptor);

/* Ends the current process with a wait status: code << 8, or a signal number. */
void process_exit(int status) __attribute__((noreturn));

/* wait4(): pid -1 any child, 0 and < -1 a group. pid, 0 (WNOHANG) or -Exxx. */
int process_wait(int pid, int *status, u32 options);

struct process *process_find(u32 pid); /* not zombies' space: NULL if there is none */
extern struct process *all_processes;

/* Replaces the program of the current process; `frame` becomes the new program's. */
int process_exec(struct trap_frame *frame, const char *path, char *const *argv, char *const *envp,
                 bool user_pointers);

/* ---- sched.c ------------------------------------------------------------------------------- */

/* Each processor, with interrupts off and the lock held, ends its start here and becomes idle. */
void scheduler_run(void) __attribute__((noreturn));
/* Called once per processor before that, on its idle stack. */
void scheduler_add_processor(unsigned processor, struct process *idle);

void scheduler_add(struct process *process); /* a new process becomes runnable */
void schedule(void);                         /* gives the processor to whoever deserves it */
/* In long loops of system calls: lets interrupts in, and others run. True: a signal is waiting and the
 * caller should end with what it has done. */
bool breathe(void);
void yield(void);
bool reschedule_needed(void);
void scheduler_request(void); /* makes reschedule_needed() true here */

/* Sends SIGALRM to a process at a time (NO_DEADLINE: not any more). */
void scheduler_set_alarm(struct process *process, u64 at);

/* Calls a function once the clock reaches a time (NO_DEADLINE: not any more), interrupts off and the
 * lock held. There is one such call, the network's. */
void scheduler_call_at(u64 at, void (*call)(u64 now));

/* Timer interrupt: wakes sleepers whose time has come, accounts `ticks` ticks to who runs. */
void scheduler_tick(u64 now, u32 ticks, bool user);

/*
 * Sleeps in a queue until woken, until the clock reaches a deadline or until a signal arrives.
 * 0 (woken, perhaps for nothing: callers loop around their condition), -EAGAIN (the deadline had
 * passed before) or -EINTR.
 */
int wait_in(struct wait_queue *queue, u64 deadline);
/* The same, but signals do not end it (they may wake it early). */
void wait_regardless(struct wait_queue *queue);
void wake_all(struct wait_queue *queue);
void wake_process(struct process *process);
/* A dying process leaves the processor for the last time. */
void schedule_dead(void) __attribute__((noreturn));

/* ---- the big lock ----------------------------------------------------------------------------- */

void kernel_lock(void);
void kernel_unlock(void);
bool kernel_locked_here(void);

#endif
