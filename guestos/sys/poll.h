/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * poll.h - waiting for several files at once
 *
 * Lock: the kernel's, at every call. poll_wait() sleeps; nothing else does. poll_changed() wakes
 * and may send signals, and is called by interrupts too, with the lock.
 */
#ifndef GUESTOS_POLL_H
#define GUESTOS_POLL_H

#include "guestos/kernel/types.h"

struct file;

#define POLLIN     0x0001u
#define POLLPRI    0x0002u
#define POLLOUT    0x0004u
#define POLLERR    0x0008u
#define POLLHUP    0x0010u
#define POLLNVAL   0x0020u
#define POLLRDNORM 0x0040u /* with POLLIN */
#define POLLWRNORM 0x0100u /* with POLLOUT */
#define POLLRDHUP  0x2000u

/*
 * Some file's readiness may have changed: pollers look again. `changes` counts that for this
 * file (file_ops.changes); NULL: nobody counts, and it may have been any.
 */
void poll_changed(uint32_t *changes);
/* What a file is ready for now. */
uint32_t poll_ready(struct file *file);
/* A number that differs from an earlier one if the file's readiness may have changed in between. */
uint32_t poll_changes(struct file *file);
/* Sleeps until poll_changed(): as wait_in(). */
int poll_wait(uint64_t deadline);

/*
 * For the calls that wait with a timeout and a mask. A timespec (0: none, for ever) as a deadline;
 * 0, -EFAULT, -EINVAL.
 */
int poll_deadline(uint64_t *deadline, uint32_t address, bool wide);
/*
 * Swaps the mask for the time of the wait (address 0: not); a handler that ends it returns to the
 * old mask, and so does the other function if none did, which returns `result`.
 */
int poll_swap_mask(uint32_t address);
int poll_restore_mask(int result);

#endif
