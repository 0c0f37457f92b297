/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * clock_timer.h - timers that programs set by a clock, whatever it is that expires
 * (timer_settime(2))
 *
 * Lock: the kernel's, at every call. Nothing here sleeps.
 */
#ifndef GUESTOS_CLOCK_TIMER_H
#define GUESTOS_CLOCK_TIMER_H

#include "guestos/time/timer.h"

struct clock_timer {
    struct timer timer; /* first: what fire() gets */
    uint32_t clock;     /* CLOCK_*, one that clock_waits() */
    uint64_t interval;  /* nanoseconds between expirations; 0: it expires once */
};

/* struct itimerspec in nanoseconds. */
struct timer_setting {
    uint64_t interval, value;
};

/* Reads one from a program; `wide`: with times of 64 bits. 0, -EFAULT or -EINVAL. */
int take_timer_setting(struct timer_setting *setting, uint32_t address, bool wide);
/* Writes what is left and the interval to a program; 0 or -EFAULT. */
int clock_timer_give(const struct clock_timer *timer, uint32_t address, bool wide);
/* Sets it: value 0 stops it; `absolute`: the value is what the clock shows then. */
void clock_timer_set(struct clock_timer *timer, const struct timer_setting *setting, bool absolute);
/* From fire(): timer_again() by its own interval. */
static inline uint64_t clock_timer_again(struct clock_timer *timer, uint64_t now)
{
    return timer_again(&timer->timer, timer->interval, now);
}

#endif
