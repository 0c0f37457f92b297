/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * shortage.h - when memory runs out
 *
 * Lock: the kernel's, at every call. memory_after_call() and memory_make_room() let others run,
 * and may not return; nothing else sleeps.
 */
#ifndef GUESTOS_SHORTAGE_H
#define GUESTOS_SHORTAGE_H

#include "guestos/kernel/types.h"

/*
 * Whether a program may have one more page; perhaps after clean pages of files were given up.
 * False: what is left is the kernel's, to finish system calls and to end programs with.
 */
bool memory_for_programs(void);

/* Whether there is room for one more process. */
bool memory_for_process(void);

/* Whether a file in memory, or a directory there, may grow. */
bool memory_for_files(void);

/* At the end of a system call: makes room if the kernel's last frames are going. May not return. */
void memory_after_call(void);

/* Ends the program that has to go, and lets it run to its end; then the caller tries again. May not
 * return: the caller may be the one. Where sleeping is allowed. */
void memory_make_room(void);

#endif
