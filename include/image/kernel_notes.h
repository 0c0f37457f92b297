/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_notes.h - what a kernel says to its builder; for this folder only */
#ifndef IMAGE_KERNEL_NOTES_H
#define IMAGE_KERNEL_NOTES_H

#include "include/image/kernel_image.h"

#define UNSET       (~0ull)
#define NAME_LENGTH 15 /* characters of a name or version that are kept */

struct program_header {
    uint32_t type, offset, vaddr, paddr, filesz, memsz, flags, align;
};

/* As the file says it; numbers are 64 bits wide, as notes may be. */
struct kernel_wishes {
    bool by_notes, by_text; /* there are notes, of whatever name; a text */
    uint64_t virt_base, paddr_offset, entry, hypercall_page, frame_list, hypervisor_start;
    char loader[NAME_LENGTH + 1], guest_os[NAME_LENGTH + 1], version[NAME_LENGTH + 1];
    uint32_t supported, required; /* bit n: feature n of xen/features.h */
    bool lists_features;          /* the note SUPPORTED_FEATURES is there */
    bool pae, symbols;
};

/* Copies bytes from anywhere; what lies outside the file is zero. */
void image_file_fetch(const struct image_file *file, uint64_t offset, void *to, uint32_t bytes);

/* Fetches entry i of a table in the file. False: none of it lies in the file. */
bool image_file_entry(const struct image_file *file, uint32_t table, uint32_t entry_bytes,
                      unsigned i, void *to, uint32_t bytes);

/* Sections that the file has room for. */
unsigned kernel_section_count(const struct image_file *file, const struct elf_header *elf);

/* Finds all that the kernel says. False: it requires a feature by a name that nobody knows. */
bool kernel_notes_read(const struct image_file *file, const struct elf_header *elf,
                       struct kernel_wishes *wishes);

#endif
