/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel_notes.c - a kernel's notes, or the text that came before them
 *
 * Kernels talk to their builder through ELF notes of the name "Xen" (xen/elfnote.h). They are
 * looked for in note segments; in note sections, if there are none; and last comes the section
 * __xen_guest with a text, "NAME=value,NAME=value". Xen's reader is lenient, and kernels have come
 * to rely on it, so this one decides as it does:
 *
 *   - a note segment at offset 0 is an old linker's mistake and is passed over;
 *   - a number has 1, 2, 4 or 8 bytes, and is 0 if it has another length;
 *   - a string ends with NUL within the file, or the note says nothing;
 *   - a note may claim to be longer than what is there (GRUB's last one does): then it is the last;
 *   - a feature with '!' is required and must be a known one. In the text an unknown one only
 *     ends the reading there.
 *
 * In the text, HYPERCALL_PAGE counts pages from VIRT_BASE.
 */
#include "include/image/kernel_notes.h"
#include "include/freestanding/string.h"

#include <xen/elfnote.h>
#include <xen/features.h>

#define SEGMENT_NOTE 4
#define SECTION_NOTE 7
#define NOTES_MOST   65536u /* of all names, in all segments */
#define STRING_MOST  4096u
#define FEATURE_MOST 63u
#define TEXT_NAME    31u
#define TEXT_VALUE   127u

struct note_header {
    uint32_t name_bytes, value_bytes, type;
};

void image_file_fetch(const struct image_file *file, uint64_t offset, void *to, uint32_t bytes)
{
    uint32_t there = offset < file->bytes ? file->bytes - (uint32_t)offset : 0;

    memset(to, 0, bytes);
    if (there)
        file->read(file->where, (uint32_t)offset, to, bytes < there ? bytes : there);
}

bool image_file_entry(const struct image_file *file, uint32_t table, uint32_t entry_bytes,
                      unsigned i, void *to, uint32_t bytes)
{
    uint64_t offset = table + (uint64_t)entry_bytes * i;

    image_file_fetch(file, offset, to, bytes);
    return offset < file->bytes;
}

unsigned kernel_section_count(const struct image_file *file, const struct elf_header *elf)
{
    uint32_t most = file->bytes / (uint32_t)sizeof(struct symbols_section);

    return elf->shnum < most ? elf->shnum : most;
}

/* ---- strings and features -------------------------------------------------------------------- */

/* Length of the string at an offset; -1: it does not end within the file, or not soon. */
static int string_length(const struct image_file *file, uint64_t offset)
{
    char part[64];

    for (uint32_t at = 0; at <= STRING_MOST; at += sizeof(part)) {
        image_file_fetch(file, offset + at, part, sizeof(part));
        for (uint32_t i = 0; i < sizeof(part); i++) {
            if (offset + at + i >= file->bytes || at + i > STRING_MOST)
                return -1;
            if (!part[i])
                return (int)(at + i);
        }
    }
    return -1;
}

static void keep_name(char *name, const char *value)
{
    size_t length = strlen(value), kept = length < NAME_LENGTH ? length : NAME_LENGTH;

    memcpy(name, value, kept);
    name[kept] = 0;
}

static int feature_number(const char *name)
{
    static const struct {
        const char *name;
        int number;
    } known[] = {{"writable_page_tables", XENFEAT_writable_page_tables},
                 {"writable_descriptor_tables", XENFEAT_writable_descriptor_tables},
                 {"auto_translated_physmap", XENFEAT_auto_translated_physmap},
                 {"supervisor_mode_kernel", XENFEAT_supervisor_mode_kernel},
                 {"pae_pgdir_above_4gb", XENFEAT_pae_pgdir_above_4gb},
                 {"hvm_callback_vector", XENFEAT_hvm_callback_vector},
                 {"dom0", XENFEAT_dom0}};

    for (unsigned i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(known[i].name, name) == 0)
            return known[i].number;
    return -1;
}

/* Takes names with '|' between. False at one that is required and not known. */
static bool take_features(const struct image_file *file, uint64_t offset, uint32_t length,
                          struct kernel_wishes *w)
{
    for (uint32_t at = 0; at < length;) {
        char name[FEATURE_MOST + 1] = {0};
        uint32_t left = length - at, n = 0;

        image_file_fetch(file, offset + at, name, left < FEATURE_MOST ? left : FEATURE_MOST);
        while (n < FEATURE_MOST && name[n] && name[n] != '|')
            n++;
        at += n + (n < FEATURE_MOST && name[n] == '|');
        name[n] = 0;

        bool required = name[0] == '!';
        int number = feature_number(name + required);

        if (number < 0 && required)
            return false;
        if (number < 0)
            continue;
        w->supported |= 1u << number;
        w->required |= (uint32_t)required << number;
    }
    return true;
}

/* ---- notes ----------------------------------------------------------------------------------- */

static void take_number(struct kernel_wishes *w, uint32_t type, uint64_t number)
{
    switch (type) {
    case XEN_ELFNOTE_ENTRY:
        w->entry = number;
        break;
    case XEN_ELFNOTE_HYPERCALL_PAGE:
        w->hypercall_page = number;
        break;
    case XEN_ELFNOTE_VIRT_BASE:
        w->virt_base = number;
        break;
    case XEN_ELFNOTE_PADDR_OFFSET:
        w->paddr_offset = number;
        break;
    case XEN_ELFNOTE_INIT_P2M:
        w->frame_list = number;
        break;
    case XEN_ELFNOTE_HV_START_LOW:
        w->hypervisor_start = number;
        break;
    default: /* the rest says nothing that a builder needs */
        break;
    }
}

/* Takes a note that holds a string. False: it requires what nobody knows. */
static bool take_string(const struct image_file *file, struct kernel_wishes *w, uint32_t type,
                        uint64_t offset)
{
    int length = string_length(file, offset);
    char value[TEXT_VALUE + 1] = {0};

    if (length < 0)
        return true;
    image_file_fetch(file, offset, value,
                     (uint32_t)length < TEXT_VALUE ? (uint32_t)length : TEXT_VALUE);
    switch (type) {
    case XEN_ELFNOTE_LOADER:
        keep_name(w->loader, value);
        break;
    case XEN_ELFNOTE_GUEST_OS:
        keep_name(w->guest_os, value);
        break;
    case XEN_ELFNOTE_XEN_VERSION:
        keep_name(w->version, value);
        break;
    case XEN_ELFNOTE_PAE_MODE:
        w->pae = w->pae || strcmp(value, "yes") == 0 || strstr(value, "bimodal") != NULL;
        break;
    case XEN_ELFNOTE_BSD_SYMTAB:
        w->symbols = w->symbols || strcmp(value, "yes") == 0;
        break;
    case XEN_ELFNOTE_FEATURES:
        return take_features(file, offset, (uint32_t)length, w);
    default:
        break;
    }
    return true;
}

static bool take_note(const struct image_file *file, struct kernel_wishes *w, uint32_t type,
                      uint64_t offset, uint32_t bytes)
{
    uint64_t number = 0;
    uint32_t features;

    switch (type) {
    case XEN_ELFNOTE_LOADER:
    case XEN_ELFNOTE_GUEST_OS:
    case XEN_ELFNOTE_XEN_VERSION:
    case XEN_ELFNOTE_PAE_MODE:
    case XEN_ELFNOTE_BSD_SYMTAB:
    case XEN_ELFNOTE_FEATURES:
        return take_string(file, w, type, offset);
    case XEN_ELFNOTE_SUPPORTED_FEATURES:
        image_file_fetch(file, offset, &features, sizeof(features));
        w->supported |= bytes >= sizeof(features) && bytes % sizeof(features) == 0 ? features : 0;
        w->lists_features = true;
        return true;
    default:
        if (bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8)
            image_file_fetch(file, offset, &number, bytes);
        take_number(w, type, number);
        return true;
    }
}

/*
 * Walks the notes in [at, end). Counts those of the name "Xen" in *found, and all in *seen. False:
 * one requires what nobody knows.
 */
static bool read_notes(const struct image_file *file, uint64_t at, uint64_t end,
                       struct kernel_wishes *w, unsigned *seen, unsigned *found)
{
    w->by_notes = true;
    while (at < end && at < file->bytes && *seen < NOTES_MOST) {
        struct note_header note;
        uint32_t name_bytes, value_bytes;
        char name[4];

        ++*seen;
        image_file_fetch(file, at, &note, sizeof(note));
        image_file_fetch(file, at + sizeof(note), name, sizeof(name));
        name_bytes = (note.name_bytes + 3) & ~3u;
        value_bytes = (note.value_bytes + 3) & ~3u;
        if (memcmp(name, "Xen", sizeof(name)) == 0) {
            if (!take_note(file, w, note.type, at + sizeof(note) + name_bytes, note.value_bytes))
                return false;
            ++*found;
        }
        at += sizeof(note) + (uint64_t)name_bytes + value_bytes;
    }
    return true;
}

/* ---- the text -------------------------------------------------------------------------------- */

static uint64_t text_number(const char *text)
{
    uint64_t n = 0;
    unsigned base = 10;

    if (text[0] == '0' && (text[1] | 0x20) == 'x') {
        base = 16;
        text += 2;
    } else if (text[0] == '0') {
        base = 8;
    }
    for (;; text++) {
        char small = *text | 0x20;
        unsigned digit = *text >= '0' && *text <= '9'   ? (unsigned)(*text - '0')
                         : small >= 'a' && small <= 'f' ? (unsigned)(small - 'a') + 10
                                                        : 16;

        if (digit >= base)
            return n;
        n = n * base + digit;
    }
}

/* One pair of the text; `offset` is the value's. False: the rest is not to be read. */
static bool take_pair(const struct image_file *file, struct kernel_wishes *w, const char *name,
                      const char *value, uint64_t offset)
{
    if (strcmp(name, "LOADER") == 0)
        keep_name(w->loader, value);
    else if (strcmp(name, "GUEST_OS") == 0)
        keep_name(w->guest_os, value);
    else if (strcmp(name, "XEN_VER") == 0)
        keep_name(w->version, value);
    else if (strcmp(name, "PAE") == 0)
        w->pae = w->pae || strncmp(value, "yes", 3) == 0;
    else if (strcmp(name, "BSD_SYMTAB") == 0)
        w->symbols = true; /* whatever its value is */
    else if (strcmp(name, "VIRT_BASE") == 0)
        w->virt_base = text_number(value);
    else if (strcmp(name, "VIRT_ENTRY") == 0)
        w->entry = text_number(value);
    else if (strcmp(name, "ELF_PADDR_OFFSET") == 0)
        w->paddr_offset = text_number(value);
    else if (strcmp(name, "HYPERCALL_PAGE") == 0)
        w->hypercall_page = text_number(value) * KERNEL_PAGE_SIZE;
    else if (strcmp(name, "FEATURES") == 0)
        return take_features(file, offset, (uint32_t)strlen(value), w);
    return true;
}

/*
 * Copies characters up to one of the separators, the end or `most`; returns how many were read,
 * with the separator, which *stop is set to (0: none).
 */
static uint32_t take_word(const struct image_file *file, uint64_t offset, const char *separators,
                          char *word, uint32_t most, char *stop)
{
    uint32_t n = 0;

    image_file_fetch(file, offset, word, most);
    word[most] = 0;
    while (word[n] && !strchr(separators, word[n]))
        n++;
    *stop = word[n];
    word[n] = 0;
    return n + (*stop != 0);
}

static void read_text(const struct image_file *file, uint64_t at, struct kernel_wishes *w)
{
    char name[TEXT_NAME + 1], value[TEXT_VALUE + 1], stop;
    uint32_t used;
    bool more = true;

    w->by_text = true;
    w->by_notes = false;
    while (more && (used = take_word(file, at, "=,", name, TEXT_NAME, &stop)) > 0) {
        at += used;
        value[0] = 0;
        used = stop == '=' ? take_word(file, at, ",", value, TEXT_VALUE, &stop) : 0;
        more = take_pair(file, w, name, value, at);
        at += used;
    }
    if (w->virt_base != UNSET && w->hypercall_page != UNSET)
        w->hypercall_page += w->virt_base;
}

/* Finds the text's section by its name. */
static void find_text(const struct image_file *file, const struct elf_header *elf,
                      struct kernel_wishes *w)
{
    static const char wanted[] = "__xen_guest";
    unsigned count = kernel_section_count(file, elf);
    struct symbols_section names, section;
    char name[sizeof(wanted)];

    if (elf->shstrndx >= count)
        return;
    image_file_entry(file, elf->shoff, elf->shentsize, elf->shstrndx, &names, sizeof(names));
    for (unsigned i = 1; i < count; i++) {
        if (!image_file_entry(file, elf->shoff, elf->shentsize, i, &section, sizeof(section)))
            return;
        image_file_fetch(file, names.offset + (uint64_t)section.name, name, sizeof(name));
        if (memcmp(name, wanted, sizeof(wanted)) == 0) {
            read_text(file, section.offset, w);
            return;
        }
    }
}

bool kernel_notes_read(const struct image_file *file, const struct elf_header *elf,
                       struct kernel_wishes *wishes)
{
    unsigned count = kernel_section_count(file, elf), seen = 0, found = 0;

    *wishes = (struct kernel_wishes){.virt_base = UNSET,
                                     .paddr_offset = UNSET,
                                     .entry = UNSET,
                                     .hypercall_page = UNSET,
                                     .frame_list = UNSET,
                                     .hypervisor_start = UNSET};
    for (unsigned i = 0; i < elf->phnum; i++) {
        struct program_header p;

        if (!image_file_entry(file, elf->phoff, elf->phentsize, i, &p, sizeof(p)))
            break;
        if (p.type == SEGMENT_NOTE && p.offset != 0 &&
            !read_notes(file, p.offset, p.offset + (uint64_t)p.filesz, wishes, &seen, &found))
            return false;
    }
    for (unsigned i = 1, in_segments = found; in_segments == 0 && i < count; i++) {
        struct symbols_section s;

        if (!image_file_entry(file, elf->shoff, elf->shentsize, i, &s, sizeof(s)))
            break;
        if (s.type == SECTION_NOTE &&
            !read_notes(file, s.offset, s.offset + (uint64_t)s.size, wishes, &seen, &found))
            return false;
    }
    if (found == 0)
        find_text(file, elf, wishes);
    return true;
}
