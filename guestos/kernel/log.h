/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * log.h - the last of what the kernel has said
 *
 * Lock: none is needed to add, as whoever prints has the console; the others need the kernel's.
 */
#ifndef GUESTOS_LOG_H
#define GUESTOS_LOG_H

#include "guestos/kernel/types.h"

#define LOG_BYTES 4096u

void log_add(const char *text, uint32_t bytes);
/* How many bytes there are to read. */
uint32_t log_kept(void);
/* Those that lie `back` before the end, log_kept() or less: how many. */
uint32_t log_read(uint32_t back, char *to, uint32_t bytes);
/* How many bytes one reader, who takes them, has not had; he takes some. */
uint32_t log_unread(void);
void log_take(uint32_t bytes);
/* What is there now is not read again by log_kept(). */
void log_clear(void);

#endif
