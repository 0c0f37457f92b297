/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * trap.h - entering and leaving the kernel
 *
 * Lock: none; these only look at a frame or fill one in.
 */
#ifndef GUESTOS_ARCH_TRAP_H
#define GUESTOS_ARCH_TRAP_H

#include "guestos/kernel/types.h"

/* What the entry code leaves on the kernel stack; esp and ss only when ring 3 was interrupted. */
struct trap_frame {
    uint32_t ebx, ecx, edx, esi, edi, ebp, eax, es, ds;
    uint32_t vector;
    uint32_t error; /* error code; for system calls the number, kept apart from the result in eax */
    uint32_t eip, cs, eflags, esp, ss;
};

#define VECTOR_DEBUG       1
#define VECTOR_NO_FPU      7
#define VECTOR_PAGE_FAULT  14
#define VECTOR_SYSTEM_CALL 0x80
#define FAULT_PRESENT      1u /* page-fault error code (SDM 3A 4.7) */
#define FAULT_WRITE        2u
#define FAULT_USER         4u

static inline bool frame_from_user(const struct trap_frame *frame)
{
    return (frame->cs & 3) == 3;
}

/* Ring-3 registers of a program that begins at eip with this stack; everything else is zero. */
void arch_start_frame(struct trap_frame *frame, uint32_t eip, uint32_t esp);
/* Only cs, ss, ds and es, as a program has them. */
void arch_user_selectors(struct trap_frame *frame);

#endif
