/* SPDX-License-Identifier: GPL-2.0-only */
/* Kernels that Domain 0's builder reads: the image, the layout and the page tables made of it. */
#include "tests/fire/fuzz.h"
#include "workloads/dom0/xl/boot_layout.h"

#include <stdlib.h>

#define PAGES 4096u /* 16 MB */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint32_t machine[PAGES];
    struct kernel_image image;
    struct boot_layout layout;

    if (kernel_image_read(data, size, &image))
        return 0;
    for (unsigned i = 0; i < image.segment_count; i++) {
        const struct kernel_segment *s = &image.segment[i];

        fuzz_promise(s->file_offset <= size && s->file_bytes <= size - s->file_offset,
                     "a segment lies in the file");
        fuzz_promise(s->file_bytes <= s->memory_bytes && s->address >= image.start &&
                         s->memory_bytes <= image.end - s->address,
                     "a segment lies in the image");
    }
    if (boot_layout_make(&image, size > 0 ? data[size - 1] * 64u : 0, PAGES, &layout))
        return 0;
    fuzz_promise(layout.tables.first + layout.tables.count <= PAGES &&
                     layout.stack.first + layout.stack.count <= PAGES,
                 "everything lies in the domain");
    for (uint32_t i = 0; i < PAGES; i++)
        machine[i] = 0x10000 + i;
    uint64_t(*tables)[PAE_ENTRIES] = calloc(layout.tables.count, sizeof(*tables));

    boot_layout_tables(&layout, machine, tables);
    free(tables);
    return 0;
}
