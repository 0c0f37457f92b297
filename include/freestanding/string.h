/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * string.h - what the compiler and the rest expect of a C library (C17, 7.24)
 *
 * The compiler makes calls of the first four by itself. The host's C library has its own.
 */
#ifndef FREESTANDING_STRING_H
#define FREESTANDING_STRING_H

#include "include/freestanding/types.h"

#if __STDC_HOSTED__
#include <string.h>
#else
void *memcpy(void *to, const void *from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t bytes);
char *strchr(const char *text, int wanted);
char *strstr(const char *text, const char *part);
#endif

/*
 * Copies at most size - 1 characters and always ends the copy with NUL; reads no further than it
 * copies, so that `from` may lack an end. size is not 0. Returns the length of the copy.
 */
size_t copy_string(char *to, const char *from, size_t size);

#endif
