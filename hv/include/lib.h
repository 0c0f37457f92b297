/* SPDX-License-Identifier: GPL-2.0-only */
/* lib.h - numbers in text, console output, ends of the world */
#ifndef HV_LIB_H
#define HV_LIB_H

#include "hv/include/types.h"
#include "include/freestanding/format.h"
#include "include/freestanding/string.h"

/* Decimal or 0x number; *end is set behind its last digit. 0 if there is none. */
uint64_t parse_number(const char *text, const char **end);

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
