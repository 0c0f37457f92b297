/* SPDX-License-Identifier: GPL-2.0-only */
/* As the kit's notes, and the kernel wants its symbol table. */
#include "../kit/notes.S"

NOTE(XEN_ELFNOTE_BSD_SYMTAB, .asciz "yes")
