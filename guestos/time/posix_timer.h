/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * posix_timer.h - timers of timer_create()
 *
 * Lock: the kernel's, at every call. Nothing here sleeps.
 */
#ifndef GUESTOS_POSIX_TIMER_H
#define GUESTOS_POSIX_TIMER_H

struct process;

/* exec, and the end of a process: all its timers go. */
void posix_timers_drop(struct process *process);

#endif
