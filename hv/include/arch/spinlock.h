/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * spinlock.h - locks between processors
 *
 * The hypervisor runs with interrupts off, so a lock only ever waits for another processor. A
 * waiter serves others' cross calls (smp.h) while it spins: the holder may be waiting for them.
 * Locks are fair: who gives one up and takes it again lets the others pass, as long operations rely
 * on.
 *
 * Order, outermost first: domctl_lock, io_lock, net_lock, mm_lock, event_lock, a processor's queue
 * lock or its timer lock, console_lock.
 */
#ifndef HV_SPINLOCK_H
#define HV_SPINLOCK_H

#include "hv/include/types.h"

/* Each comer takes a number; numbers are served in turn. */
struct spinlock {
    volatile uint32_t next, served;
};

#if __STDC_HOSTED__
static inline void lock(struct spinlock *l)
{
    l->next++;
}
#else
void serve_cross_calls(void);

static inline void lock(struct spinlock *l)
{
    uint32_t mine = __atomic_fetch_add(&l->next, 1, __ATOMIC_ACQUIRE);

    while (__atomic_load_n(&l->served, __ATOMIC_ACQUIRE) != mine) {
        serve_cross_calls();
        __asm__ volatile("pause");
    }
}
#endif

static inline void unlock(struct spinlock *l)
{
    __atomic_store_n(&l->served, l->served + 1, __ATOMIC_RELEASE);
}

/* For panic: all who have taken a number are served, at once. */
static inline void lock_break(struct spinlock *l)
{
    l->served = l->next;
}

#endif
