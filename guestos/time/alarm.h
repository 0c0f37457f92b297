/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * alarm.h - a process's alarms: setitimer()'s three, and the limit on processor time
 *
 * The scheduler asks for the first of them and tells what time it is and whose it was;
 * scheduler_set_alarm() (kernel/sched.h) sets ITIMER_REAL.
 *
 * Lock: the kernel's, at every call. Nothing here sleeps.
 */
#ifndef GUESTOS_ALARM_H
#define GUESTOS_ALARM_H

#include "guestos/kernel/types.h"

struct process;

/* When the first ITIMER_REAL is due, by arch_clock(); NO_DEADLINE. */
uint64_t alarms_first(void);
/* Sends what is due. */
void alarms_ring(uint64_t now);
/* The process has run for so many ticks, in ring 3 or in the kernel. */
void alarms_charge(struct process *process, uint32_t ticks, bool user);

#endif
