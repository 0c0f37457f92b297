/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/load/elf.h"

#include <stdio.h>
#include <string.h>

static bool inside(const struct file *file, uint64_t offset, uint64_t bytes)
{
    return offset <= file->size && bytes <= file->size - offset;
}

bool elf_has_magic(const struct file *file)
{
    return file->size >= SELFMAG && !memcmp(file->bytes, ELFMAG, SELFMAG);
}

bool elf_open(struct elf *elf, const struct file *file, char *why, size_t why_bytes)
{
    Elf32_Ehdr *header = &elf->header;

    elf->file = file;
    if (!elf_has_magic(file)) {
        snprintf(why, why_bytes, "%s is not an ELF file", file->path);
        return false;
    }
    if (!inside(file, 0, sizeof(*header))) {
        snprintf(why, why_bytes, "%s is truncated: its ELF header is incomplete", file->path);
        return false;
    }
    memcpy(header, file->bytes, sizeof(*header));
    if (header->e_ident[EI_CLASS] != ELFCLASS32 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
        header->e_machine != EM_386 || header->e_type != ET_EXEC) {
        snprintf(why, why_bytes, "%s is not a 32-bit i386 ELF executable", file->path);
        return false;
    }
    if (!header->e_phnum || header->e_phentsize != sizeof(Elf32_Phdr)) {
        snprintf(why, why_bytes, "%s has no usable program headers", file->path);
        return false;
    }
    if (!inside(file, header->e_phoff, (uint64_t)header->e_phnum * sizeof(Elf32_Phdr))) {
        snprintf(why, why_bytes, "%s is truncated: its program headers are incomplete", file->path);
        return false;
    }
    return true;
}

bool elf_segment(const struct elf *elf, unsigned index, Elf32_Phdr *segment, char *why,
                 size_t why_bytes)
{
    const struct file *file = elf->file;

    memcpy(segment, file->bytes + elf->header.e_phoff + index * sizeof(*segment), sizeof(*segment));
    if (segment->p_type != PT_NULL && !inside(file, segment->p_offset, segment->p_filesz)) {
        snprintf(why, why_bytes,
                 "%s is truncated: segment %u needs %u bytes at offset %u, the file has %zu",
                 file->path, index, segment->p_filesz, segment->p_offset, file->size);
        return false;
    }
    if (segment->p_type == PT_LOAD && segment->p_filesz > segment->p_memsz) {
        snprintf(why, why_bytes, "segment %u of %s is larger in the file than in memory", index,
                 file->path);
        return false;
    }
    return true;
}

/* Section header `index`, if it and its content lie within the file. */
static bool section(const struct elf *elf, unsigned index, Elf32_Shdr *out)
{
    uint64_t offset = elf->header.e_shoff + (uint64_t)index * sizeof(*out);

    if (index >= elf->header.e_shnum || elf->header.e_shentsize != sizeof(*out) ||
        !inside(elf->file, offset, sizeof(*out)))
        return false;
    memcpy(out, elf->file->bytes + offset, sizeof(*out));
    return out->sh_type == SHT_NOBITS || inside(elf->file, out->sh_offset, out->sh_size);
}

static bool notes_of_xen(const struct file *file, uint32_t offset, uint32_t bytes)
{
    while (bytes >= sizeof(Elf32_Nhdr)) {
        Elf32_Nhdr note;
        uint64_t name, whole;

        memcpy(&note, file->bytes + offset, sizeof(note));
        name = ((uint64_t)note.n_namesz + 3) & ~UINT64_C(3);
        whole = sizeof(note) + name + (((uint64_t)note.n_descsz + 3) & ~UINT64_C(3));
        if (whole > bytes)
            return false;
        if (note.n_namesz == 4 && !memcmp(file->bytes + offset + sizeof(note), "Xen", 4))
            return true;
        offset += (uint32_t)whole;
        bytes -= (uint32_t)whole;
    }
    return false;
}

bool elf_has_xen_notes(const struct elf *elf)
{
    char why[256];

    for (unsigned i = 0; i < elf->header.e_phnum; i++) {
        Elf32_Phdr segment;

        if (elf_segment(elf, i, &segment, why, sizeof(why)) && segment.p_type == PT_NOTE &&
            notes_of_xen(elf->file, segment.p_offset, segment.p_filesz))
            return true;
    }
    for (unsigned i = 0; i < elf->header.e_shnum; i++) {
        Elf32_Shdr header;

        if (section(elf, i, &header) && header.sh_type == SHT_NOTE &&
            notes_of_xen(elf->file, header.sh_offset, header.sh_size))
            return true;
    }
    return false;
}

