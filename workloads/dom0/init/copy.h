/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * copy.h - a copy of a program that is measured (`xenolith run --program`)
 *
 * Programs and their arguments are in /etc/copy. For each kind of copies it has the number of its
 * first one, how many words follow, and the words, each with a NUL at its end. Numbers ascend; an
 * argument %n is the copy's number. All copies begin at one time of the machine's clock, when each
 * has booted. So the boot of one is not in the measurement of another.
 */
#ifndef XENOLITH_INIT_COPY_H
#define XENOLITH_INIT_COPY_H

#include <stdbool.h>

/*
 * init's command `copy NUMBER TIME [repeat]`, or FIRST+NUMBER in place of the number. Waits for the
 * time, in seconds since 1970, then runs the program, again and again with `repeat`. Start and end
 * are told to the simulator (include/xenolith/announce.h). False, after saying so, if the program
 * failed.
 */
bool copy_run(long number, long time, bool repeat);

#endif
