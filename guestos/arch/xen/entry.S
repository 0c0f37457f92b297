/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * entry.S - into the kernel and out again in a domain
 *
 * The frames are the processor's own, built by the hypervisor (or, for int 0x80, by the processor
 * itself through the direct gate) on the process's ring-1 stack. "Interrupts off" is the upcall
 * mask in shared_info. Exceptions arrive with it set; the direct gate cannot set it, so the first
 * thing after saving registers is to do so. An upcall in between finds the kernel in a state in
 * which nothing has been touched yet, is handled as one from ring 1, and returns.
 *
 * Leaving is harder. The mask must be cleared while still in the kernel, and from then on an upcall
 * may arrive before any instruction up to iret. Between critical_start and critical_end therefore:
 *
 *   - Registers are loaded by moves, so that the frame on the stack stays whole until the last two
 *     instructions. An upcall before them throws its own small frame away and takes over the
 *     whole one: as if it had arrived just before we left.
 *   - At the iret itself every register is already the program's, and the rest of the frame (eip
 *     ...) is what the stack pointer points at: the upcall throws its frame away and begins as if
 *     it had come straight from the program.
 *
 * So however events come, the stack never grows, and no return to a program misses a reschedule.
 * An event that became pending while the mask was set makes no upcall when it is cleared: hence the
 * test in between.
 */
#define __ASSEMBLY__
#include "guestos/arch/x86/entry.inc"

#define KERNEL_BASE   0xC0000000
#define USER_DS       0xe033 /* FLAT_RING3_DS of xen-x86_32.h; also good in ring 1 */
#define VECTOR_UPCALL 0xf8
#define MASK          shared_page + 1 /* vcpu_info[0].evtchn_upcall_mask */
#define PENDING       shared_page     /* vcpu_info[0].evtchn_upcall_pending */

    .text
    VECTOR_STUBS

    .globl upcall
upcall:
    pushl %eax
    movl 4(%esp), %eax
    cmpl $critical_start, %eax
    jb upcall_ordinary
    cmpl $critical_end, %eax
    jae upcall_ordinary
    cmpl $critical_iret, %eax
    je upcall_at_iret
    addl $16, %esp /* eax, eip, cs, eflags: below them the whole frame begins */
    movl $USER_DS, %eax
    movl %eax, %ds
    movl %eax, %es
    movl $VECTOR_UPCALL, FRAME_VECTOR(%esp)
    jmp handle
upcall_at_iret:
    popl %eax
    addl $12, %esp
    pushl %eax
upcall_ordinary:
    popl %eax
    pushl $0
    pushl $VECTOR_UPCALL
    jmp entered

/* The hypervisor could not load the program's segments: ds es fs gs, then an interrupt frame. */
    .globl failsafe
failsafe:
    addl $16, %esp
    pushl $0
    pushl $13
    /* falls through */

entered:
    SAVE_REGISTERS USER_DS
    movb $1, MASK
handle:
    pushl %esp
    call trap_enter
    addl $4, %esp
restore:
    movl FRAME_CS(%esp), %eax
    movb %al, %dl
    andb $3, %dl
    cmpb $3, %dl
    je critical_start
    testl $0xff0000, %eax /* the mask as it was in the kernel that was interrupted */
    jnz restore_masked
critical_start:
    movb $0, MASK
    testb $0xff, PENDING
    jnz pending_again
    movl 0(%esp), %ebx
    movl 4(%esp), %ecx
    movl 8(%esp), %edx
    movl 12(%esp), %esi
    movl 16(%esp), %edi
    movl 20(%esp), %ebp
    movl FRAME_EAX(%esp), %eax
    MAY_FAULT return_failed, movw FRAME_ES(%esp), %es
    MAY_FAULT return_failed, movw FRAME_DS(%esp), %ds
    addl $FRAME_EIP, %esp
critical_iret:
    MAY_FAULT return_failed, iret
critical_end:

pending_again:
    movb $1, MASK
    movl $VECTOR_UPCALL, FRAME_VECTOR(%esp)
    jmp handle

restore_masked:
    popl %ebx
    popl %ecx
    popl %edx
    popl %esi
    popl %edi
    popl %ebp
    popl %eax
    popl %es
    popl %ds
    addl $8, %esp
    iret

return_failed:
    movl $USER_DS, %eax
    movl %eax, %ds
    movl %eax, %es
    movb $1, MASK
    call bad_return

    .globl thread_entry
thread_entry: /* a new thread: its frame is all that is on the stack */
    pushl %esp
    call thread_leave
    addl $4, %esp
    jmp restore

    SWITCH_STACKS

/* ---- boot ------------------------------------------------------------------------------------ */
    .globl start
start: /* esi: start_info */
    cld
    movl %esp, %eax
    movl $boot_stack + 8192, %esp
    pushl %eax
    pushl %esi
    call xen_start

    .balign 4096
    .globl hypercall_page
hypercall_page:
    .skip 4096

    .bss
    .balign 8192
    .globl boot_stack
boot_stack:
    .skip 8192
    .globl shared_page, gdt_page
shared_page:
    .skip 4096
gdt_page:
    .skip 4096

/* What the domain builder wants to know (public/elfnote.h). */
.macro NOTE type, kind:req, value:vararg
    .pushsection .note.xen, "a", @note
    .balign 4
    .long 4, 2f - 1f, \type
    .asciz "Xen"
1:  .\kind \value
2:  .balign 4
    .popsection
.endm
    NOTE 6,  asciz, "guestos"            /* GUEST_OS */
    NOTE 7,  asciz, "1"                  /* GUEST_VERSION */
    NOTE 5,  asciz, "xen-3.0"            /* XEN_VERSION */
    NOTE 3,  long,  KERNEL_BASE          /* VIRT_BASE */
    NOTE 4,  long,  0                    /* PADDR_OFFSET: physical addresses start at 0 */
    NOTE 1,  long,  start                /* ENTRY */
    NOTE 2,  long,  hypercall_page       /* HYPERCALL_PAGE */
    NOTE 9,  asciz, "yes"                /* PAE_MODE */
    NOTE 10, asciz, "" /* FEATURES: none needed */
    NOTE 8,  asciz, "generic"            /* LOADER */
