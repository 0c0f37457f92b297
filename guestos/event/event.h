/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * event.h - files that are no file: counters, timers, signals and sets of files to wait for
 *
 * epoll.c, eventfd.c, timerfd.c and signalfd.c each give programs a descriptor that can be polled.
 * All have an inode without a name and without a type, as Linux's have, and keep their state in
 * file->data.
 *
 * Lock: the kernel's, at every call. event_wait() sleeps; nothing else does.
 */
#ifndef GUESTOS_EVENT_H
#define GUESTOS_EVENT_H

#include "guestos/fs/file.h"

/*
 * A descriptor for a new file with these operations, whose state is `data`: it belongs to the file
 * from now on, and close() frees it; on failure it is freed here. flags: OPEN_*. Descriptor or
 * -Exxx.
 */
int event_install(const struct file_ops *ops, void *data, uint32_t flags);

/* Sleeps until a file's readiness may have changed, for operations that block: 0, or -EINTR;
 * -EAGAIN at once if the file was opened not to wait. */
int event_wait(const struct file *file);

#endif
