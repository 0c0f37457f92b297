/* SPDX-License-Identifier: GPL-2.0-only */
/* Multiboot header, flat segments for rings 0 and 3, and the gates of the bench images. */
#define MULTIBOOT_MAGIC 0x1BADB002
#define MULTIBOOT_FLAGS 0x00000003 /* page-aligned modules, memory information */

        .section .multiboot, "a"
        .balign 4
        .long MULTIBOOT_MAGIC
        .long MULTIBOOT_FLAGS
        .long -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)

        .text
        .global _start
_start:
        cli
        mov     $stack_top, %esp
        lgdt    gdt_pointer
        ljmp    $0x08, $1f
1:      mov     $0x10, %ax
        mov     %ax, %ds
        mov     %ax, %es
        mov     %ax, %fs
        mov     %ax, %gs
        mov     %ax, %ss
        push    %ebx
        call    kernel_main
2:      hlt
        jmp     2b

/* void enter_user(void (*function)(void), uint32_t stack): ring 3; comes back by int $0x81. */
        .global enter_user
enter_user:
        pusha
        mov     %esp, resume_stack
        mov     36(%esp), %eax
        mov     40(%esp), %ecx
        mov     $0x23, %dx
        mov     %dx, %ds
        mov     %dx, %es
        push    $0x23
        push    %ecx
        push    $0x2
        push    $0x1b
        push    %eax
        iret

/* The least a system call can be: in by the gate, out by iret. */
        .global gate_null
gate_null:
        iret

        .global gate_leave
gate_leave:
        mov     resume_stack, %esp
        mov     $0x10, %ax
        mov     %ax, %ds
        mov     %ax, %es
        popa
        ret

/* A page fault on the window: enter the page that the window's table lacks, return. */
        .global gate_fault
gate_fault:
        push    %eax
        push    %edx
        mov     %cr2, %eax
        mov     fault_window, %edx
        cmp     %edx, %eax
        jb      1f
        sub     %edx, %eax
        shr     $12, %eax
        cmp     $1024, %eax
        jae     1f
        mov     fault_table, %edx
        movl    $FAULT_TARGET + 7, (%edx, %eax, 4)
        incl    fault_count
        pop     %edx
        pop     %eax
        add     $4, %esp
        iret
1:      call    bench_unexpected

        .global gate_unexpected
gate_unexpected:
        call    bench_unexpected

        .set    FAULT_TARGET, 0x00300000

        .data
        .balign 8
gdt:    .quad   0
        .quad   0x00cf9b000000ffff
        .quad   0x00cf93000000ffff
        .quad   0x00cffb000000ffff
        .quad   0x00cff3000000ffff
        .global gdt_tss
gdt_tss:
        .quad   0
gdt_pointer:
        .word   gdt_pointer - gdt - 1
        .long   gdt

        .bss
        .balign 4096
        .skip   16384
stack_top:
resume_stack:
        .skip   4
        .global fault_window, fault_table, fault_count
fault_window:
        .skip   4
fault_table:
        .skip   4
fault_count:
        .skip   4

        .section .note.GNU-stack, "", @progbits
