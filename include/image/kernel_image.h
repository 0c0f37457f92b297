/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel_image.h - a paravirtual kernel's ELF file, as both builders of domains read it
 *
 * The hypervisor builds Domain 0, xl in Domain 0 the others. Both compile these sources, so that a
 * kernel means the same to either.
 */
#ifndef IMAGE_KERNEL_IMAGE_H
#define IMAGE_KERNEL_IMAGE_H

#include "include/image/kernel_symbols.h"

#define KERNEL_SEGMENTS_MAX 32
#define KERNEL_PAGE_SIZE    4096u
#define KERNEL_SPACE_END    0xF5800000u /* where the hypervisor's own range begins */
#define NO_HYPERCALL_PAGE   0xffffffffu

/* A file that the builder reaches in its own way. read() is asked for bytes of the file only. */
struct image_file {
    uint64_t where; /* for read() */
    uint32_t bytes;
    void (*read)(uint64_t where, uint32_t offset, void *to, uint32_t bytes);
};

/* Some kernels are for one kind of domain only, and the two builders of Xen differ a little. */
enum kernel_role { KERNEL_OF_DOMAIN_0, KERNEL_OF_ANOTHER };

/* One loadable part, by guest virtual address. Bytes past file_bytes are zero. */
struct kernel_segment {
    uint32_t address;
    uint32_t file_offset, file_bytes;
    uint32_t memory_bytes;
};

struct kernel_image {
    uint32_t virt_base;      /* where pseudo-physical 0 is mapped; a page's address */
    uint32_t start, end;     /* virtual range that the segments and the symbols cover */
    uint32_t entry;          /* first instruction, virtual */
    uint32_t hypercall_page; /* virtual, not below virt_base; NO_HYPERCALL_PAGE: it has none */
    uint32_t symbols_at;     /* virtual address of the header below; 0: there is none */
    struct kernel_symbols symbols;
    unsigned segment_count;
    struct kernel_segment segment[KERNEL_SEGMENTS_MAX]; /* a later one overwrites earlier ones */
};

/*
 * Reads a kernel's headers and notes. The file is hostile: every offset, size and address is
 * checked before it is used. Returns NULL when *image is complete and consistent (segments lie in
 * the file, start at or above virt_base and end below KERNEL_SPACE_END), or else the rest of a
 * sentence that says what is wrong with it. Where the hypercall page may end, the builder checks,
 * who knows how large the domain is.
 */
const char *kernel_image_read(const struct image_file *file, enum kernel_role role,
                              struct kernel_image *image);

/* The file as an array in memory; it must not move while it is read. */
struct image_file image_in_memory(const void *data, uint32_t bytes);

#endif
