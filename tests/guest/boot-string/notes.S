/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * HYPERCALL_PAGE counts pages from VIRT_BASE; the kit's is the first page of the image, at
 * 0xC0100000.
 */
        .section __xen_guest, "a"
        .ascii  "GUEST_OS=xenolith-test,GUEST_VER=1,XEN_VER=xen-3.0,VIRT_BASE=0xC0000000,"
        .ascii  "ELF_PADDR_OFFSET=0x0,HYPERCALL_PAGE=0x100,PAE=yes,LOADER=generic"
        .byte   0
        .section .note.GNU-stack, "", @progbits
