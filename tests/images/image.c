/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * image.c - see image.h
 *
 * The file: headers, notes or text, section headers, symbols, and from 0x1000 on the code. One
 * segment of 0x4000 bytes is loaded, one points to the notes; sections lead to the text.
 */
#include "tests/images/image.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/elfnote.h>

#define NOTES_AT    0x200u
#define TEXT_AT     0x700u
#define NAMES_AT    0x800u
#define SYMBOLS_AT  0x880u
#define SECTIONS_AT 0x900u
#define CODE_AT     0x1000u
#define MEMORY      0x4000u

static const char names[] = "\0__xen_guest\0.symtab\0.strtab";

/* nop; print the line, shut down with reason 0; in any place. */
static const uint8_t code[] = {
    0x90, 0x90,
    0xe8, sizeof(IMAGE_LINE),
    0,    0,
    0, /* call past the line */
    'i',  'm',
    'a',  'g',
    'e',  ' ',
    'r',  'a',
    'n',  '\n',
    0x5a, /* pop %edx */
    0xb8, 18,
    0,    0,
    0,    0x31,
    0xdb, /* console_io(write, */
    0xb9, sizeof(IMAGE_LINE),
    0,    0,
    0,    0xcd,
    0x82, /*            length, text) */
    0x6a, 0,
    0x89, 0xe1,
    0xb8, 29,
    0,    0,
    0, /* sched_op( */
    0xbb, 2,
    0,    0,
    0,    0xcd,
    0x82, 0xeb,
    0xfe, /*          shutdown, reason 0) */
};

struct words {
    uint32_t phys, flags, type, machine, shoff, symbols, memory;
    const char *text;
};

static const struct {
    const char *name;
    uint32_t type;
} kinds[] = {{"ENTRY", XEN_ELFNOTE_ENTRY},
             {"HYPERCALL_PAGE", XEN_ELFNOTE_HYPERCALL_PAGE},
             {"VIRT_BASE", XEN_ELFNOTE_VIRT_BASE},
             {"PADDR_OFFSET", XEN_ELFNOTE_PADDR_OFFSET},
             {"XEN_VERSION", XEN_ELFNOTE_XEN_VERSION},
             {"GUEST_OS", XEN_ELFNOTE_GUEST_OS},
             {"LOADER", XEN_ELFNOTE_LOADER},
             {"PAE_MODE", XEN_ELFNOTE_PAE_MODE},
             {"FEATURES", XEN_ELFNOTE_FEATURES},
             {"BSD_SYMTAB", XEN_ELFNOTE_BSD_SYMTAB},
             {"HV_START_LOW", XEN_ELFNOTE_HV_START_LOW},
             {"INIT_P2M", XEN_ELFNOTE_INIT_P2M},
             {"SUPPORTED_FEATURES", XEN_ELFNOTE_SUPPORTED_FEATURES}};

static void give_up(const char *word)
{
    fprintf(stderr, "image: what is '%s'?\n", word);
    exit(2);
}

/* Writes one note; returns how many bytes it takes. NULL counts alone. */
static size_t put_note(uint8_t *to, const char *word)
{
    size_t name = strcspn(word, "=:/"), bytes = 4;
    uint64_t number = 0;
    const void *value = &number;
    Elf32_Nhdr header = {.n_namesz = 4};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strlen(kinds[i].name) == name && strncmp(kinds[i].name, word, name) == 0)
            header.n_type = kinds[i].type;
    if (header.n_type == 0 && strncmp(word, "ENTRY", 5) != 0 && strncmp(word, "INFO", 4) != 0 &&
        header.n_type != XEN_ELFNOTE_ENTRY)
        give_up(word);
    if (word[name] == '=') {
        value = word + name + 1;
        bytes = strlen(value) + 1;
    } else {
        char *rest = (char *)word + name;

        if (*rest == '/')
            bytes = strtoul(rest + 1, &rest, 10);
        number = strtoull(rest + 1, NULL, 16);
    }
    header.n_descsz = (Elf32_Word)bytes;
    memcpy(to, &header, sizeof(header));
    memcpy(to + sizeof(header), "Xen", 4);
    memcpy(to + sizeof(header) + 4, value, bytes);
    return sizeof(header) + 4 + ((bytes + 3) & ~(size_t)3);
}

static bool same_name(const char *a, const char *b)
{
    size_t length = strcspn(a, "=:/");

    return length == strcspn(b, "=:/") && strncmp(a, b, length) == 0;
}

