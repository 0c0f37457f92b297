/* SPDX-License-Identifier: GPL-2.0-only */
/* console.h - what the serial port said: shown, and its last lines kept for reports */
#ifndef XENOLITH_SIM_CONSOLE_H
#define XENOLITH_SIM_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define CONSOLE_KEPT 4096

struct console {
    FILE *out; /* NULL: keep only */
    char kept[CONSOLE_KEPT];
    uint64_t count; /* bytes so far */
    uint64_t shown; /* so many are not printed: an earlier run of the same machine has */
};

/* A byte from the UART; `console` is a struct console. */
void console_byte(void *console, uint8_t byte);

/* After a state was loaded: `out` gets the bytes of the line that was not over. */
void console_resume(struct console *console);

/* Prints the last `lines` lines, each after `prefix`, without control characters. */
void console_tail(const struct console *console, FILE *out, const char *prefix, unsigned lines);

#endif
