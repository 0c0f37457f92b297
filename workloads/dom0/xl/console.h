/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * console.h - a domain's console on our standard input and output
 */
#ifndef XENOLITH_XL_CONSOLE_H
#define XENOLITH_XL_CONSOLE_H

#include <stdbool.h>

/* Asks xend for a domain's console. Returns a socket, or -1 after saying why there is none. */
int console_attach(unsigned domain);

enum console_end { CONSOLE_LEFT, CONSOLE_GONE, DOMAIN_ENDED };

/*
 * Carries text both ways until the user leaves (Ctrl-], where our input is a terminal), or the
 * console is gone with its domain; or, if asked to watch for it, until the domain shuts down, which
 * no key hastens. All that it had written is out then. Closes the socket.
 */
enum console_end console_carry(int console, unsigned domain, bool watch);

/* The command: `xl console DOMAIN`. */
int command_console(int count, char **words);

#endif
