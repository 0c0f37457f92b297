/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * big_lock.c - the lock that keeps other processors out of the kernel
 *
 * Taken on the way in from ring 3 and from idle, with interrupts off, and handed over with the
 * processor when a process waits (sched.c). A ticket lock: processors get in in the order in which
 * they came, so that one that is in and out of system calls does not starve the other.
 *
 * One processor alone draws its tickets without locking the bus, as kernels built for one do. The
 * first one holds the lock while the others start, so that it draws none while their number grows.
 */
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"

static uint32_t next_ticket, now_serving;
static int lock_holder = -1; /* processor */

bool kernel_locked_here(void)
{
    return __atomic_load_n(&lock_holder, __ATOMIC_RELAXED) == (int)arch_this_processor();
}

static uint32_t draw_ticket(void)
{
    if (arch_processors() == 1)
        return next_ticket++;
    return __atomic_fetch_add(&next_ticket, 1, __ATOMIC_RELAXED);
}

void kernel_lock(void)
{
    int me = (int)arch_this_processor();

    ASSERT(lock_holder != me);
    uint32_t ticket = draw_ticket();
    while (__atomic_load_n(&now_serving, __ATOMIC_ACQUIRE) != ticket)
        arch_relax();
    __atomic_store_n(&lock_holder, me, __ATOMIC_RELAXED);
}

void kernel_unlock(void)
{
    __atomic_store_n(&lock_holder, -1, __ATOMIC_RELAXED);
    __atomic_store_n(&now_serving, now_serving + 1, __ATOMIC_RELEASE);
}

bool kernel_lock_wanted(void)
{
    return __atomic_load_n(&next_ticket, __ATOMIC_RELAXED) != now_serving + 1;
}
