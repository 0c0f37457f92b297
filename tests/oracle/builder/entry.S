/* SPDX-License-Identifier: GPL-2.0-only */
/* entry.S - first instructions, hypercall page and Xen notes of the builder's test kernel */
#include <xen/elfnote.h>

    .text
    .globl _start
_start:
    cld
    movl %esi, %eax          /* start_info; the builder's stack is one page, take our own */
    movl $stack_end, %esp
    pushl %eax
    call kernel_main
1:  jmp 1b

    .balign 4096
    .globl hypercall_page
hypercall_page:
    .fill 4096, 1, 0xcc

    .bss
    .balign 16
    .fill 16384, 1, 0
stack_end:

    .macro note type, kind, value:vararg
    .pushsection .note.xen, "a", @note
    .balign 4
    .long 4, 2f - 1f, \type
    .asciz "Xen"
1:  \kind \value
2:  .balign 4
    .popsection
    .endm

    note XEN_ELFNOTE_GUEST_OS, .asciz, "builder"
    note XEN_ELFNOTE_XEN_VERSION, .asciz, "xen-3.0"
    note XEN_ELFNOTE_LOADER, .asciz, "generic"
    note XEN_ELFNOTE_VIRT_BASE, .long, 0xC0000000
    note XEN_ELFNOTE_PADDR_OFFSET, .long, 0xC0000000
    note XEN_ELFNOTE_ENTRY, .long, _start
    note XEN_ELFNOTE_HYPERCALL_PAGE, .long, hypercall_page
    note XEN_ELFNOTE_PAE_MODE, .asciz, "yes"

    .section .note.GNU-stack, "", @progbits
