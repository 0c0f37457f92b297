/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * allocate.h - the heap's two calls, for code that a unit test also compiles for the host
 *
 * Lock: the kernel's, at every call. Nothing here sleeps; memory for it may come from clean pages
 * of files, which are given up.
 */
#ifndef GUESTOS_ALLOCATE_H
#define GUESTOS_ALLOCATE_H

#include "guestos/kernel/types.h"

/* Zeroed, 16-byte aligned (page aligned from 4096 bytes on). NULL: no memory. */
void *heap_allocate(size_t bytes);
void heap_free(void *object); /* NULL is allowed */

#endif
