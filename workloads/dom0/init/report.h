/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * report.h - a program whose output and status reach the simulator's user (sim/cli/session.h)
 *
 * The console also carries what the hypervisor, the kernel and other domains say, with prefixes and
 * carriage returns. So the program's output goes through pipes, and each piece of it is one line of
 * its own on the console, written at once: the mark, tab @ tab, then a letter and text. (A domain's
 * console lets no control characters through but tab and newline.)
 *
 *   o text   standard output, the text and no newline     O text   the text and a newline
 *   e text   standard error, likewise                     E text
 *   i        what is typed from now on has a reader
 *   s N      the program has ended with exit status N (128 + the signal that ended it)
 *
 * In the text a backslash is doubled, and what is not printable ASCII is \xHH.
 */
#ifndef XENOLITH_INIT_REPORT_H
#define XENOLITH_INIT_REPORT_H

#include <stdbool.h>

/*
 * init's commands `report PROGRAM...` and `attend PROGRAM...`: run the program in a session of its
 * own, with input from /dev/null, or from the console. Comes back when it has ended and nobody
 * holds its output open.
 */
bool report_run(char **words, bool attend);

/* init's command `terminal PROGRAM...`: the program gets the console itself, as its terminal; only
 * its status is reported. */
bool report_terminal(char **words);

#endif
