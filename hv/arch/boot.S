/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * boot.S - from Multiboot's flat protected mode, paging off, to C in the image window
 *
 * The boot tables are the hypervisor's own tables from the start: hv_root with the low 4 MB mapped
 * one to one (needed until the jump to the window; removed by map_init) and the image window in
 * hv_top_l2. A second processor arrives by the trampoline at the end of this file, which is copied
 * to TRAMPOLINE in low memory and uses the same tables.
 */
#include "hv/include/arch/layout.h"
#include "hv/include/arch/boot.h"

#define PHYS(symbol)  ((symbol) - IMAGE_VIRT_START)
#define PRESENT_RW    0x003
#define PRESENT_RW_2M 0x083

#define MULTIBOOT_MAGIC 0x1BADB002
#define MULTIBOOT_FLAGS 0x00000003 /* page-aligned modules, memory information */

        .section .multiboot, "a"
        .balign 4
        .long MULTIBOOT_MAGIC
        .long MULTIBOOT_FLAGS
        .long -(MULTIBOOT_MAGIC + MULTIBOOT_FLAGS)

        .text
        .global boot_start
boot_start:
        cli
        cld
        mov     %eax, %esi                      /* magic; %ebx = Multiboot information */
        mov     $PHYS(cpu_stacks) + CPU_STACK_SIZE, %esp

        movl    $PHYS(boot_low_l2) + 1, PHYS(hv_root)
        movl    $PHYS(hv_top_l2) + 1, PHYS(hv_root) + 8 * TOP_ROOT_SLOT
        movl    $0x000000 + PRESENT_RW_2M, PHYS(boot_low_l2)
        movl    $0x200000 + PRESENT_RW_2M, PHYS(boot_low_l2) + 8
        movl    $0x000000 + PRESENT_RW_2M, PHYS(hv_top_l2) + 8 * IMAGE_L2_SLOT
        movl    $0x200000 + PRESENT_RW_2M, PHYS(hv_top_l2) + 8 * (IMAGE_L2_SLOT + 1)

        call    enable_paging
        mov     $1f, %eax
        jmp     *%eax
        /* The top of a stack is the guest's frame, which is written before this stack is left. */
1:      mov     $cpu_stacks + CPU_STACK_SIZE - 2 * R_SIZE, %esp
        lgdt    boot_gdt_pointer
        ljmp    $BOOT_CODE, $1f
1:      call    load_boot_segments
        push    %ebx
        push    %esi
        call    hv_main
2:      hlt
        jmp     2b

/* Called at its physical address, with physical return address. Clobbers eax, ecx, edx. */
enable_paging:
        mov     %cr4, %eax
        or      $0x30, %eax                     /* PAE; PSE for emulators that ask for it (v86) */
        mov     %eax, %cr4
        mov     $PHYS(hv_root), %eax
        mov     %eax, %cr3
        mov     $0x80000001, %eax               /* does the processor know NX? */
        push    %ebx
        cpuid
        pop     %ebx
        test    $0x00100000, %edx
        jz      1f
        mov     $0xc0000080, %ecx               /* EFER */
        rdmsr
        or      $0x800, %eax
        wrmsr
1:      mov     %cr0, %eax
        or      $0x80050020, %eax               /* PG, AM, WP, NE */
        mov     %eax, %cr0
        ret

load_boot_segments:
        mov     $BOOT_DATA, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        xor     %eax, %eax
        mov     %eax, %fs
        mov     %eax, %gs
        ret

/*
 * Where SIPI lands, in real mode, at TRAMPOLINE (hv/include/arch/boot.h): CS = TRAMPOLINE >> 4, IP
 * = 0. All addresses are relative to trampoline_start until protected mode.
 */
        .global trampoline_start, trampoline_end
        .code16
trampoline_start:
        cli
        cld
        mov     %cs, %ax
        mov     %ax, %ds
        lgdtl   trampoline_gdt_pointer - trampoline_start
        mov     %cr0, %eax
        or      $1, %al
        mov     %eax, %cr0
        ljmpl   $BOOT_CODE, $TRAMPOLINE + (1f - trampoline_start)
        .code32
1:      mov     $BOOT_DATA, %eax
        mov     %eax, %ds
        mov     %eax, %es
        mov     %eax, %ss
        mov     $TRAMPOLINE + 0xff0, %esp
        mov     $PHYS(enable_paging), %eax
        call    *%eax
        mov     $secondary_high, %eax
        jmp     *%eax

        .balign 8
trampoline_gdt:
        .quad   0
        .quad   0x00cf9b000000ffff
        .quad   0x00cf93000000ffff
trampoline_gdt_pointer:
        .word   23
        .long   TRAMPOLINE + (trampoline_gdt - trampoline_start)
trampoline_end:

secondary_high:
        lgdt    boot_gdt_pointer
        ljmp    $BOOT_CODE, $1f
1:      call    load_boot_segments
        mov     secondary_stack, %esp
        call    secondary_main
2:      hlt
        jmp     2b


        .data
        .balign 8
boot_gdt:
        .quad   0
        .quad   0x00cf9b000000ffff
        .quad   0x00cf93000000ffff
boot_gdt_pointer:
        .word   23
        .long   boot_gdt

        .global secondary_stack
secondary_stack:
        .long   0                               /* set by the first processor before SIPI */

        .bss
        .balign PAGE_SIZE
        .global hv_root, hv_top_l2, boot_low_l2, cpu_stacks
hv_root:
        .skip   PAGE_SIZE
hv_top_l2:
        .skip   PAGE_SIZE
boot_low_l2:
        .skip   PAGE_SIZE
        .balign CPU_STACK_SIZE
cpu_stacks:
        .skip   CPU_STACK_SIZE * MAX_CPUS

        .section .note.GNU-stack, "", @progbits
