/* SPDX-License-Identifier: GPL-2.0-only */
/* console.h - COM1, and the PC's screen and keyboard */
#ifndef HV_CONSOLE_H
#define HV_CONSOLE_H

#include "hv/include/types.h"

/* 115200 baud, 8N1; output is polled, and so is all input until console_listen(). */
void console_init(void);

/* From now on what is typed interrupts, is kept, and is told Domain 0, which exists, by
 * VIRQ_CONSOLE. Where there is no I/O APIC it is looked for 50 times a second. */
void console_listen(void);
/*
 * The hypervisor's own text: to the line, and into the ring that sysctl reads. Any processor may
 * call it.
 */
void console_write(const char *text, size_t length);
/* Domain 0's own text, which it has no need to read back. */
void console_pass_on(const char *text, size_t length);

/*
 * From now on console_write() only keeps its text: a program of Domain 0 shows it in a place of its
 * own. A panic is shown all the same.
 */
void console_be_quiet(void);

/*
 * What console_write wrote before: up to so many characters from a position on, which counts
 * characters ever written and moves along; one that is not kept any more becomes the first that is.
 * The first one is where the last "clear" was.
 */
uint32_t console_ring_read(uint32_t *position, char *to, uint32_t bytes);
uint32_t console_ring_begin(void);
void console_ring_clear(uint32_t position);

/* For panic: the writer it interrupted will not go on. */
void console_break_lock(void);

/* The next character received. False: there is none. Any processor may call it. */
bool console_read(char *character);

#endif