static void set_field(struct words *w, const char *word)
{
    static const struct {
        const char *name;
        size_t offset;
    } fields[] = {
        {"phys", offsetof(struct words, phys)},    {"flags", offsetof(struct words, flags)},
        {"type", offsetof(struct words, type)},    {"machine", offsetof(struct words, machine)},
        {"shoff", offsetof(struct words, shoff)},  {"symbols", offsetof(struct words, symbols)},
        {"memory", offsetof(struct words, memory)}};

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (same_name(word, fields[i].name)) {
            uint32_t value = (uint32_t)strtoul(strchr(word, ':') + 1, NULL, 16);

            memcpy((char *)w + fields[i].offset, &value, sizeof(value));
            return;
        }
    give_up(word);
}

/* Applies the change to the good kernel's notes; returns how many bytes of notes there are. */
static size_t put_notes(uint8_t *to, char *change, struct words *w)
{
    static const char *const good[] = {"GUEST_OS=t",     "XEN_VERSION=xen-3.0", "PAE_MODE=yes",
                                       "LOADER=generic", "VIRT_BASE:C0000000",  "PADDR_OFFSET:0"};
    const char *word[32];
    unsigned words = 0;
    size_t bytes = 0;
    char *rest = change;

    memcpy(word, good, sizeof(good));
    words = sizeof(good) / sizeof(good[0]);
    while (*rest) {
        char *this = rest;

        if (strncmp(this, "TEXT ", 5) == 0) {
            w->text = this + 5;
            return 0;
        }
        rest += strcspn(rest, " ");
        if (*rest)
            *rest++ = 0;
        if (*this == '@') {
            set_field(w, this + 1);
            continue;
        }
        unsigned i = 0;

        while (i < words && !same_name(word[i], this + (*this == '-')))
            i++;
        if (*this == '-')
            word[i] = word[--words];
        else
            word[i] = this;
        words += i == words && *this != '-';
    }
    for (unsigned i = 0; i < words; i++)
        bytes += put_note(to + bytes, word[i]);
    return bytes;
}

size_t image_make(const char *change, uint8_t file[IMAGE_MOST])
{
    struct words w = {.phys = 0x100000,
                      .flags = 7,
                      .type = ET_EXEC,
                      .machine = EM_386,
                      .shoff = SECTIONS_AT,
                      .symbols = 1,
                      .memory = MEMORY};
    char copy[sizeof(image_cases[0].change)];
    Elf32_Ehdr header = {
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB, 1},
        .e_version = 1,
        .e_entry = 0xC0100000,
        .e_phoff = sizeof(header),
        .e_ehsize = sizeof(header),
        .e_phentsize = sizeof(Elf32_Phdr),
        .e_phnum = 2,
        .e_shentsize = sizeof(Elf32_Shdr),
        .e_shnum = 5,
        .e_shstrndx = 1};

    memset(file, 0, IMAGE_MOST);
    snprintf(copy, sizeof(copy), "%s", change);
    Elf32_Word notes = (Elf32_Word)put_notes(file + NOTES_AT, copy, &w);
    Elf32_Phdr program[2] = {{PT_LOAD, CODE_AT, 0, w.phys, sizeof(code), w.memory, w.flags, 4},
                             {notes ? PT_NOTE : PT_NULL, NOTES_AT, 0, 0, notes, notes, PF_R, 4}};
    Elf32_Sym symbol[2] = {{0}, {.st_name = 1, .st_value = 0xC0100000}};
    Elf32_Shdr section[5] = {
        {0},
        {.sh_type = SHT_STRTAB, .sh_offset = NAMES_AT, .sh_size = sizeof(names)},
        {.sh_name = 1,
         .sh_type = w.text ? SHT_PROGBITS : SHT_NULL,
         .sh_offset = TEXT_AT,
         .sh_size = 0x100},
        {.sh_name = 13,
         .sh_type = w.symbols == 1 ? SHT_NULL : SHT_SYMTAB,
         .sh_offset = SYMBOLS_AT,
         .sh_size = sizeof(symbol),
         .sh_link = w.symbols ? 4 : 0},
        {.sh_name = 21, .sh_type = SHT_STRTAB, .sh_offset = NAMES_AT, .sh_size = sizeof(names)}};

    if (!w.text)
        section[2].sh_name = 0;
    header.e_type = (Elf32_Half)w.type;
    header.e_machine = (Elf32_Half)w.machine;
    header.e_shoff = w.shoff;
    memcpy(file, &header, sizeof(header));
    memcpy(file + sizeof(header), program, sizeof(program));
    if (w.text)
        memcpy(file + TEXT_AT, w.text, strlen(w.text));
    memcpy(file + NAMES_AT, names, sizeof(names));
    memcpy(file + SYMBOLS_AT, symbol, sizeof(symbol));
    memcpy(file + SECTIONS_AT, section, sizeof(section));
    memcpy(file + CODE_AT, code, sizeof(code));
    return CODE_AT + sizeof(code);
}
