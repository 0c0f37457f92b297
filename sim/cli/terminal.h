/* SPDX-License-Identifier: GPL-2.0-only */
/* terminal.h - the user's terminal while the machine has it */
#ifndef XENOLITH_SIM_TERMINAL_H
#define XENOLITH_SIM_TERMINAL_H

#include <signal.h>
#include <stdbool.h>

/*
 * From now on every key goes to the machine, Ctrl-C too; only Ctrl-] typed twice, within a second,
 * ends the simulator, which a message says. Set back at exit at the latest. False, and nothing
 * done: standard input is no terminal.
 */
bool terminal_raw(void);

/* The terminal is the user's again, as it was; nothing if the machine did not have it. */
void terminal_restore(void);

/* A Ctrl-] that was typed once: it does not come on standard input. 0: none. */
extern volatile sig_atomic_t terminal_key;

/* The size of the window on standard input, in characters. False: it has none. */
bool terminal_size(unsigned *rows, unsigned *columns);

#endif
