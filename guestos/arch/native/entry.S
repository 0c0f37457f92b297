/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * entry.S - into the kernel and out again on the bare machine
 *
 * All gates are interrupt gates: interrupts are off from the first instruction on, and iret brings
 * the program's IF back. From ring 3 the processor has switched to the process's kernel stack
 * (TSS.esp0).
 */
#include "guestos/arch/native/segments.h"
#include "guestos/arch/x86/entry.inc"

    .text
    VECTOR_STUBS

entered:
    SAVE_REGISTERS USER_DS
    pushl %esp
    call trap_enter
    addl $4, %esp
restore:
    popl %ebx
    popl %ecx
    popl %edx
    popl %esi
    popl %edi
    popl %ebp
    popl %eax
    MAY_FAULT return_failed, popl %es
    MAY_FAULT return_failed, popl %ds
    addl $8, %esp /* vector, error code */
    MAY_FAULT return_failed, iret

return_failed:
    movl $USER_DS, %eax
    movl %eax, %ds
    movl %eax, %es
    call bad_return

    .globl thread_entry
thread_entry: /* a new thread: its frame is all that is on the stack */
    pushl %esp
    call thread_leave
    addl $4, %esp
    jmp restore

    SWITCH_STACKS
