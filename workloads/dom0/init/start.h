/* SPDX-License-Identifier: GPL-2.0-only */
/* start.h - what init's parts share: words, sentences, processes */
#ifndef XENOLITH_INIT_START_H
#define XENOLITH_INIT_START_H

#include <stdbool.h>
#include <stddef.h>

/* Writes a number, 0 or more, to the end of a buffer; returns where it starts. */
char *write_number(char digits[12], long value);

/*
 * Says "init: WORD: REASON NUMBER"; the number is 0 or more. Returns false, for the caller to
 * return.
 */
bool fail(const char *word, const char *reason, long number);

/* Becomes the program (looked for in /sbin and /bin); ends with status 127 if there is none. */
_Noreturn void execute(char **words);

/* A decimal number that fits into 31 bits; -1 if it is none. */
long parse_number(const char *s);

/* Waits for a process (-1: any). Returns its wait status, or minus an error number. */
long wait_for(long pid);

_Noreturn void leave(int status);

#endif
