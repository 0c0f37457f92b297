/* SPDX-License-Identifier: GPL-2.0-only */
/* sched.h - which vcpu runs on a processor (the arithmetic: bvt.h) */
#ifndef HV_SCHED_H
#define HV_SCHED_H

#include "hv/include/domain.h"
#include "hv/include/arch/percpu.h"

extern nanoseconds sched_ctx_allow; /* context-switch allowance, the slice */

/* Numbers the processors and empties their queues. */
void sched_init(void);

/* The processor's main loop: runs vcpus, or waits for one. Never returns. */
NORETURN void sched_start(void);

/* Chooses who runs on this processor and exchanges *regs, the frame to return to. */
void schedule(cpu_regs *regs);

/* Gives a new vcpu a processor, round robin (Domain 0's always gets processor 0). */
void sched_place(struct vcpu *vcpu);

/*
 * Takes a domain's vcpu off its queue: DOMAIN_SHUTDOWN or DOMAIN_DYING. False: it had come so far
 * already. From a shutdown (a suspension that came to nothing) sched_resume leads back, as if the
 * call had returned.
 */
bool sched_end(struct domain *domain, enum domain_state state);
void sched_resume(struct domain *domain);

/* A blocked vcpu can run again: an event, or the control program. Else it does nothing. */
void sched_wake(struct vcpu *vcpu);

/*
 * What this processor does from now on is for a domain: the time is billed to it and
 * not to the current vcpu. NULL: it is the current vcpu's again. Not across a return to a guest.
 */
void sched_work_for(struct domain *domain);

/* The current vcpu waits for an event. */
void sched_block(void);

/* How long a processor has had nothing to do; how long a vcpu has run. Both up to now. */
nanoseconds sched_idle_time(unsigned number);
nanoseconds sched_cpu_time(const struct vcpu *vcpu);

/* Stops a domain and waits until it is off its processor; lets it go again. */
void sched_pause(struct domain *domain);
void sched_unpause(struct domain *domain);

/*
 * Takes a vcpu that does not run out of the processor: out of this one, whichever it is; or this
 * one, from wherever it is. Nothing of it stays in page tables, descriptors, or registers.
 */
void sched_unload(void);
void sched_unload_vcpu(struct vcpu *vcpu);

/* Copies it to where the current vcpu wants it. */
void runstate_publish(const struct vcpu *vcpu);

#endif
