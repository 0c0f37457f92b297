/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * processor.h - processors: how many, which one this is, waiting for interrupts
 *
 * Lock: the kernel's is held and interrupts are off, but for arch_processors(),
 * arch_this_processor() and what says so.
 */
#ifndef GUESTOS_ARCH_PROCESSOR_H
#define GUESTOS_ARCH_PROCESSOR_H

#include "guestos/kernel/types.h"

#define CPU_LIMIT 8

unsigned arch_processors(void);     /* how many run the scheduler */
unsigned arch_this_processor(void); /* 0 .. arch_processors() - 1 */
void arch_start_processors(void);   /* native: the others begin in scheduler_run() */
void arch_kick(unsigned processor); /* makes it look at reschedule_needed() soon */
/* Waits, interrupts on, for an interrupt; returns with them off. Without the lock. */
void arch_idle(void);
void arch_accept_interrupts(void); /* handles what is pending, in the middle of a system call */
bool arch_is_guest(void);          /* whether a hypervisor lies below: the Xen port */
void arch_relax(void);             /* without the lock: in the loop that waits for it */

#endif
