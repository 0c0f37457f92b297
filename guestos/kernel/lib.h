/* SPDX-License-Identifier: GPL-2.0-only */
/* lib.h - messages, the end of the kernel, and what stands in for a C library */
#ifndef GUESTOS_LIB_H
#define GUESTOS_LIB_H

#include "guestos/kernel/types.h"
#include "include/freestanding/divide.h"
#include "include/freestanding/format.h"
#include "include/freestanding/string.h"

/* A text on the console (format.h), cut off at 255 characters. */
void kprintf(const char *text, ...) PRINTF_LIKE(1, 2);

/* Prints why the kernel cannot go on and ends the machine (domain) as crashed. */
void panic(const char *text, ...) PRINTF_LIKE(1, 2) __attribute__((noreturn));

/* Holds in every build: a broken invariant of the kernel ends it. */
#define ASSERT(condition)                                                                          \
    do {                                                                                           \
        if (!(condition))                                                                          \
            panic("%s:%d: %s does not hold", __FILE__, __LINE__, #condition);                      \
    } while (0)

#endif
