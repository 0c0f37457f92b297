/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * entry.S - every way into the hypervisor, and the way out
 *
 * All gates are interrupt gates: the hypervisor runs with interrupts off. Entry from a guest finds
 * the processor's stack empty and leaves struct cpu_user_regs at its very top (ESP0 points below
 * the four segment slots, which the processor does not push). Entry from ring 0 (a fault on a
 * guest's memory, an interrupt of the idle loop, a fault on the way out) leaves a frame without SS,
 * ESP and segments further down. FS and GS are the guest's all the time; they are exchanged at a
 * switch of domains only.
 *
 * The way out may fault in two segment loads and in IRET: a guest chooses those values. Such a
 * fault ends in exit_fault (traps.c), which rebuilds the frame and leaves by the guest's handler or
 * failsafe callback.
 */
#include "hv/include/arch/layout.h"

        .text

.macro SAVE_REGISTERS
        cld
        push    %eax
        push    %ebp
        push    %edi
        push    %esi
        push    %edx
        push    %ecx
        push    %ebx
        testb   $3, R_CS(%esp)
        jz      1f
        mov     %ds, %eax
        mov     %eax, R_DS(%esp)
        mov     %es, %eax
        mov     %eax, R_ES(%esp)
1:      mov     $SEL_HV_DATA, %eax
        mov     %eax, %ds
        mov     %eax, %es
.endm

/* Vectors 0-31: eight of them come with an error code, whose upper half takes the vector. */
.macro EXCEPTION vector, has_code
exception_\vector:
.if \has_code
        movw    $\vector, 2(%esp)
.else
        push    $(\vector << 16)
.endif
        jmp     exception_common
.endm

.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 9, 15, 16, 18, 19, 20, 22, 23, 24, 25, 26, 27, 28, 31
        EXCEPTION \n, 0
.endr
.irp n, 8, 10, 11, 12, 13, 14, 17, 21, 29, 30
        EXCEPTION \n, 1
.endr

exception_common:
        SAVE_REGISTERS
        push    %esp
        call    exception
        add     $4, %esp
        jmp     return_from_entry

/* Interrupts 0x20-0xff. Each stub is 12 bytes at most; the table gives their addresses. */
.altmacro
.macro INTERRUPT vector
interrupt_\vector:
        push    $(\vector << 16)
        jmp     interrupt_common
.endm
.set n, 32
.rept 224
        INTERRUPT %n
        .set n, n + 1
.endr

interrupt_common:
        SAVE_REGISTERS
        push    %esp
        call    interrupt
        add     $4, %esp
        jmp     return_from_entry

        .global hypercall_entry
hypercall_entry:
        push    $(HYPERCALL_VECTOR << 16)
        SAVE_REGISTERS
        push    %esp
        call    hypercall
        add     $4, %esp
        jmp     return_to_guest

/*
 * SYSENTER: the processor gives us CS, SS, EIP and a stack, and forgets where it came from. The
 * frame says so: ring 3, code segment 3, EIP 0. What the program passed is in its registers.
 */
        .global sysenter_entry
sysenter_entry:
        push    $SEL_RING3_DATA
        push    $0
        pushf
        push    $3
        push    $0
        push    $2 /* no flag: NT comes along, and would make our IRET return to another task */
        popf
        push    $0
        SAVE_REGISTERS
        push    %esp
        call    sysenter
        add     $4, %esp
        jmp     return_to_guest

return_from_entry:
        testb   $3, R_CS(%esp)
        jnz     return_to_guest
        pop     %ebx
        pop     %ecx
        pop     %edx
        pop     %esi
        pop     %edi
        pop     %ebp
        pop     %eax
        add     $4, %esp
        iret

/* The stack holds nothing but the guest's frame. */
        .global return_to_guest
return_to_guest:
        push    %esp
        call    guest_exit
        add     $4, %esp
        .global exit_restore, exit_iret
exit_restore:
        mov     R_ES(%esp), %es
        mov     R_DS(%esp), %ds
        pop     %ebx
        pop     %ecx
        pop     %edx
        pop     %esi
        pop     %edi
        pop     %ebp
        pop     %eax
        add     $4, %esp
exit_iret:
        iret

/* void leave_to_guest(struct cpu_user_regs *frame): the frame is the one at the stack's top. */
        .global leave_to_guest
leave_to_guest:
        mov     4(%esp), %esp
        jmp     return_to_guest

/* The double fault runs on a task of its own: the stack may be what is broken. */
        .global double_fault_entry
double_fault_entry:
        call    double_fault
1:      hlt
        jmp     1b

/*
 * Copies between the hypervisor and a guest's memory. Faults land at the fixup, which returns the
 * number of bytes not copied. uint32_t copy_bytes_checked(void *to, const void *from, uint32_t n)
 */
        .global copy_bytes_checked
copy_bytes_checked:
        push    %edi
        push    %esi
        mov     12(%esp), %edi
        mov     16(%esp), %esi
        mov     20(%esp), %eax
        mov     %eax, %ecx
        shr     $2, %ecx
        and     $3, %eax
copy_words:
        rep movsl
        mov     %eax, %ecx
copy_tail:
        rep movsb
        xor     %eax, %eax
copy_done:
        pop     %esi
        pop     %edi
        ret
copy_words_fault:
        lea     (%eax, %ecx, 4), %eax
        jmp     copy_done
copy_tail_fault:
        mov     %ecx, %eax
        jmp     copy_done

/*
 * bool load_fs_gs(uint32_t fs, uint32_t gs): loads what a guest chose. A selector that cannot be
 * loaded leaves both zero, and returns false.
 */
        .global load_fs_gs
load_fs_gs:
        mov     4(%esp), %eax
        mov     8(%esp), %ecx
load_fs:
        mov     %eax, %fs
load_gs:
        mov     %ecx, %gs
        mov     $1, %eax
        ret
load_fs_gs_fault:
        xor     %eax, %eax
        mov     %eax, %fs
        mov     %eax, %gs
        ret

        .section .ex_table, "a"
        .long   load_fs, load_fs_gs_fault
        .long   load_gs, load_fs_gs_fault
        .long   copy_words, copy_words_fault
        .long   copy_tail, copy_tail_fault

        .section .rodata
        .balign 4
        .global entry_table
entry_table:
.set n, 0
.macro ENTRY_EXCEPTION vector
        .long   exception_\vector
.endm
.macro ENTRY_INTERRUPT vector
        .long   interrupt_\vector
.endm
.rept 32
        ENTRY_EXCEPTION %n
        .set n, n + 1
.endr
.rept 224
        ENTRY_INTERRUPT %n
        .set n, n + 1
.endr

        .section .note.GNU-stack, "", @progbits
