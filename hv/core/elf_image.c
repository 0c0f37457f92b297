/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * elf_image.c - Domain 0's kernel file
 *
 * A paravirtual kernel says in ELF notes named "Xen" (xen/elfnote.h) where it wants to be; older
 * ones say it in a string, the section __xen_guest: "GUEST_OS=...,VIRT_BASE=0x...,...". A segment
 * goes to its physical address, less PADDR_OFFSET, plus VIRT_BASE.
 *
 * Nothing in the file is trusted: every offset is checked against its length.
 */
#include "hv/include/elf_image.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"
#include "hv/include/public_headers.h"

struct elf_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version, entry, phoff, shoff, flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct program_header {
    uint32_t type, offset, vaddr, paddr, filesz, memsz, flags, align;
};

struct note_header {
    uint32_t name_bytes, desc_bytes, type;
};

#define MACHINE_386  3
#define SEGMENT_LOAD 1
#define SEGMENT_NOTE 4
#define SECTION_NOTE 7
#define UNSET        0xffffffffu
#define VERSION      "xen-3.0"

struct file {
    uint32_t physical, bytes;
};

struct wishes {
    bool found;
    uint32_t virt_base, paddr_offset, entry, hypercall_page;
    bool hypercall_page_is_pfn; /* the string gives a page number */
    bool symbols;
    bool version_good, pae_good; /* made for this interface; with this form of page tables */
};

static bool read_file(const struct file *file, uint32_t offset, void *to, uint32_t bytes)
{
    char *target = to;

    if (offset > file->bytes || bytes > file->bytes - offset)
        return false;
    while (bytes > 0) {
        uint32_t at = file->physical + offset;
        uint32_t part = MIN(bytes, PAGE_SIZE - (at & (PAGE_SIZE - 1)));
        const char *page = map_frame(at >> PAGE_SHIFT);

        memcpy(target, page + (at & (PAGE_SIZE - 1)), part);
        unmap_frame(page);
        target += part;
        offset += part;
        bytes -= part;
    }
    return true;
}

static bool starts_with(const char *text, const char *with)
{
    return memcmp(text, with, strlen(with)) == 0;
}

/* `text` is the value again, of a note that holds one; with zeros behind it. */
static void take_note(struct wishes *w, uint32_t type, uint32_t value, const char *text)
{
    w->found = true;
    switch (type) {
    case XEN_ELFNOTE_ENTRY:
        w->entry = value;
        break;
    case XEN_ELFNOTE_HYPERCALL_PAGE:
        w->hypercall_page = value;
        break;
    case XEN_ELFNOTE_VIRT_BASE:
        w->virt_base = value;
        break;
    case XEN_ELFNOTE_PADDR_OFFSET:
        w->paddr_offset = value;
        break;
    case XEN_ELFNOTE_BSD_SYMTAB:
        w->symbols = starts_with(text, "yes");
        break;
    case XEN_ELFNOTE_XEN_VERSION:
        w->version_good = starts_with(text, VERSION);
        break;
    case XEN_ELFNOTE_PAE_MODE:
        w->pae_good = starts_with(text, "yes") || starts_with(text, "bimodal");
        break;
    default:
        break;
    }
}

static void read_notes(const struct file *file, uint32_t offset, uint32_t bytes, struct wishes *w)
{
    uint32_t end = offset + bytes;

    while (end >= offset && end - offset >= sizeof(struct note_header)) {
        struct note_header note;
        char name[4], text[16] = {0};
        uint32_t value;

        if (!read_file(file, offset, &note, sizeof(note)))
            return;
        offset += sizeof(note);
        if (note.name_bytes > end - offset)
            return;
        /* GRUB's last one claims more than there is. */
        note.desc_bytes = MIN(note.desc_bytes, end - offset - note.name_bytes);
        if (note.name_bytes == 4 && read_file(file, offset, name, 4) &&
            memcmp(name, "Xen", 4) == 0) {
            read_file(file, offset + 4, text, MIN(note.desc_bytes, sizeof(text) - 1));
            memcpy(&value, text, sizeof(value));
            take_note(w, note.type, value, text);
        }
        offset += ((note.name_bytes + 3) & ~3u) + ((note.desc_bytes + 3) & ~3u);
    }
}

