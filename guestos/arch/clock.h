/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * clock.h - time
 *
 * Lock: the clocks need none; arch_timer_request() needs the kernel's.
 */
#ifndef GUESTOS_ARCH_CLOCK_H
#define GUESTOS_ARCH_CLOCK_H

#include "guestos/kernel/types.h"

#define TICK_HZ 100 /* of the scheduler's account of time */

uint64_t arch_clock(void); /* nanoseconds since boot, never backwards */
/* Nanoseconds since boot in which a processor wanted to run and the hypervisor ran others. */
uint64_t arch_stolen(unsigned processor);
uint64_t arch_wall_clock(void); /* nanoseconds since 1970 at the moment of boot */
/*
 * Sets it for the machine: on Xen, all domains see it then. False: it is not this system's to set.
 */
bool arch_set_wall_clock(uint64_t at_boot);

/* scheduler_tick() will be called not later than this arch_clock() time (~0: when you like).
 * native: the APIC timer ticks anyway, this does nothing. xen: set_timer_op if it is earlier. */
void arch_timer_request(uint64_t deadline);

#endif
