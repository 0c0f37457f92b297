/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel_image.c - reads a guest kernel's ELF file and its Xen notes
 *
 * A kernel tells its builder how it wants to be started through ELF notes of the name "Xen"
 * (<xen/elfnote.h>). They are looked for in PT_NOTE segments, and if there are none, in SHT_NOTE
 * sections, because some linkers leave the program header out. What counts here:
 *
 *   VIRT_BASE       virtual address of pseudo-physical 0 (default 0)
 *   PADDR_OFFSET    what the ELF physical addresses are too large by (default 0)
 *   ENTRY           first instruction (default: the ELF header's)
 *   HYPERCALL_PAGE  page to be filled with hypercall stubs (optional)
 *   XEN_VERSION     must be "xen-3.0"
 *   PAE_MODE        must be "yes..." or "bimodal"
 *   BSD_SYMTAB      "yes": the symbol table is loaded too (include/xenolith/kernel_symbols.h)
 *   FEATURES        a feature that is required ("!name") must be a known one
 *
 * Kernels from before the notes say the same in a text, the section __xen_guest: "NAME=value,...".
 * There HYPERCALL_PAGE counts pages from VIRT_BASE, and physical addresses are virtual ones unless
 * ELF_PADDR_OFFSET says otherwise.
 *
 * A segment belongs at p_paddr - PADDR_OFFSET + VIRT_BASE. Virtual addresses below VIRT_BASE or
 * inside the hypervisor's hole are refused, and so is all arithmetic that would wrap around.
 */
#include <elf.h>
#include <stdbool.h>
#include <string.h>

#include <xen/elfnote.h>

#include "workloads/dom0/xl/guest_memory.h"
#include "workloads/dom0/xl/kernel_image.h"

#define NOTES_MOST 256 /* of all names; more is an attack, not a kernel */

struct note_values {
    unsigned found; /* notes of the name "Xen" */
    uint32_t virt_base, paddr_offset, entry, hypercall_page;
    bool version_good, pae_good, features_good, symbols;
};

/* Whether [offset, offset + bytes) lies in a file of the given size. */
static bool in_file(uint32_t offset, uint32_t bytes, uint32_t size)
{
    return offset <= size && bytes <= size - offset;
}

static uint32_t align4(uint32_t n)
{
    return (n + 3) & ~3u;
}

/* A numeric note is four or eight bytes; the high half of eight must be zero in this interface. */
static bool note_number(const uint8_t *value, uint32_t bytes, uint32_t *number)
{
    uint32_t high = 0;

    if (bytes != 4 && bytes != 8)
        return false;
    memcpy(number, value, 4);
    if (bytes == 8)
        memcpy(&high, value + 4, 4);
    return high == 0;
}

/* Whether a string note (which should end with NUL, but need not) starts with the given word. */
static bool note_starts(const uint8_t *value, uint32_t bytes, const char *word)
{
    return bytes >= strlen(word) && memcmp(value, word, strlen(word)) == 0;
}

static bool is_known_feature(const uint8_t *name, uint32_t bytes)
{
    static const char *const known[] = {"writable_page_tables",    "writable_descriptor_tables",
                                        "auto_translated_physmap", "supervisor_mode_kernel",
                                        "pae_pgdir_above_4gb",     "dom0"};

    for (unsigned i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strlen(known[i]) == bytes && memcmp(name, known[i], bytes) == 0)
            return true;
    return false;
}

/*
 * Features are separated by '|'; '!' says that the kernel cannot do without. As Xen's builder, this
 * one insists only on knowing what that is: kernels of ordinary domains have always asked for
 * writable_page_tables so, and find out by themselves what they get.
 */
static bool features_possible(const uint8_t *value, uint32_t bytes)
{
    uint32_t at = 0;

    while (at < bytes && value[at]) {
        uint32_t end = at;

        while (end < bytes && value[end] && value[end] != '|')
            end++;
        if (value[at] == '!' && !is_known_feature(value + at + 1, end - at - 1))
            return false;
        at = end + (end < bytes && value[end] == '|');
    }
    return true;
}

/* Takes one note. Returns false if a number in it is not one. */
static bool take_note(struct note_values *v, uint32_t type, const uint8_t *value, uint32_t bytes)
{
    switch (type) {
    case XEN_ELFNOTE_VIRT_BASE:
        return note_number(value, bytes, &v->virt_base);
    case XEN_ELFNOTE_PADDR_OFFSET:
        return note_number(value, bytes, &v->paddr_offset);
    case XEN_ELFNOTE_ENTRY:
        return note_number(value, bytes, &v->entry);
    case XEN_ELFNOTE_HYPERCALL_PAGE:
        return note_number(value, bytes, &v->hypercall_page);
    case XEN_ELFNOTE_XEN_VERSION:
        v->version_good = note_starts(value, bytes, "xen-3.0");
        return true;
    case XEN_ELFNOTE_PAE_MODE:
        v->pae_good = note_starts(value, bytes, "yes") || note_starts(value, bytes, "bimodal");
        return true;
    case XEN_ELFNOTE_BSD_SYMTAB:
        v->symbols = note_starts(value, bytes, "yes");
        return true;
    case XEN_ELFNOTE_FEATURES:
        v->features_good = features_possible(value, bytes);
        return true;
    default:
        return true; /* the rest says nothing that a builder needs */
    }
}

/* Finds NAME=value in a text of NAME=value pairs, commas between; the value's length, or -1. */
static int text_value(const char *text, uint32_t bytes, const char *name, const char **value)
{
    uint32_t length = (uint32_t)strlen(name);

    for (uint32_t at = 0; at < bytes && text[at];) {
        uint32_t end = at;

        while (end < bytes && text[end] && text[end] != ',')
            end++;
        if (end - at > length && memcmp(text + at, name, length) == 0 && text[at + length] == '=') {
            *value = text + at + length + 1;
            return (int)(end - at - length - 1);
        }
        at = end < bytes && text[end] == ',' ? end + 1 : bytes;
    }
    return -1;
}

static int digit_value(char c)
{
    return c >= '0' && c <= '9'                     ? c - '0'
           : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                    : 16;
}

/*
 * The same for a number, decimal or 0x...; leaves it alone if the name is absent. False if it is
 * none, or has more than 32 bits. Without the C library: the builder also runs as a kernel of its
 * own.
 */
static bool text_number(const char *text, uint32_t bytes, const char *name, uint32_t *number)
{
    const char *value;
    int length = text_value(text, bytes, name, &value), at = 0, base = 10;
    uint64_t n = 0;

    if (length < 0)
        return true;
    if (length > 2 && value[0] == '0' && (value[1] | 0x20) == 'x') {
        base = 16;
        at = 2;
    }
    if (at == length)
        return false;
    for (; at < length; at++) {
        int digit = digit_value(value[at]);

        if (digit >= base)
            return false;
        n = n * (unsigned)base + (unsigned)digit;
        if (n > UINT32_MAX)
            return false;
    }
    *number = (uint32_t)n;
    return true;
}

/* Takes the text of a section __xen_guest, which lies in the file. */
static const char *read_guest_text(const char *text, uint32_t bytes, struct note_values *v)
{
    uint32_t page = UINT32_MAX;
    const char *value;
    int length;

    if (!text_number(text, bytes, "VIRT_BASE", &v->virt_base))
        return "has a VIRT_BASE that is not a 32-bit number";
    v->paddr_offset = v->virt_base;
    if (!text_number(text, bytes, "ELF_PADDR_OFFSET", &v->paddr_offset) ||
        !text_number(text, bytes, "VIRT_ENTRY", &v->entry) ||
        !text_number(text, bytes, "HYPERCALL_PAGE", &page))
        return "has a number in __xen_guest that is not a 32-bit one";
    if (page != UINT32_MAX) {
        if (page > (UINT32_MAX - v->virt_base) / XL_PAGE_SIZE)
            return "has a hypercall page outside its segments";
        v->hypercall_page = v->virt_base + page * XL_PAGE_SIZE;
    }
    length = text_value(text, bytes, "XEN_VER", &value);
    v->version_good =
        length >= 0 && note_starts((const uint8_t *)value, (uint32_t)length, "xen-3.0");
    length = text_value(text, bytes, "PAE", &value);
    v->pae_good = length >= 0 && note_starts((const uint8_t *)value, (uint32_t)length, "yes");
    length = text_value(text, bytes, "FEATURES", &value);
    v->features_good = length < 0 || features_possible((const uint8_t *)value, (uint32_t)length);
    v->found = 1;
    return NULL;
}

/* Walks the notes in file[offset, offset + bytes), which lies in the file. */
static const char *read_notes(const uint8_t *file, uint32_t offset, uint32_t bytes,
                              struct note_values *v)
{
    uint32_t at = 0;

    for (unsigned i = 0; bytes - at >= sizeof(Elf32_Nhdr); i++) {
        Elf32_Nhdr n;

        memcpy(&n, file + offset + at, sizeof(n));
        at += sizeof(n);
        if (i >= NOTES_MOST || n.n_namesz > bytes - at || align4(n.n_namesz) > bytes - at)
            return "has a note that does not fit its segment";
        const uint8_t *name = file + offset + at, *value = name + align4(n.n_namesz);
        uint32_t rest = bytes - at - align4(n.n_namesz);

        /* GRUB's last note claims more than there is; Xen's own reader takes what there is. */
        n.n_descsz = n.n_descsz < rest ? n.n_descsz : rest;

        if (n.n_namesz == 4 && memcmp(name, "Xen", 4) == 0) {
            v->found++;
            if (!take_note(v, n.n_type, value, n.n_descsz))
                return "has a Xen note whose number is not a 32-bit one";
        }
        at += align4(n.n_namesz);
        /* The last value's padding may be cut off. */
        at += align4(n.n_descsz) <= bytes - at ? align4(n.n_descsz) : bytes - at;
    }
    return NULL;
}

static const char *check_header(const Elf32_Ehdr *h, uint32_t size)
{
    if (memcmp(h->e_ident, ELFMAG, SELFMAG) != 0)
        return "is not an ELF file";
    if (h->e_ident[EI_CLASS] != ELFCLASS32 || h->e_ident[EI_DATA] != ELFDATA2LSB ||
        h->e_machine != EM_386 || h->e_type != ET_EXEC)
        return "is not a 32-bit i386 executable";
    if (h->e_phentsize != sizeof(Elf32_Phdr) || h->e_phnum == 0 ||
        !in_file(h->e_phoff, h->e_phnum * (uint32_t)sizeof(Elf32_Phdr), size))
        return "has no complete program header table";
    return NULL;
}

static Elf32_Phdr program_header(const uint8_t *file, const Elf32_Ehdr *h, unsigned i)
{
    Elf32_Phdr p;

    memcpy(&p, file + h->e_phoff + i * sizeof(p), sizeof(p));
    return p;
}

static const char *read_note_segments(const uint8_t *file, uint32_t size, const Elf32_Ehdr *h,
                                      struct note_values *v)
{
    const char *wrong = NULL;

    for (unsigned i = 0; i < h->e_phnum && !wrong; i++) {
        Elf32_Phdr p = program_header(file, h, i);

        if (p.p_type != PT_NOTE)
            continue;
        if (!in_file(p.p_offset, p.p_filesz, size))
            return "is truncated: a note segment lies outside the file";
        wrong = read_notes(file, p.p_offset, p.p_filesz, v);
    }
    return wrong;
}

static const char *read_note_sections(const uint8_t *file, uint32_t size, const Elf32_Ehdr *h,
                                      struct note_values *v)
{
    const char *wrong = NULL;

    if (h->e_shentsize != sizeof(Elf32_Shdr) ||
        !in_file(h->e_shoff, h->e_shnum * (uint32_t)sizeof(Elf32_Shdr), size))
        return NULL; /* sections are optional */
    for (unsigned i = 0; i < h->e_shnum && !wrong; i++) {
        Elf32_Shdr s;

        memcpy(&s, file + h->e_shoff + i * sizeof(s), sizeof(s));
        if (s.sh_type != SHT_NOTE)
            continue;
        if (!in_file(s.sh_offset, s.sh_size, size))
            return "is truncated: a note section lies outside the file";
        wrong = read_notes(file, s.sh_offset, s.sh_size, v);
    }
    return wrong;
}

/* Reads the section __xen_guest, if there is one; without usable section names there is none. */
static const char *read_guest_section(const uint8_t *file, uint32_t size, const Elf32_Ehdr *h,
                                      struct note_values *v)
{
    static const char wanted[] = "__xen_guest";
    Elf32_Shdr names, s;

    if (h->e_shentsize != sizeof(s) || h->e_shstrndx >= h->e_shnum ||
        !in_file(h->e_shoff, h->e_shnum * (uint32_t)sizeof(s), size))
        return NULL;
    memcpy(&names, file + h->e_shoff + h->e_shstrndx * sizeof(s), sizeof(s));
    if (!in_file(names.sh_offset, names.sh_size, size))
        return NULL;
    for (unsigned i = 0; i < h->e_shnum; i++) {
        memcpy(&s, file + h->e_shoff + i * sizeof(s), sizeof(s));
        if (!in_file(s.sh_name, sizeof(wanted), names.sh_size) ||
            memcmp(file + names.sh_offset + s.sh_name, wanted, sizeof(wanted)) != 0)
            continue;
        if (!in_file(s.sh_offset, s.sh_size, size))
            return "is truncated: __xen_guest lies outside the file";
        return read_guest_text((const char *)file + s.sh_offset, s.sh_size, v);
    }
    return NULL;
}

static const char *check_notes(const struct note_values *v)
{
    if (v->found == 0)
        return "has no Xen notes";
    if (!v->version_good)
        return "was not made for interface xen-3.0";
    if (!v->pae_good)
        return "does not use PAE page tables";
    if (!v->features_good)
        return "requires a feature that is not known";
    if (v->virt_base % XL_PAGE_SIZE || v->virt_base >= XL_HOLE_START)
        return "has a VIRT_BASE that is not a page below the hypervisor's range";
    if (v->hypercall_page != NO_HYPERCALL_PAGE && v->hypercall_page % XL_PAGE_SIZE)
        return "has a hypercall page that is not page aligned";
    return NULL;
}

/* Adds one PT_LOAD segment, after all checks. */
static const char *add_segment(struct kernel_image *k, const Elf32_Phdr *p, uint32_t paddr_offset)
{
    uint32_t most = XL_HOLE_START - k->virt_base;

    if (p->p_memsz == 0)
        return NULL;
    if (k->segment_count == KERNEL_SEGMENTS_MAX)
        return "has more loadable segments than a kernel needs";
    if (!in_file(p->p_offset, p->p_filesz, k->size))
        return "is truncated: a segment lies outside the file";
    if (p->p_filesz > p->p_memsz)
        return "has a segment that is larger in the file than in memory";
    if (p->p_paddr < paddr_offset || p->p_paddr - paddr_offset >= most ||
        p->p_memsz > most - (p->p_paddr - paddr_offset))
        return "has a segment below its VIRT_BASE or in the hypervisor's range";

    struct kernel_segment s = {k->virt_base + (p->p_paddr - paddr_offset), p->p_offset, p->p_filesz,
                               p->p_memsz};

    for (unsigned i = 0; i < k->segment_count; i++)
        if (s.address < k->segment[i].address + k->segment[i].memory_bytes &&
            k->segment[i].address < s.address + s.memory_bytes)
            return "has segments that overlap";
    k->start = k->segment_count == 0 || s.address < k->start ? s.address : k->start;
    k->end = s.address + s.memory_bytes > k->end ? s.address + s.memory_bytes : k->end;
    k->segment[k->segment_count++] = s;
    return NULL;
}

static bool in_segment(const struct kernel_image *k, uint32_t address, uint32_t bytes)
{
    for (unsigned i = 0; i < k->segment_count; i++) {
        uint32_t offset = address - k->segment[i].address;

        if (offset < k->segment[i].memory_bytes && bytes <= k->segment[i].memory_bytes - offset)
            return true;
    }
    return false;
}

/* A file without a symbol table, or with a bad one, is loaded without it. */
static void add_symbols(struct kernel_image *k, const Elf32_Ehdr *h)
{
    struct symbols_section symbols = {0}, strings;
    uint32_t at = align4(k->end), strings_offset;

    if (h->e_shentsize != sizeof(symbols) ||
        !in_file(h->e_shoff, h->e_shnum * (uint32_t)sizeof(symbols), k->size) ||
        k->segment_count + 2 > KERNEL_SEGMENTS_MAX)
        return;
    for (unsigned i = 0; i < h->e_shnum && symbols.type != SYMBOLS_SECTION_SYMTAB; i++)
        memcpy(&symbols, k->file + h->e_shoff + i * sizeof(symbols), sizeof(symbols));
    if (symbols.type != SYMBOLS_SECTION_SYMTAB || symbols.link >= h->e_shnum)
        return;
    memcpy(&strings, k->file + h->e_shoff + symbols.link * sizeof(strings), sizeof(strings));
    if (strings.type != SYMBOLS_SECTION_STRTAB || !in_file(symbols.offset, symbols.size, k->size) ||
        !in_file(strings.offset, strings.size, k->size) ||
        !kernel_symbols_describe(&k->symbols, h->e_ident, &symbols, &strings, &strings_offset) ||
        at >= XL_HOLE_START || k->symbols.bytes + 4 > XL_HOLE_START - at)
        return;
    k->symbols_at = at;
    k->segment[k->segment_count++] = (struct kernel_segment){
        at + (uint32_t)sizeof(k->symbols), symbols.offset, symbols.size, symbols.size};
    k->segment[k->segment_count++] =
        (struct kernel_segment){at + strings_offset, strings.offset, strings.size, strings.size};
    k->end = at + 4 + k->symbols.bytes;
}

const char *kernel_image_read(const void *file, size_t size, struct kernel_image *image)
{
    struct note_values notes = {.hypercall_page = NO_HYPERCALL_PAGE, .features_good = true};
    const char *wrong;
    Elf32_Ehdr h;

    if (size < sizeof(h) || size > UINT32_MAX / 2)
        return "is too short for an ELF file, or far too long";
    memcpy(&h, file, sizeof(h));
    *image = (struct kernel_image){.file = file, .size = (uint32_t)size};
    if ((wrong = check_header(&h, image->size)))
        return wrong;

    notes.entry = h.e_entry;
    wrong = read_note_segments(file, image->size, &h, &notes);
    if (!wrong && notes.found == 0)
        wrong = read_note_sections(file, image->size, &h, &notes);
    if (!wrong && notes.found == 0)
        wrong = read_guest_section(file, image->size, &h, &notes);
    if (!wrong)
        wrong = check_notes(&notes);
    if (wrong)
        return wrong;

    image->virt_base = notes.virt_base;
    image->entry = notes.entry;
    image->hypercall_page = notes.hypercall_page;
    for (unsigned i = 0; i < h.e_phnum; i++) {
        Elf32_Phdr p = program_header(file, &h, i);

        if (p.p_type == PT_LOAD && (wrong = add_segment(image, &p, notes.paddr_offset)))
            return wrong;
    }
    if (image->segment_count == 0)
        return "has nothing to load";
    if (!in_segment(image, image->entry, 1))
        return "has an entry point outside its segments";
    if (image->hypercall_page != NO_HYPERCALL_PAGE &&
        !in_segment(image, image->hypercall_page, XL_PAGE_SIZE))
        return "has a hypercall page outside its segments";
    if (notes.symbols)
        add_symbols(image, &h);
    return NULL;
}
