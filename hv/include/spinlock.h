/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * spinlock.h - locks between processors
 *
 * The hypervisor runs with interrupts off, so a lock only ever waits for the other processor. A
 * waiter serves the other's cross calls (smp.h) while it spins: the holder may be waiting for them.
 *
 * Order, outermost first: domctl_lock, mm_lock, event_lock, a processor's queue lock, console_lock.
 */
#ifndef HV_SPINLOCK_H
#define HV_SPINLOCK_H

#include "hv/include/types.h"

struct spinlock {
    volatile uint32_t held;
};

#if __STDC_HOSTED__
static inline void lock(struct spinlock *l)
{
    l->held = 1;
}

static inline void unlock(struct spinlock *l)
{
    l->held = 0;
}
#else
void serve_cross_calls(void);

static inline void lock(struct spinlock *l)
{
    while (__atomic_exchange_n(&l->held, 1, __ATOMIC_ACQUIRE)) {
        serve_cross_calls();
        __asm__ volatile("pause");
    }
}

static inline void unlock(struct spinlock *l)
{
    __atomic_store_n(&l->held, 0, __ATOMIC_RELEASE);
}
#endif

#endif
