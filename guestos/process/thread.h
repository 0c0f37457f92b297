/* SPDX-License-Identifier: GPL-2.0-only */
/* thread.h - what only threads have: futexes, lists of locks they hold, TLS descriptors */
#ifndef GUESTOS_THREAD_H
#define GUESTOS_THREAD_H

#include "guestos/process/process.h"

/* set_thread_area(): reads a struct user_desc, writes the entry it chose. 0 or -Exxx. */
int tls_set(struct thread *thread, u32 user_descriptor);

/* The current thread ends, its memory still there: locks that it holds are marked and their
 * waiters woken (set_robust_list), its number is cleared (set_tid_address) and who joins it woken. */
void thread_ends(struct process *thread);

/* Wakes up to `most` threads that wait at this address of the current space. */
void futex_wake_address(u32 address, u32 most);

#endif
