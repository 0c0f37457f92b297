/* SPDX-License-Identifier: GPL-2.0-only */
/* poll.h - waiting for several files at once */
#ifndef GUESTOS_POLL_H
#define GUESTOS_POLL_H

#define POLLIN   0x001u
#define POLLOUT  0x004u
#define POLLERR  0x008u
#define POLLHUP  0x010u
#define POLLNVAL 0x020u

/* Some file's readiness may have changed: whoever polls looks again. */
void poll_changed(void);

#endif
