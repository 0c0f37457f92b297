/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * format.h - a small printf
 *
 *   % [-] [0] [width] [l | ll | z] d | i | u | x | p | c | s, and %%
 *
 * As in C17, 7.21.6.1, but for two things: %p is eight hexadecimal digits, and %s of NULL is
 * "(null)". Other letters stand for themselves. Nothing is allocated; `l` and `z` are 32 bits.
 */
#ifndef FREESTANDING_FORMAT_H
#define FREESTANDING_FORMAT_H

#include "include/freestanding/types.h"

/*
 * Writes at most `size` bytes, NUL included; `to` may be NULL if size is 0. Returns the length that
 * the whole text has, in bytes without NUL.
 */
int format(char *to, size_t size, const char *text, ...) __attribute__((format(printf, 3, 4)));
int format_list(char *to, size_t size, const char *text, va_list values);

#endif
