/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * elf.h - checking an i386 ELF program (System V ABI, i386 supplement)
 *
 * Pure: works on copies of the header and the program headers. The file is not trusted.
 */
#ifndef GUESTOS_ELF_H
#define GUESTOS_ELF_H

#include "guestos/kernel/types.h"

struct elf_header {
    u8 ident[16];
    u16 type, machine;
    u32 version, entry, phoff, shoff, flags;
    u16 ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_segment {
    u32 type, offset, vaddr, paddr, filesz, memsz, flags, align;
};

#define ELF_EXECUTABLE  2
#define ELF_SHARED      3
#define ELF_LOAD        1
#define ELF_INTERPRETER 3
#define ELF_PHDR        6
#define ELF_X           1u
#define ELF_W           2u
#define ELF_R           4u
#define ELF_SEGMENTS    32

/* Whether this is an i386 program with a sane table of at most ELF_SEGMENTS program headers. */
bool elf_header_ok(const struct elf_header *header, u32 file_bytes);

struct elf_plan {
    u32 low, high;   /* page-aligned range of all loadable segments */
    u32 headers;     /* virtual address of the program headers; 0: not loaded */
    int interpreter; /* index of the segment that names it; -1: none */
};

/*
 * Checks all loadable segments: inside the file, ascending, not overlapping, file offset congruent
 * to the address modulo 4096, and with `bias` added inside low_limit..high_limit.
 */
bool elf_plan(const struct elf_header *header, const struct elf_segment *segments, u32 file_bytes,
              u32 low_limit, u32 high_limit, struct elf_plan *plan);

#endif
