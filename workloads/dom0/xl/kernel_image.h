/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel_image.h - a guest kernel's ELF file and its Xen notes
 */
#ifndef XENOLITH_XL_KERNEL_IMAGE_H
#define XENOLITH_XL_KERNEL_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "include/xenolith/kernel_symbols.h"

#define KERNEL_SEGMENTS_MAX 16
#define NO_HYPERCALL_PAGE   UINT32_MAX

/* One loadable segment, by guest virtual address. Bytes past file_bytes are zero. */
struct kernel_segment {
    uint32_t address;
    uint32_t file_offset, file_bytes;
    uint32_t memory_bytes;
};

struct kernel_image {
    const uint8_t *file; /* the whole file; the caller keeps it */
    uint32_t size;
    uint32_t virt_base;      /* where pseudo-physical 0 is mapped */
    uint32_t start, end;     /* virtual range that the segments cover */
    uint32_t entry;          /* first instruction, virtual */
    uint32_t hypercall_page; /* virtual, page aligned; NO_HYPERCALL_PAGE: it has none */
    uint32_t symbols_at;     /* virtual address of the header below; 0: there is none */
    struct kernel_symbols symbols;
    unsigned segment_count;
    struct kernel_segment segment[KERNEL_SEGMENTS_MAX];
};

/*
 * Reads a kernel's headers and notes. The file is hostile: every offset, size and address is
 * checked before it is used. Returns NULL when *image is complete and consistent (segments lie in
 * the file, do not overlap, start at or above virt_base and end below the hypervisor's hole; entry
 * and hypercall page lie in a segment), or else the rest of a sentence that says what is wrong with
 * it.
 */
const char *kernel_image_read(const void *file, size_t size, struct kernel_image *image);

#endif
