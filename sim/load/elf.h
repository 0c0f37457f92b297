/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * elf.h - reading ELF32 i386 executables
 *
 * Nothing in a file is trusted: elf_open() checks the header and that both tables lie within the
 * file; the accessors then check each entry they hand out.
 */
#ifndef XENOLITH_SIM_ELF_H
#define XENOLITH_SIM_ELF_H

#include "sim/load/file.h"

#include <elf.h>

struct elf {
    const struct file *file;
    Elf32_Ehdr header;
};

/* True if the file begins with ELF's magic number. */
bool elf_has_magic(const struct file *file);

/* False with one sentence in `why`: not an ELF32 i386 executable, or truncated. */
bool elf_open(struct elf *elf, const struct file *file, char *why, size_t why_bytes);

/* Program header `index` < header.e_phnum; its bytes lie within the file. False with a sentence
 * otherwise. */
bool elf_segment(const struct elf *elf, unsigned index, Elf32_Phdr *segment, char *why,
                 size_t why_bytes);

/* Whether a note of owner "Xen" is in a PT_NOTE segment or SHT_NOTE section. */
bool elf_has_xen_notes(const struct elf *elf);

/* The name of the function or object that covers `address`, its offset in *offset; NULL if the
 * file has no such symbol. Linear: for reports of crashes, not for hot paths. */
const char *elf_symbol(const struct elf *elf, uint32_t address, uint32_t *offset);

/* At least as many symbols as elf_each_symbol() shows. */
unsigned elf_symbol_count(const struct elf *elf);

/* Shows every symbol of code and data that is defined: its name lies in the file, `bytes` may be 0.
 */
void elf_each_symbol(const struct elf *elf,
                     void (*show)(void *owner, const char *name, uint32_t address, uint32_t bytes),
                     void *owner);

/* The value of the symbol of this name; false: the file has none. Linear, as above. */
bool elf_address(const struct elf *elf, const char *name, uint32_t *address);

#endif
