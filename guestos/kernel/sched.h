/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sched.h - who runs, sleeping and waking, the kernel's lock
 *
 * What is scheduled is a thread. sched.c has the policy.
 *
 * Lock: every function needs the kernel's lock, but for kernel_lock() itself and
 * kernel_locked_here(). Functions that sleep give the processor and the lock away and have them
 * again when they return: wait_in(), wait_regardless(), schedule(), yield(), breathe(). What the
 * caller knows of things that others may change it must look at again then. scheduler_run() and
 * schedule_dead() do not return.
 */
#ifndef GUESTOS_SCHED_H
#define GUESTOS_SCHED_H

#include "guestos/kernel/types.h"

struct process;
struct thread;

#define NO_DEADLINE (~0ull)

enum policy { /* linux/sched.h: SCHED_* */
              POLICY_OTHER,
              POLICY_FIFO,
              POLICY_ROUND_ROBIN,
              POLICY_BATCH,
              POLICY_IDLE = 5
};

static inline bool policy_is_real_time(unsigned policy)
{
    return policy == POLICY_FIFO || policy == POLICY_ROUND_ROBIN;
}

struct wait_queue {
    struct thread *first; /* linked by next_waiting */
};

/* Each processor, with interrupts off and the lock held, ends its start here and becomes idle. */
void scheduler_run(void) __attribute__((noreturn));
/* Called once per processor before that, on its idle stack. */
void scheduler_add_processor(unsigned processor, struct thread *idle);

void scheduler_add(struct thread *thread); /* a new thread becomes runnable */
/* A thread that sleeps is woken, one that runs on another processor enters the kernel soon. */
void scheduler_interrupt(struct thread *thread);
void scheduler_set_nice(struct thread *thread, int nice);
/* enum policy; a priority from 1 to 99 for the real-time ones, else 0. */
void scheduler_set_policy(struct thread *thread, unsigned policy, unsigned priority);
/* Bits of the processors where it may run, at least one of which exists. */
void scheduler_set_processors(struct thread *thread, uint32_t processors);
void schedule(void); /* gives the processor to the best thread */
/*
 * In long loops of system calls: lets interrupts in, and others run. True: a signal is waiting and
 * the caller should end with what it has done.
 */
bool breathe(void);
void yield(void);
bool reschedule_needed(void);
void scheduler_request(void); /* makes reschedule_needed() true here */

/* Sends SIGALRM to a process at a time (NO_DEADLINE: not any more). */
void scheduler_set_alarm(struct process *process, uint64_t at);

/* Asks the port for an interrupt not later than what is due next; after a change of timers. */
void scheduler_request_timer(void);

/*
 * Timer interrupt: wakes sleepers whose time has come, charges who runs for the ticks since the
 * last.
 */
void scheduler_tick(uint64_t now, bool user);
/* Charges the current process for what it has run so far; before somebody is told. */
void scheduler_charge(void);
/* And the current ones of the other processors. */
void scheduler_charge_all(void);

/*
 * Sleeps in a queue until woken, until the clock reaches a deadline or until a signal arrives: 0.
 * Callers loop around their condition, which so counts more than a signal or deadline that came at
 * the same time. -EINTR,
 * -EAGAIN: a signal was waiting, or the deadline had passed, before; it has not slept.
 */
int wait_in(struct wait_queue *queue, uint64_t deadline);
/* The same, but signals do not end it (they may wake it early). */
void wait_regardless(struct wait_queue *queue);
/*
 * The deadline of a system call that waits for a time. If the call is made again because a signal
 * without handler interrupted it, that is the deadline of the first time.
 */
uint64_t wait_deadline(uint64_t deadline);
void wake_all(struct wait_queue *queue);
void wake_thread(struct thread *thread); /* nothing if it does not sleep */
/* A dying thread leaves the processor for the last time. */
void schedule_dead(void) __attribute__((noreturn));

/* ---- the kernel's lock: big_lock.c ----------------------------------------------------------- */

void kernel_lock(void);
void kernel_unlock(void);
bool kernel_locked_here(void);
bool kernel_lock_wanted(void); /* whether another processor waits for it */

#endif
