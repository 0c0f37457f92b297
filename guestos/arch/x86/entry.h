/* SPDX-License-Identifier: GPL-2.0-only */
/* entry.h - the parts of both ports' entry code that are the same (assembly) */
#ifndef GUESTOS_ENTRY_H
#define GUESTOS_ENTRY_H

/* Offsets in struct trap_frame (arch.h). */
#define FRAME_EAX    24
#define FRAME_ES     28
#define FRAME_DS     32
#define FRAME_VECTOR 36
#define FRAME_EIP    44
#define FRAME_CS     48

/* One stub a vector: an error code of 0 where the processor pushes none, then the vector. */
.macro VECTOR_STUBS.balign 16.globl vector_stubs vector_stubs
    : vector = 0.rept 256.balign 16
                   .if !(vector == 8 || (vector >= 10 && vector <= 14) || vector == 17)
                       pushl $0.endif pushl $vector jmp entered vector =
    vector + 1.endr.endm

                     /* Builds the rest of a struct trap_frame and calls trap_enter(). */
                     .macro SAVE_REGISTERS user_ds cld pushl %
                 ds pushl % es pushl % eax pushl % ebp pushl % edi pushl % esi pushl % edx pushl %
                 ecx pushl % ebx movl $\user_ds,
      % edx movl % edx, % ds movl % edx,
      % es.endm

              /* An instruction that may fault, and where to go on if it does. */
              .macro MAY_FAULT target,
      instruction : vararg.Lfault\@ :
    \instruction.pushsection exceptions,
      "a".long.Lfault\@, \target.popsection
                             .endm

                             /* void switch_stacks(u32 *save, u32 load): keeps what the C calling convention wants kept. */
                             .macro SWITCH_STACKS.globl switch_stacks switch_stacks : movl 4(% esp),
      % eax movl 8(% esp), % edx pushl % ebp pushl % edi pushl % esi pushl % ebx movl % esp,
      (% eax) movl % edx, % esp popl % ebx popl % esi popl % edi popl % ebp ret.endm

#endif
