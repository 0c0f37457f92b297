/* SPDX-License-Identifier: GPL-2.0-only */
/* time.h - system time, timers, guests' time information */
#ifndef HV_TIME_H
#define HV_TIME_H

#include "hv/include/domain.h"

/* Calibrates the TSC and the APIC timer against the PIT, reads the wall clock. */
void time_init(void);

/* Time since boot. */
nanoseconds now(void);

/* The TSC's frequency in kHz, as measured by time_init(). */
uint32_t tsc_khz(void);
/* Nanoseconds since boot are ((tsc << shift) * mul >> 32) + offset. */
void tsc_scale(uint64_t *offset, uint32_t *mul, int8_t *shift);

/* The vcpu's time information in its vcpu_info, under the version protocol. */
void time_publish(struct vcpu *vcpu);

/* The same, if its time was last written a second ago: for one that keeps its processor. */
void time_refresh(struct vcpu *vcpu);

/* Writes the wall clock at boot into a new domain's shared_info. */
void wall_clock_publish(struct domain *domain);

/* What the wall clock showed at a moment since boot: all domains are told. Takes mm_lock. */
void wall_clock_set(uint64_t seconds, uint32_t nanoseconds_more, nanoseconds when);

/* Sets, or moves, a timer on this vcpu's processor. due 0 stops it. */
void timer_set(struct vcpu *vcpu, struct timer *timer, nanoseconds due);

/* Stops a timer, and waits until it has fired if it is just doing so. */
void timer_cancel(struct vcpu *vcpu, struct timer *timer);

/* Whether anything is due on this processor, which its interrupt will say as soon as it can. */
bool timers_due(nanoseconds time);

/* Fires what is due on this processor and programs its APIC timer for what comes next. */
void timers_run(void);
void timers_program(void);

/*
 * The timer's event that every vcpu gets at least so often while it runs, asked for or not; 0:
 * none. Xen 1.0 had such a tick. The command line sets it.
 */
extern nanoseconds timer_events;

/* Busy-waits. */
void delay(nanoseconds time);

#endif