static void read_string(const char *text, struct wishes *w)
{
    const char *end;
    const char *at;

    w->found = true;
    w->symbols = strstr(text, "BSD_SYMTAB") != NULL;
    at = strstr(text, "VIRT_BASE=");
    if (at)
        w->virt_base = (uint32_t)parse_number(at + 10, &end);
    w->paddr_offset = w->virt_base; /* then; with notes the default is 0 */
    w->version_good = strstr(text, "XEN_VER=" VERSION) != NULL;
    w->pae_good = strstr(text, "PAE=yes") != NULL;
    at = strstr(text, "ELF_PADDR_OFFSET=");
    if (at)
        w->paddr_offset = (uint32_t)parse_number(at + 17, &end);
    at = strstr(text, "VIRT_ENTRY=");
    if (at)
        w->entry = (uint32_t)parse_number(at + 11, &end);
    at = strstr(text, "HYPERCALL_PAGE=");
    if (at) {
        w->hypercall_page = (uint32_t)parse_number(at + 15, &end);
        w->hypercall_page_is_pfn = true;
    }
}

/* Sections matter only where program headers do not lead to notes. */
static void read_sections(const struct file *file, const struct elf_header *elf, struct wishes *w)
{
    struct symbols_section names, section;
    char text[512], name[16];

    if (!read_file(file, elf->shoff + elf->shstrndx * sizeof(names), &names, sizeof(names)))
        return;
    for (unsigned i = 0; i < elf->shnum && !w->found; i++) {
        if (!read_file(file, elf->shoff + i * sizeof(section), &section, sizeof(section)))
            return;
        if (section.type == SECTION_NOTE) {
            read_notes(file, section.offset, section.size, w);
            continue;
        }
        memset(name, 0, sizeof(name));
        read_file(file, names.offset + section.name, name, sizeof(name) - 1);
        if (strcmp(name, "__xen_guest") == 0 && section.size > 0) {
            uint32_t bytes = MIN(section.size, sizeof(text) - 1);

            memset(text, 0, sizeof(text));
            if (read_file(file, section.offset, text, bytes))
                read_string(text, w);
        }
    }
}

static const char *take_segments(struct elf_image *image, const struct file *file,
                                 const struct elf_header *elf, const struct wishes *w)
{
    for (unsigned i = 0; i < elf->phnum; i++) {
        struct program_header p;
        struct elf_segment *s = &image->segment[image->segments];

        if (!read_file(file, elf->phoff + i * sizeof(p), &p, sizeof(p)))
            return "truncated program headers";
        if (p.type != SEGMENT_LOAD || p.memsz == 0)
            continue;
        if (image->segments == ELF_MAX_SEGMENTS)
            return "too many segments";
        *s = (struct elf_segment){.address = p.paddr - w->paddr_offset + w->virt_base,
                                  .offset = p.offset,
                                  .file_bytes = p.filesz,
                                  .memory_bytes = p.memsz};
        if (p.filesz > p.memsz || p.offset > file->bytes || p.filesz > file->bytes - p.offset)
            return "a segment is not within the file";
        if (s->address < w->virt_base || s->address + p.memsz < s->address ||
            s->address + p.memsz > HV_VIRT_START)
            return "a segment lies outside the guest's address space";
        image->end = MAX(image->end, s->address + p.memsz);
        image->segments++;
    }
    return image->segments ? NULL : "nothing to load";
}

static bool section_in_file(const struct symbols_section *section, const struct file *file)
{
    return section->offset <= file->bytes && section->size <= file->bytes - section->offset;
}

