/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * syscall.h - the handlers that syscalls.def names, and their dispatcher
 *
 * Lock: the kernel's, at every call. syscall() sleeps where the call does, and may not return
 * (exit).
 */
#ifndef GUESTOS_SYSCALL_H
#define GUESTOS_SYSCALL_H

#include "guestos/arch.h"

#define PARAMETERS_0     void
#define PARAMETERS_1     u32
#define PARAMETERS_2     u32, u32
#define PARAMETERS_3     u32, u32, u32
#define PARAMETERS_4     u32, u32, u32, u32
#define PARAMETERS_5     u32, u32, u32, u32, u32
#define PARAMETERS_6     u32, u32, u32, u32, u32, u32
#define PARAMETERS_FRAME struct trap_frame *

#define SYSCALL(number, name, arguments) int sys_##name(PARAMETERS_##arguments);
#include "guestos/sys/syscalls.def"
#undef SYSCALL

/* Performs the call that the frame's eax names and puts the result there. */
void syscall(struct trap_frame *frame);

#endif
