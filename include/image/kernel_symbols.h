/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel_symbols.h - a kernel's symbol table behind its image
 *
 * A kernel with the note BSD_SYMTAB (xen/elfnote.h) finds its own symbols in memory, at the first
 * word behind its last segment. Offsets count from the ELF header:
 *
 *     -4  bytes that follow
 *      0  ELF header
 *     64  three section headers: none, symbols, strings
 *    256  symbols, then strings, each at a word
 *
 * The gaps are Xen's: it leaves room for the headers of a 64-bit file.
 */
#ifndef IMAGE_KERNEL_SYMBOLS_H
#define IMAGE_KERNEL_SYMBOLS_H

#include "include/freestanding/types.h"

#define SYMBOLS_SECTION_SYMTAB 2 /* ELF, figure 1-10 */
#define SYMBOLS_SECTION_STRTAB 3

struct elf_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version, entry, phoff, shoff, flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct symbols_section {
    uint32_t name, type, flags, addr, offset, size, link, info, addralign, entsize;
};

struct kernel_symbols {
    uint32_t bytes; /* of all that follows */
    struct elf_header header;
    uint8_t room[12];
    struct symbols_section section[3];
    uint8_t more_room[72];
};

#define SYMBOLS_START 256u /* of the symbols, from the ELF header */
_Static_assert(sizeof(struct kernel_symbols) == 4 + SYMBOLS_START, "as in the file");

/*
 * Fills in the header for two sections of a file, and says by `strings_offset` how far behind
 * its first byte the strings begin; the symbols begin right behind it. False: they are too large to
 * be true.
 */
static inline bool kernel_symbols_describe(struct kernel_symbols *s, const struct elf_header *file,
                                           const struct symbols_section *symbols,
                                           const struct symbols_section *strings,
                                           uint32_t *strings_offset)
{
    uint32_t room = (symbols->size + 3) & ~3u;

    if (symbols->size > 1u << 28 || strings->size > 1u << 28)
        return false;
    *s = (struct kernel_symbols){.header = *file};
    s->header.version = 1;
    s->header.phoff = 0;
    s->header.phentsize = s->header.phnum = s->header.shstrndx = 0;
    s->header.shoff = offsetof(struct kernel_symbols, section) - sizeof(s->bytes);
    s->header.ehsize = sizeof(s->header);
    s->header.shentsize = sizeof(struct symbols_section);
    s->header.shnum = 3;
    s->section[1] = *symbols;
    s->section[1].link = 2;
    s->section[1].offset = SYMBOLS_START;
    s->section[2] = *strings;
    s->section[2].offset = SYMBOLS_START + room;
    s->bytes = s->section[2].offset + strings->size;
    *strings_offset = (uint32_t)sizeof(*s) + room;
    return true;
}

#endif
