/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A kernel with the note BSD_SYMTAB finds its symbol table behind its last segment: an ELF file
 * with three sections, in which its own functions have their addresses.
 */
#include "tests/guest/kit/kit.h"

struct header {
    uint32_t bytes;
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version, entry, phoff, shoff, flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct section {
    uint32_t name, type, flags, addr, offset, size, link, info, addralign, entsize;
};

struct symbol {
    uint32_t name, value, size;
    uint8_t info, other;
    uint16_t section;
};

extern char _end[];

void test(void)
{
    const struct header *h = (const void *)(((unsigned long)_end + 3) & ~3UL);
    const char *elf = (const char *)h->ident;

    if (!check(memcmp(h->ident, "\177ELF\1\1", 6) == 0, "no ELF header at %p", (const void *)elf))
        return;
    expect(h->shnum, 3);
    const struct section *section = (const void *)(elf + h->shoff);
    const struct symbol *symbols = (const void *)(elf + section[1].offset);
    const char *strings = elf + section[2].offset;
    unsigned found = 0;

    expect(section[0].type, 0);
    expect(section[1].type, 2);
    expect(section[1].link, 2);
    expect(section[2].type, 3);
    expect(h->bytes, section[2].offset + section[2].size);
    for (unsigned i = 0; i < section[1].size / sizeof(*symbols); i++) {
        if (strcmp(strings + symbols[i].name, "test") == 0) {
            found++;
            check(symbols[i].value == (unsigned long)test, "test is at %x", symbols[i].value);
        }
    }
    expect(found, 1);
}
