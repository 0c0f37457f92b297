/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The notes by which a domain builder knows the kernel. A test may bring a notes.S of its own
 * instead.
 */
#include <xen/elfnote.h>

#define NOTE(kind, value...)                 \
        .pushsection .note.xen, "a", @note ; \
        .balign 4 ;                          \
        .long   4, 2f - 1f, kind ;           \
        .asciz  "Xen" ;                      \
1:      value ;                              \
2:      .balign 4 ;                          \
        .popsection

NOTE(XEN_ELFNOTE_GUEST_OS, .asciz "xenolith-test")
NOTE(XEN_ELFNOTE_GUEST_VERSION, .asciz "1")
NOTE(XEN_ELFNOTE_XEN_VERSION, .asciz "xen-3.0")
NOTE(XEN_ELFNOTE_LOADER, .asciz "generic")
NOTE(XEN_ELFNOTE_FEATURES, .asciz "pae_pgdir_above_4gb")
NOTE(XEN_ELFNOTE_PAE_MODE, .asciz "yes")
NOTE(XEN_ELFNOTE_VIRT_BASE, .long 0xC0000000)
NOTE(XEN_ELFNOTE_PADDR_OFFSET, .long 0)
NOTE(XEN_ELFNOTE_ENTRY, .long _start)
NOTE(XEN_ELFNOTE_HYPERCALL_PAGE, .long hypercall_page)

        .section .note.GNU-stack, "", @progbits
