/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * registers.h - a thread's registers as ptrace() has them
 *
 * Lock: the kernel's, at every call. Nothing here sleeps. The thread stands in the kernel.
 */
#ifndef GUESTOS_TRACE_REGISTERS_H
#define GUESTOS_TRACE_REGISTERS_H

#include "guestos/process/thread.h"

enum { /* asm/user_32.h: struct user_regs_struct */
       REG_EBX,
       REG_ECX,
       REG_EDX,
       REG_ESI,
       REG_EDI,
       REG_EBP,
       REG_EAX,
       REG_DS,
       REG_ES,
       REG_FS,
       REG_GS,
       REG_CALL, /* orig_eax: the system call's number, -1: none */
       REG_EIP,
       REG_CS,
       REG_EFLAGS,
       REG_ESP,
       REG_SS,
       REGISTERS
};
struct registers {
    uint32_t word[REGISTERS];
};
#define USER_BYTES 284u /* sizeof(struct user) */
#define FX_BYTES   512u

void registers_get(struct thread *thread, struct registers *r);
/* 0, or -EIO: a selector that is not of ring 3. Flags that are not the program's stay. */
int registers_set(struct thread *thread, const struct registers *r);
/* An FXSAVE image; that of a fresh program if it has computed nothing yet. */
void registers_fx(struct thread *thread, uint8_t *state);

#endif
