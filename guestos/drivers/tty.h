/* SPDX-License-Identifier: GPL-2.0-only */
/* tty.h - the console as a terminal: /dev/console, /dev/tty, /dev/ttyS0 */
#ifndef GUESTOS_TTY_H
#define GUESTOS_TTY_H

#include "guestos/arch.h"

struct process;

void tty_init(void);

/* The port has read these bytes from the console. Lock held. */
void tty_input(const char *text, u32 bytes);

/* A process ends: if it led the terminal's session, the terminal is free again and its foreground
 * group hears of it (SIGHUP). */
void tty_process_ends(const struct process *process);

#endif
