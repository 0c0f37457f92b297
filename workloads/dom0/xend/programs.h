/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * programs.h - Domain 0's programs at the store: the same protocol, over a Unix socket
 *
 * They are trusted with everything in the store, but not with keeping to the protocol: one that
 * does not is cut off.
 */
#ifndef XENOLITH_XEND_PROGRAMS_H
#define XENOLITH_XEND_PROGRAMS_H

#include <poll.h>

#include "workloads/dom0/xend/store/store.h"

int programs_listen(struct store *store); /* 0 or minus an error number */

/* What to wait for, and what to do when it has come. */
unsigned programs_wait(struct pollfd *fds, unsigned most);
void programs_work(const struct pollfd *fds, unsigned count);

#endif
