/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernels that both builders of domains read, as either's: the image, and the layout and page
 * tables made of it. The file is copied to where a byte too far is seen.
 */
#include "tests/fire/fuzz.h"
#include "workloads/dom0/xl/boot_layout.h"

#include <stdlib.h>

#define PAGES 4096u /* 16 MB */

static void check_image(const struct kernel_image *image, size_t size)
{
    for (unsigned i = 0; i < image->segment_count; i++) {
        const struct kernel_segment *s = &image->segment[i];

        fuzz_promise(s->file_offset <= size && s->file_bytes <= size - s->file_offset,
                     "a segment lies in the file");
        fuzz_promise(s->file_bytes <= s->memory_bytes && s->address >= image->start &&
                         s->address <= image->end && s->memory_bytes <= image->end - s->address,
                     "a segment lies in the image");
    }
    fuzz_promise(image->virt_base % KERNEL_PAGE_SIZE == 0 && image->virt_base <= image->start &&
                     image->end <= KERNEL_SPACE_END,
                 "the image lies in the domain's address space");
    fuzz_promise(image->hypercall_page == NO_HYPERCALL_PAGE ||
                     (image->hypercall_page >= image->virt_base &&
                      image->hypercall_page <= KERNEL_SPACE_END - KERNEL_PAGE_SIZE),
                 "so does the hypercall page");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct image_file file = image_in_memory(data, (uint32_t)size);
    static uint32_t machine[PAGES];
    struct kernel_image image;
    struct boot_layout layout;

    if (!kernel_image_read(&file, KERNEL_OF_DOMAIN_0, &image))
        check_image(&image, size);
    if (kernel_image_read(&file, KERNEL_OF_ANOTHER, &image))
        return 0;
    check_image(&image, size);
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
