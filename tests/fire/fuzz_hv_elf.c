/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hypervisor's reader of Domain 0's kernel. The file ends where a frame ends, so that a byte
 * too far is a frame too far.
 */
#include "hv/include/elf_image.h"
#include "hv/include/arch/layout.h"
#include "hv/include/mm.h"
#include "tests/fire/fuzz.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_FRAME 16u

static char *frames;
static mfn frame_count;

void *map_frame(mfn number)
{
    fuzz_promise(number >= FIRST_FRAME && number - FIRST_FRAME < frame_count,
                 "only frames of the file are read");
    return frames + (number - FIRST_FRAME) * PAGE_SIZE;
}

void unmap_frame(const void *address)
{
    (void)address;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t start, bytes = (uint32_t)size;
    struct elf_image image;

    if (size == 0 || size > 1u << 20)
        return 0;
    frame_count = (bytes + PAGE_SIZE - 1) / PAGE_SIZE;
    start = frame_count * PAGE_SIZE - bytes;
    frames = calloc(frame_count, PAGE_SIZE);
    memcpy(frames + start, data, size);
    if (!elf_image_read(&image, FIRST_FRAME * PAGE_SIZE + start, bytes))
        for (unsigned i = 0; i < image.segments; i++) {
            const struct elf_segment *s = &image.segment[i];

            fuzz_promise(s->offset <= bytes && s->file_bytes <= bytes - s->offset &&
                             s->file_bytes <= s->memory_bytes,
                         "a segment lies in the file");
            fuzz_promise(s->address >= image.virt_base &&
                             s->memory_bytes <= HV_VIRT_START - s->address &&
                             s->address + s->memory_bytes <= image.end,
                         "a segment lies in the image");
        }
    free(frames);
    return 0;
}