/* A file without a symbol table, or with a bad one, is loaded without it. */
static void take_symbols(struct elf_image *image, const struct file *file,
                         const struct elf_header *elf)
{
    struct symbols_section symbols = {0}, strings;
    uint32_t at = (image->end + 3) & ~3u, strings_offset;

    for (unsigned i = 0; i < elf->shnum && symbols.type != SYMBOLS_SECTION_SYMTAB; i++)
        if (!read_file(file, elf->shoff + i * sizeof(symbols), &symbols, sizeof(symbols)))
            return;
    if (symbols.type != SYMBOLS_SECTION_SYMTAB || symbols.link >= elf->shnum ||
        !read_file(file, elf->shoff + symbols.link * sizeof(strings), &strings, sizeof(strings)) ||
        strings.type != SYMBOLS_SECTION_STRTAB || !section_in_file(&symbols, file) ||
        !section_in_file(&strings, file) || image->segments + 2 > ELF_MAX_SEGMENTS ||
        !kernel_symbols_describe(&image->symbols, elf->ident, &symbols, &strings,
                                 &strings_offset) ||
        at > HV_VIRT_START || image->symbols.bytes + 4 > HV_VIRT_START - at)
        return;
    image->symbols_at = at;
    image->segment[image->segments++] =
        (struct elf_segment){.address = at + (uint32_t)sizeof(image->symbols),
                             .offset = symbols.offset,
                             .file_bytes = symbols.size,
                             .memory_bytes = symbols.size};
    image->segment[image->segments++] = (struct elf_segment){.address = at + strings_offset,
                                                             .offset = strings.offset,
                                                             .file_bytes = strings.size,
                                                             .memory_bytes = strings.size};
    image->end = at + 4 + image->symbols.bytes;
}

const char *elf_image_read(struct elf_image *image, uint32_t physical, uint32_t bytes)
{
    const struct file file = {physical, bytes};
    struct wishes w = {.virt_base = UNSET, .paddr_offset = UNSET};
    struct elf_header elf;
    const char *problem;

    memset(image, 0, sizeof(*image));
    if (!read_file(&file, 0, &elf, sizeof(elf)) || memcmp(elf.ident, "\177ELF\1\1", 6) != 0)
        return "not a 32-bit ELF file";
    if (elf.machine != MACHINE_386)
        return "not for the 386";
    for (unsigned i = 0; i < elf.phnum; i++) {
        struct program_header p;

        if (read_file(&file, elf.phoff + i * sizeof(p), &p, sizeof(p)) && p.type == SEGMENT_NOTE)
            read_notes(&file, p.offset, p.filesz, &w);
    }
    if (!w.found)
        read_sections(&file, &elf, &w);
    if (!w.found)
        return "neither Xen ELF notes nor a __xen_guest section";
    if (!w.version_good)
        return "not made for interface " VERSION;
    if (!w.pae_good)
        return "it does not use PAE page tables";
    if (w.virt_base == UNSET) {
        w.virt_base = 0;
        w.paddr_offset = 0;
    }
    if (w.paddr_offset == UNSET)
        w.paddr_offset = 0;
    image->virt_base = w.virt_base;
    image->entry = w.entry ? w.entry : elf.entry;
    image->hypercall_page =
        w.hypercall_page_is_pfn ? w.virt_base + (w.hypercall_page << PAGE_SHIFT) : w.hypercall_page;
    if (w.virt_base & (PAGE_SIZE - 1))
        return "a virtual base inside a page";
    problem = take_segments(image, &file, &elf, &w);
    if (!problem && image->hypercall_page &&
        (image->hypercall_page < image->virt_base || (image->hypercall_page & (PAGE_SIZE - 1)) ||
         image->hypercall_page > image->end - PAGE_SIZE))
        return "a hypercall page outside the image";
    if (!problem && w.symbols)
        take_symbols(image, &file, &elf);
    return problem;
}
