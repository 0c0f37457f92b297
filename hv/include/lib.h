/* SPDX-License-Identifier: GPL-2.0-only */
/* lib.h - strings, formatted output, ends of the world */
#ifndef HV_LIB_H
#define HV_LIB_H

#include "hv/include/types.h"

#if !__STDC_HOSTED__
void *memcpy(void *to, const void *from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
int memcmp(const void *a, const void *b, size_t bytes);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t bytes);
char *strstr(const char *text, const char *part);
#endif

/* Copies at most size - 1 characters and always ends the copy with NUL. */
void copy_string(char *to, const char *from, size_t size);

/* Decimal or 0x number; *end is set behind its last digit. 0 if there is none. */
uint64_t parse_number(const char *text, const char **end);

/* %s %c %d %u %x %p %%, with l and ll, widths and zero padding. Returns the length. */
int format(char *to, size_t size, const char *form, ...) __attribute__((format(printf, 3, 4)));
int format_list(char *to, size_t size, const char *form, va_list values);

/* A line on the console, beginning with "(XEN) ". */
void print(const char *form, ...) __attribute__((format(printf, 1, 2)));

/* Prints the reason, the registers at hand and ends the machine with power-off value 3. */
NORETURN void panic(const char *form, ...) __attribute__((format(printf, 1, 2)));

/* Does so on purpose, if the option panic-test was given. */
void panic_test(void);

#define ASSERT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition))                                                                          \
            panic("assertion failed at %s:%d: %s", __FILE__, __LINE__, #condition);                \
    } while (0)

#endif
