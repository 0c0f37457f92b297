/* SPDX-License-Identifier: GPL-2.0-only */
/* options.h - reading the kernel's command line */
#ifndef GUESTOS_OPTIONS_H
#define GUESTOS_OPTIONS_H

#include "guestos/kernel/types.h"

/* What follows NAME= in the kernel's part of the line; NULL: not given. */
const char *option_value(const char *line, const char *name);
/* Copies a value up to the next space. */
void option_copy(char *to, const char *value, size_t size);
/* A size in bytes with optional K, M or G; 0 if it is not a number. */
uint64_t option_size(const char *value);
/* "7" or "7.3", a seed and a copy's number; 0 if it is neither, or the seed is 0. */
uint32_t option_seed(const char *value);
/* What follows "--"; NULL: nothing. */
char *option_init_words(char *line);

#endif
