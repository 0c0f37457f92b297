/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * boot.S - from the boot loader (Multiboot 1) or from a start-up IPI to C
 *
 * Both ways end the same: paging on with boot_root, in which the kernel's linear map also appears
 * at 0 so that the instruction after "paging on" exists; then a jump up to the kernel's address.
 */
#include "guestos/arch/native/segments.h"

#define KERNEL_BASE 0xC0000000
#define LOW(x)      ((x) - KERNEL_BASE)

#define MULTIBOOT_MAGIC 0x1BADB002
#define MULTIBOOT_FLAGS 3 /* modules page aligned; memory sizes wanted */

#define CR0_ON  0x80050022 /* paging, write protection in ring 0, native FPU errors, monitor, AM */
#define CR4_PAE 0x30 /* and PSE: v86 has large pages only with it */

#define CPUID_EXTENDED 0x80000001
#define CPUID_NX       0x00100000 /* of EDX */
#define MSR_EFER       0xc0000080
#define EFER_NXE       0x800

    .section .multiboot, "a"
    .balign 4
    .long MULTIBOOT_MAGIC, MULTIBOOT_FLAGS, -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)

    .section .boot, "ax"
    .globl start
start:
    cli
    cld
    movl %eax, %esi
    /* kernel_directory: 2 MB pages over all memory the linear map can hold */
    movl $LOW(kernel_directory), %edi
    movl $0x1e3, %eax /* present, writable, accessed, dirty, large, global */
    movl $426, %ecx   /* up to KERNEL_TOP */
1:  movl %eax, (%edi)
    addl $0x200000, %eax
    addl $8, %edi
    loop 1b
    movl $LOW(kernel_directory) + 1, %eax
    movl %eax, LOW(boot_root)
    movl %eax, LOW(boot_root) + 24
    movl %eax, LOW(kernel_root) + 24
    movl $LOW(boot_stack) + 8192, %esp
    call paging_on
    movl $boot_stack + 8192, %esp
    pushl %ebx
    pushl %esi
    call native_start

/*
 * Returns to the caller's address in the linear map. No entry of ours has the NX bit; but only with
 * EFER.NXE do page faults tell fetches from reads (SDM vol. 3, 4.7), as they do in a domain of Xen.
 */
paging_on:
    pushl %ebx
    movl $CPUID_EXTENDED, %eax
    cpuid
    popl %ebx
    testl $CPUID_NX, %edx
    jz 1f
    movl $MSR_EFER, %ecx
    rdmsr
    orl $EFER_NXE, %eax
    wrmsr
1:
    movl %cr4, %eax
    orl $CR4_PAE, %eax
    movl %eax, %cr4
    movl $LOW(boot_root), %eax
    movl %eax, %cr3
    movl %cr0, %eax
    orl $CR0_ON, %eax
    movl %eax, %cr0
    movl (%esp), %eax
    addl $KERNEL_BASE, %eax
    jmp *%eax

/* ---- other processors ------------------------------------------------------------------------ */
/* Copied to TRAMPOLINE; begins there in real mode with cs = TRAMPOLINE >> 4. */
    .code16
    .globl trampoline, trampoline_end
trampoline:
    cli
    cld
    movw %cs, %ax
    movw %ax, %ds
    lgdtl trampoline_gdt_pointer - trampoline
    movl %cr0, %eax
    orl $1, %eax
    movl %eax, %cr0
    ljmpl $0x08, $LOW(trampoline_32)
    .balign 8
trampoline_gdt_pointer:
    .word 23
    .long LOW(trampoline_gdt)
trampoline_end:

    .balign 8
trampoline_gdt:
    .quad 0
    .quad 0x00cf9b000000ffff
    .quad 0x00cf93000000ffff

    .code32
trampoline_32:
    movl $0x10, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    xorl %eax, %eax
    movl %eax, %fs
    movl %eax, %gs
    movl LOW(start_stack), %esp /* a linear address; its low alias serves until paging is on */
    subl $KERNEL_BASE, %esp
    call paging_on
    addl $KERNEL_BASE, %esp
    call native_start_other

    .bss
    .balign 8192
    .globl boot_stack
boot_stack:
    .skip 8192
    .balign 4096
    .globl kernel_directory, kernel_root, boot_root
kernel_directory:
    .skip 4096
kernel_root:
    .skip 4096
boot_root:
    .skip 4096
