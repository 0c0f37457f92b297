/* SPDX-License-Identifier: GPL-2.0-only */
/* terminal.h - the user's terminal while the machine has it */
#ifndef XENOLITH_SIM_TERMINAL_H
#define XENOLITH_SIM_TERMINAL_H

#include <stdbool.h>

#define TERMINAL_ESCAPE 0x1d /* Ctrl-]: for machine_config.console_escape */
#define TERMINAL_END    0x04 /* Ctrl-D, the end of input: console_end */

/*
 * From now on every key goes to the machine, Ctrl-C too. The machine looks for TERMINAL_ESCAPE,
 * which typed twice ends the simulator; a message says so. Set back at exit at the latest, and by
 * signals that end the program. False, and nothing done: standard input is no terminal.
 */
bool terminal_raw(void);

/* The terminal is the user's again, as it was; nothing if the machine did not have it. */
void terminal_restore(void);

/* The size of the window on standard input, in characters. False: it has none. */
bool terminal_size(unsigned *rows, unsigned *columns);

#endif
