/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * time.h - clocks as programs see them
 *
 * Lock: the kernel's, at every call. Nothing here sleeps.
 */
#ifndef GUESTOS_TIME_H
#define GUESTOS_TIME_H

#include "guestos/arch.h"

#define NANOSECONDS 1000000000u

/* Nanoseconds since 1970 (sys_time.c). */
uint64_t time_wall(void);
/*
 * Sets that clock: the machine's, or in a domain that may not, its own from then on. -EINVAL: the
 * system would have booted before 1970.
 */
int time_set_wall(uint64_t now);

#define TIMER_ABSOLUTE 1u

/* sys_time.c: nanoseconds on a clock of clock_gettime(); false: no such clock. */
bool clock_read(uint32_t clock, uint64_t *value);
/* Whether one can wait for this clock: it goes on by itself, as those of processes' time do not. */
bool clock_waits(uint32_t clock);
/* The arch_clock() time at which a clock that waits shows `value`, or after `value` nanoseconds. */
uint64_t clock_deadline(uint32_t clock, uint64_t value, bool absolute);

/* A timespec of nanoseconds to a program, `wide`: of 64 bits; 0 or -EFAULT. */
int give_time(uint32_t address, uint64_t value, bool wide);

#endif
