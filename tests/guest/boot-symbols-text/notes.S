/* SPDX-License-Identifier: GPL-2.0-only */
/* As boot-string's, and the kernel wants its symbol table; what the value is does not matter. */
        .section __xen_guest, "a"
        .ascii  "GUEST_OS=xenolith-test,GUEST_VER=1,XEN_VER=xen-3.0,VIRT_BASE=0xC0000000,"
        .ascii  "ELF_PADDR_OFFSET=0x0,HYPERCALL_PAGE=0x100,PAE=yes,LOADER=generic,BSD_SYMTAB=yes"
        .byte   0
        .section .note.GNU-stack, "", @progbits
