/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machine-level half of the kit: the hypercall page, the first instructions, one entry for each
 * vector, the two callbacks, and the two ways of running code that may trap.
 *
 * Every entry leaves the same struct trap_frame on the stack (kit.h); a vector without an error
 * code pushes 0 in its place. A 32-bit PV kernel returns by a plain iret: ring 1 may return to
 * rings 1 and 3, and the interrupt flag, which it may not change, stays as it is.
 */
#include <xen/xen.h>

#define RING1_CS 0xe019
#define RING1_DS 0xe021

/*
 * The hypercall page. A hypervisor that is told of it (HYPERCALL_PAGE in the notes) fills it at
 * load; what stands here is what a kernel that issues int $0x82 by itself would have: 32 bytes a
 * call.
 */
        .section .text.hypercall_page, "ax", @progbits
        .global hypercall_page
        .balign 4096
hypercall_page:
        .set    number, 0
        .rept   128
        .balign 32
        .if number == __HYPERVISOR_iret
        push    %eax
        .endif
        mov     $number, %eax
        int     $0x82
        ret
        .set    number, number + 1
        .endr
        .balign 4096

        .text
        .global _start
_start:
        mov     %esi, at_entry
        mov     %esp, at_entry + 4
        pushf
        popl    at_entry + 8
        mov     %cs, at_entry + 12
        mov     %ds, at_entry + 16
        mov     %es, at_entry + 20
        mov     %fs, at_entry + 24
        mov     %gs, at_entry + 28
        mov     %ss, at_entry + 32
        cld
        mov     $main_stack_top, %esp
        push    %esi
        call    kit_start
        ud2

/* ---- one entry a vector, 16 bytes apart ------------------------------------------------------ */
        .global trap_entries
        .balign 16
trap_entries:
        .set    vector, 0
        .rept   256
        .balign 16
        .if (vector == 8) || ((vector >= 10) && (vector <= 14)) || (vector == 17)
        .else
        push    $0
        .endif
        push    $vector
        jmp     save_frame
        .set    vector, vector + 1
        .endr

        .global event_entry, failsafe_entry
event_entry:
        push    $0
        push    $0x100
        jmp     save_frame
/* The failsafe frame begins with the four selectors; take them off, and it is an ordinary one. */
failsafe_entry:
        popl    %ss:failsafe_segments
        popl    %ss:failsafe_segments + 4
        popl    %ss:failsafe_segments + 8
        popl    %ss:failsafe_segments + 12
        push    $0
        push    $0x101

save_frame:
        push    %ds
        push    %es
        push    %fs
        push    %gs
        pusha
        cld
        mov     $RING1_DS, %eax
        mov     %eax, %ds
        mov     %eax, %es
        push    %esp
        call    trap_entered
        add     $4, %esp
        popa
        pop     %gs
        pop     %fs
        pop     %es
        pop     %ds
        add     $8, %esp
        iret

/* ---- code that may trap ---------------------------------------------------------------------- */
/* bool trapped(void (*code)(void *), void *argument) */
        .global trapped
trapped:
        push    %ebp
        push    %ebx
        push    %esi
        push    %edi
        mov     %esp, probe_stack
        movl    $1, probe_armed
        mov     24(%esp), %eax
        push    %eax
        call    *24(%esp)
        add     $4, %esp
        xor     %eax, %eax
probe_done:
        movl    $0, probe_armed
        pop     %edi
        pop     %esi
        pop     %ebx
        pop     %ebp
        ret

/* void probe_end(void): what trap_entered calls instead of returning to the code that trapped. */
        .global probe_end
probe_end:
        mov     $RING1_DS, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        mov     probe_stack, %esp
        xor     %eax, %eax
        mov     %eax, %fs
        mov     %eax, %gs
        push    $2
        popf
        mov     $1, %eax
        jmp     probe_done

/* void user_enter(void *state): struct user_state (kit.h), laid out as below. */
        .global user_enter
user_enter:
        mov     4(%esp), %eax
        push    16(%eax)                # ss
        push    12(%eax)                # esp
        push    8(%eax)                 # eflags
        push    4(%eax)                 # cs
        push    0(%eax)                 # eip
        mov     28(%eax), %fs
        mov     32(%eax), %gs
        mov     40(%eax), %ebx
        mov     44(%eax), %ecx
        mov     48(%eax), %edx
        mov     52(%eax), %esi
        mov     56(%eax), %edi
        mov     60(%eax), %ebp
        push    20(%eax)                # ds
        push    24(%eax)                # es
        mov     36(%eax), %eax
        pop     %es
        pop     %ds
        iret

        .bss
        .balign 4096
        .skip   16384
main_stack_top:
        .global main_stack_top, trap_stack_top
        .skip   8192
trap_stack_top:
        .skip   64
        .global probe_stack, probe_armed
probe_stack:
        .skip   4
probe_armed:
        .skip   4

        .section .note.GNU-stack, "", @progbits
