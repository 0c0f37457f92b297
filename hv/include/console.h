/* SPDX-License-Identifier: GPL-2.0-only */
/* console.h - COM1 */
#ifndef HV_CONSOLE_H
#define HV_CONSOLE_H

#include "hv/include/types.h"

void console_init(void);
void console_write(const char *text, size_t length);

/* For panic: whoever was writing will not go on. */
void console_break_lock(void);

/* The next character received, or -1. */
int console_read(void);

/* Ends the machine: isa-debug-exit at port 0xf4. 0: ordinary, 3: crash. */
NORETURN void power_off(unsigned value);

#endif
