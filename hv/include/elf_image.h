/* SPDX-License-Identifier: GPL-2.0-only */
/* elf_image.h - a paravirtual kernel's ELF file and what it says to the domain builder */
#ifndef HV_ELF_IMAGE_H
#define HV_ELF_IMAGE_H

#include "hv/include/types.h"

#include "include/xenolith/kernel_symbols.h"

#define ELF_MAX_SEGMENTS 10

struct elf_segment {
    uint32_t address; /* virtual */
    uint32_t offset, file_bytes, memory_bytes;
};

struct elf_image {
    struct elf_segment segment[ELF_MAX_SEGMENTS];
    unsigned segments;
    uint32_t virt_base, entry;
    uint32_t hypercall_page; /* 0: none */
    uint32_t end;            /* of the highest segment */
    uint32_t symbols_at; /* virtual address of the header below; 0: not wanted, or there are none */
    struct kernel_symbols symbols;
};

/* Reads the file at a physical address. NULL, or what is wrong with it. */
const char *elf_image_read(struct elf_image *image, uint32_t physical, uint32_t bytes);

#endif