static const char *symbol_in(const struct elf *elf, const Elf32_Shdr *symbols,
                             const Elf32_Shdr *strings, uint32_t address, uint32_t *offset)
{
    const uint8_t *bytes = elf->file->bytes;
    const char *best = NULL;

    for (uint32_t at = 0; at + sizeof(Elf32_Sym) <= symbols->sh_size; at += sizeof(Elf32_Sym)) {
        Elf32_Sym symbol;

        memcpy(&symbol, bytes + symbols->sh_offset + at, sizeof(symbol));
        if (ELF32_ST_TYPE(symbol.st_info) > STT_FUNC || symbol.st_shndx == SHN_UNDEF ||
            symbol.st_shndx == SHN_ABS || symbol.st_value > address ||
            symbol.st_name >= strings->sh_size ||
            (symbol.st_size && address - symbol.st_value >= symbol.st_size) ||
            (best && address - symbol.st_value >= *offset))
            continue;
        if (!memchr(bytes + strings->sh_offset + symbol.st_name, 0,
                    strings->sh_size - symbol.st_name))
            continue;
        best = (const char *)bytes + strings->sh_offset + symbol.st_name;
        *offset = address - symbol.st_value;
    }
    return best;
}

/* The file's table of symbols and their names. */
static bool symbol_tables(const struct elf *elf, Elf32_Shdr *symbols, Elf32_Shdr *strings)
{
    for (unsigned i = 0; i < elf->header.e_shnum; i++)
        if (section(elf, i, symbols) && symbols->sh_type == SHT_SYMTAB &&
            section(elf, symbols->sh_link, strings) && strings->sh_type == SHT_STRTAB)
            return true;
    return false;
}

const char *elf_symbol(const struct elf *elf, uint32_t address, uint32_t *offset)
{
    Elf32_Shdr symbols, strings;

    return symbol_tables(elf, &symbols, &strings)
               ? symbol_in(elf, &symbols, &strings, address, offset)
               : NULL;
}

bool elf_address(const struct elf *elf, const char *name, uint32_t *address)
{
    const uint8_t *bytes = elf->file->bytes;
    size_t length = strlen(name) + 1;
    Elf32_Shdr symbols, strings;

    if (!symbol_tables(elf, &symbols, &strings))
        return false;
    for (uint32_t at = 0; at + sizeof(Elf32_Sym) <= symbols.sh_size; at += sizeof(Elf32_Sym)) {
        Elf32_Sym symbol;

        memcpy(&symbol, bytes + symbols.sh_offset + at, sizeof(symbol));
        if (symbol.st_shndx != SHN_UNDEF && symbol.st_name < strings.sh_size &&
            length <= strings.sh_size - symbol.st_name &&
            !memcmp(bytes + strings.sh_offset + symbol.st_name, name, length)) {
            *address = symbol.st_value;
            return true;
        }
    }
    return false;
}

unsigned elf_symbol_count(const struct elf *elf)
{
    Elf32_Shdr symbols, strings;

    return symbol_tables(elf, &symbols, &strings) ? (unsigned)(symbols.sh_size / sizeof(Elf32_Sym))
                                                  : 0;
}

void elf_each_symbol(const struct elf *elf,
                     void (*show)(void *owner, const char *name, uint32_t address, uint32_t bytes),
                     void *owner)
{
    const char *names;
    Elf32_Shdr symbols, strings;

    if (!symbol_tables(elf, &symbols, &strings))
        return;
    names = (const char *)elf->file->bytes + strings.sh_offset;
    for (uint32_t at = 0; at + sizeof(Elf32_Sym) <= symbols.sh_size; at += sizeof(Elf32_Sym)) {
        Elf32_Sym symbol;

        memcpy(&symbol, elf->file->bytes + symbols.sh_offset + at, sizeof(symbol));
        if (ELF32_ST_TYPE(symbol.st_info) <= STT_FUNC && symbol.st_shndx != SHN_UNDEF &&
            symbol.st_shndx != SHN_ABS && symbol.st_name < strings.sh_size &&
            names[symbol.st_name] &&
            memchr(names + symbol.st_name, 0, strings.sh_size - symbol.st_name))
            show(owner, names + symbol.st_name, symbol.st_value, symbol.st_size);
    }
}
