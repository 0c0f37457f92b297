/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tty.h - terminals as the rest of the kernel sees them: the console (tty.c), pairs (pty.c), jobs
 * (terminal.c)
 *
 * Lock: the kernel's, at every call. Nothing here sleeps. tty_input() is called by interrupts,
 * which take the lock first.
 */
#ifndef GUESTOS_TTY_H
#define GUESTOS_TTY_H

#include "guestos/arch.h"

struct process;

void tty_init(void);

/* The port has read these bytes from the console. Lock held. */
void tty_input(const char *text, uint32_t bytes);

/* How many bytes it takes now without losing any. A line that nobody can read before it ends is an
 * exception: it is always taken, and loses what does not fit. */
uint32_t tty_room(void);

void pty_init(void);

/* A process ends: if it led a terminal's session, the terminal is free again and its foreground
 * group hears of it (SIGHUP). */
void tty_process_ends(const struct process *process);

/*
 * The number of the terminal that controls a session, as /proc has it: major << 8 | minor; 0: none.
 */
uint32_t tty_of_session(uint32_t session);

#endif
