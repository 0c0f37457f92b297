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
#define PARAMETERS_1     uint32_t
#define PARAMETERS_2     uint32_t, uint32_t
#define PARAMETERS_3     uint32_t, uint32_t, uint32_t
#define PARAMETERS_4     uint32_t, uint32_t, uint32_t, uint32_t
#define PARAMETERS_5     uint32_t, uint32_t, uint32_t, uint32_t, uint32_t
#define PARAMETERS_6     uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t
#define PARAMETERS_FRAME struct trap_frame *

#define SYSCALL(number, name, arguments) int sys_##name(PARAMETERS_##arguments);
#include "guestos/sys/syscalls.def"
#undef SYSCALL

/* Performs the call that the frame's eax names and puts the result there. */
void syscall(struct trap_frame *frame);

#endif
