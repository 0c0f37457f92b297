/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * window.h - a page between two files
 *
 * Operations of files copy to and from programs. What goes from file to file passes through a page
 * that is mapped into the caller for the time of the call, so that either may be of any kind.
 *
 * Lock: the kernel's, at every call. Nothing here sleeps.
 */
#ifndef GUESTOS_WINDOW_H
#define GUESTOS_WINDOW_H

#include "guestos/kernel/types.h"

/* Maps the page and sets its address; 0 or -ENOMEM. */
int window_open(uint32_t *window);
void window_close(uint32_t window);

#endif
