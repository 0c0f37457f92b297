/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel_symbols.h - a kernel's symbol table behind its image
 *
 * A kernel with the note BSD_SYMTAB (xen/elfnote.h) finds its own symbols in memory, at the first
 * word behind its last segment. Both builders of domains put there:
 *
 *     bytes that follow | ELF header | three section headers | symbols | strings
 *
 * The sections are none, symbols and strings; their offsets count from the ELF header.
 */
#ifndef HV_KERNEL_SYMBOLS_H
#define HV_KERNEL_SYMBOLS_H

#ifndef HV_TYPES_H /* else the includer has the types from there */
#include <stdbool.h>
#include <stdint.h>
#endif

#define SYMBOLS_SECTION_SYMTAB 2 /* ELF, figure 1-10 */
#define SYMBOLS_SECTION_STRTAB 3

struct symbols_section {
    uint32_t name, type, flags, addr, offset, size, link, info, addralign, entsize;
};

struct kernel_symbols {
    uint32_t bytes; /* of all that follows */
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version, entry, phoff, shoff, flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
    struct symbols_section section[3];
};

#define SYMBOLS_ELF_HEADER 52 /* bytes of it */
_Static_assert(sizeof(struct kernel_symbols) == 4 + SYMBOLS_ELF_HEADER + 3 * 40, "as in the file");

/*
 * Fills in the header for two sections of a file, and says by `strings_offset` how far behind the
 * header's first byte the strings begin; the symbols begin right behind the header. False: they are
 * too large to be true.
 */
static inline bool kernel_symbols_describe(struct kernel_symbols *s, const uint8_t ident[16],
                                           const struct symbols_section *symbols,
                                           const struct symbols_section *strings,
                                           uint32_t *strings_offset)
{
    uint32_t room = (symbols->size + 3) & ~3u;

    if (symbols->size > 1u << 28 || strings->size > 1u << 28)
        return false;
    *s = (struct kernel_symbols){.type = 2,
                                 .machine = 3,
                                 .version = 1,
                                 .shoff = SYMBOLS_ELF_HEADER,
                                 .ehsize = SYMBOLS_ELF_HEADER,
                                 .shentsize = sizeof(struct symbols_section),
                                 .shnum = 3};
    for (unsigned i = 0; i < sizeof(s->ident); i++)
        s->ident[i] = ident[i];
    s->section[1] = *symbols;
    s->section[1].name = 0;
    s->section[1].link = 2;
    s->section[1].offset = sizeof(*s) - sizeof(s->bytes);
    s->section[2] = *strings;
    s->section[2].name = 0;
    s->section[2].offset = s->section[1].offset + room;
    s->bytes = s->section[2].offset + strings->size;
    *strings_offset = (uint32_t)sizeof(*s) + room;
    return true;
}

#endif
