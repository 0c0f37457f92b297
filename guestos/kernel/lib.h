/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lib.h - strings, formatting, messages
 *
 * kprintf() writes to the console: %s %d %u %x %p %c %%, the modifiers l and ll, a width with
 * optional zero padding, and a minus sign for left alignment. Formatting never allocates.
 */
#ifndef GUESTOS_LIB_H
#define GUESTOS_LIB_H

#include "guestos/kernel/types.h"

#if !__STDC_HOSTED__
void *memcpy(void *to, const void *from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
#endif

/* Copies at most size - 1 characters and always ends with NUL. Returns strlen(from). */
size_t copy_string(char *to, const char *from, size_t size);

/* Returns the length that the whole text has; writes at most size bytes, NUL included. */
int format(char *buffer, size_t size, const char *text, ...) PRINTF_LIKE(3, 4);
int format_list(char *buffer, size_t size, const char *text, __builtin_va_list list);

void kprintf(const char *text, ...) PRINTF_LIKE(1, 2);

/* Prints why the kernel cannot go on and ends the machine (domain) as crashed. */
void panic(const char *text, ...) PRINTF_LIKE(1, 2) __attribute__((noreturn));

/* Holds in every build: a broken invariant of the kernel ends it. */
#define ASSERT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition))                                                                          \
            panic("%s:%d: %s does not hold", __FILE__, __LINE__, #condition);                      \
    } while (0)

/* 64-bit division by a 32-bit divisor: the compiler's helper is not linked into the kernel. */
static inline u64 divide(u64 dividend, u32 divisor, u32 *remainder)
{
#if __STDC_HOSTED__
    if (remainder)
        *remainder = (u32)(dividend % divisor);
    return dividend / divisor;
#else
    u32 high = (u32)(dividend >> 32), low = (u32)dividend, quotient_high = high / divisor, rest;
    high %= divisor;
    __asm__("divl %4" : "=a"(low), "=d"(rest) : "0"(low), "1"(high), "rm"(divisor));
    if (remainder)
        *remainder = rest;
    return (u64)quotient_high << 32 | low;
#endif
}

#endif
