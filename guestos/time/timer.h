/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * timer.h - calls at a time, for the kernel's own parts and for programs' timers
 *
 * Lock: the kernel's, at every call. fire() is called by the timer interrupt with the lock, and
 * may not sleep.
 */
#ifndef GUESTOS_TIMER_H
#define GUESTOS_TIMER_H

#include "guestos/arch.h"

/* Part of what it belongs to; `at` is NO_DEADLINE while it is not set. */
struct timer {
    struct timer *next;
    uint64_t at, due; /* arch_clock() times; due: while it fires, when it should have */
    /* Interrupts off, the lock held; the timer is not set any more, and may be set again. */
    void (*fire)(struct timer *timer, uint64_t now);
};

void timer_set(struct timer *timer, uint64_t at); /* NO_DEADLINE: not any more */
/*
 * From fire(): sets a periodic timer for its next time, the first that is not over yet (interval 0:
 * none). How many times have come since the last, this one included.
 */
uint64_t timer_again(struct timer *timer, uint64_t interval, uint64_t now);
uint64_t timer_left(const struct timer *timer); /* nanoseconds, at least 1; 0: not set */

/* For the scheduler: when the next is due, and running what is. */
uint64_t timers_first(void);
void timers_run(uint64_t now);

#endif
