/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * thread.h - threads: what is scheduled, and what one has for itself
 *
 * A thread is a flow of control: registers, a kernel stack, a signal mask, a place in the
 * scheduler. It belongs to one process (process.h), whose address space and signal actions it uses.
 *
 * A thread that ends gives back all it holds but its record and the kernel stack it stands on.
 * The next thread that returns to ring 3 or is idle frees those (threads_bury()). Only the leader's
 * stay, as a zombie, until the process is waited for, since its number is the process's.
 *
 * Descriptors and the working directory are objects that count their users, and each thread points
 * to its own: clone() may make a thread that shares neither.
 *
 * Lock: every function needs the kernel's lock. thread_exit() does not return; nothing sleeps.
 */
#ifndef GUESTOS_THREAD_H
#define GUESTOS_THREAD_H

#include "guestos/arch.h"
#include "guestos/kernel/sched.h"
#include "guestos/signal/signal.h"

struct file;
struct file_table;
struct fs_context;
struct inode;
struct process;

#define PIN_LIMIT 8

enum thread_state { THREAD_RUNNABLE, THREAD_SLEEPING, THREAD_ZOMBIE };

struct thread {
    struct machine_thread machine;
    struct process *process;    /* never NULL: idle threads have idle_process */
    struct thread *next_thread; /* of the process, the leader first */
    uint32_t tid;               /* the leader's is the process's number */
    char name[16];              /* last part of the program's path, or what prctl() said */

    /* Scheduling: sched.c */
    enum thread_state state;
    struct thread *next_runnable;
    struct thread *next_waiting;
    struct wait_queue *waits_in;
    uint64_t wake_at;    /* arch_clock() time; NO_DEADLINE */
    uint64_t wait_until; /* wait_deadline() */
    bool restarting;
    struct thread *next_timed;
    uint32_t counter;     /* ticks left of this round's time */
    uint32_t nice_ticks;  /* ticks given each round */
    int8_t nice;          /* -20 .. 19 */
    uint8_t policy;       /* enum policy */
    uint8_t priority;     /* 1 .. 99 of the real-time policies, else 0 */
    uint16_t io_priority; /* sys/sys_ioprio.c; 0: not set */
    bool reset_on_fork;   /* children begin with POLICY_OTHER */
    uint32_t processors;  /* bits of those where it may run */
    unsigned processor;   /* where it runs, or ran last */
    bool on_processor;
    uint64_t ticks_user, ticks_kernel;
    uint32_t faults; /* page faults that brought in a page, or rights to it */

    /* CLONE_FILES and CLONE_FS let each thread have its own. */
    struct file_table *files;
    struct fs_context *fs;
    struct file *pinned[PIN_LIMIT]; /* in use by the running system call: files_get() */
    uint32_t pins;
    uint32_t clear_child_tid; /* set_tid_address(): zeroed and woken at its end */
    uint32_t robust_list;     /* set_robust_list() */
    bool memory_short;        /* a copy to or from the program failed for lack of memory */
    struct signals signals;
    struct trace *trace;   /* who looks at it: trace/trace.h; NULL: nobody */
    uint32_t trace_answer; /* the signal with which it goes on after that */
};

/* In each round t is another thread of a process, the leader first. */
#define FOR_EACH_THREAD(t, of) for (struct thread *t = (of)->threads; t; t = t->next_thread)

struct thread *
thread_find(uint32_t tid); /* of any process, a zombie leader too; NULL if there is none */

/* Ends the current thread; with the last one ends the process. Does not return. */
void thread_exit(int status) __attribute__((noreturn));
/* Frees ended threads, which could not free the stack they ran on. */
void threads_bury(void);

/* set_thread_area(): reads a struct user_desc, writes the entry it chose. 0 or -Exxx. */
int tls_set(struct machine_thread *thread, uint32_t user_descriptor);

/*
 * The current thread ends, its memory still there: locks that it holds are marked and their waiters
 * woken (set_robust_list), its number is cleared (set_tid_address) and who joins it woken.
 */
void thread_ends(struct thread *thread);

/* Wakes up to `most` threads that wait at this address of the current space. */
void futex_wake_address(uint32_t address, uint32_t most);

#endif
