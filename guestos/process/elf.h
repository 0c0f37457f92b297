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
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version, entry, phoff, shoff, flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_segment {
    uint32_t type, offset, vaddr, paddr, filesz, memsz, flags, align;
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
bool elf_header_ok(const struct elf_header *header, uint32_t file_bytes);

struct elf_plan {
    uint32_t low, high; /* page-aligned range of all loadable segments */
    uint32_t headers;   /* virtual address of the program headers; 0: not loaded */
    int interpreter;    /* index of the segment that names it; -1: none */
};

/*
 * Checks all loadable segments: inside the file, ascending, not overlapping, file offset congruent
 * to the address modulo 4096, and with `bias` added inside low_limit..high_limit.
 */
bool elf_plan(const struct elf_header *header, const struct elf_segment *segments,
              uint32_t file_bytes, uint32_t low_limit, uint32_t high_limit, struct elf_plan *plan);

#endif
