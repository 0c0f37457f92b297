/* SPDX-License-Identifier: GPL-2.0-only */
/* hv_support.c - the hypervisor's surroundings, for its own sources compiled for the host */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/hv_support.h"
#include "hv/include/lib.h"
#include "hv/include/traps.h"

pte hv_top_l2[512];
struct domain *domains[MAX_DOMAINS];
unsigned lab_freed, lab_flushes;
static pte memory[LAB_FRAMES][TABLE_ENTRIES] ALIGNED(4096);
static struct frame frames[LAB_FRAMES];

void lab_reset(void)
{
    memset(memory, 0, sizeof(memory));
    memset(frames, 0, sizeof(frames));
    for (unsigned i = 0; i < TABLE_ENTRIES; i++)
        hv_top_l2[i] = 0x1000 * i | 1;
    frame_table = frames;
    frame_table_size = LAB_FRAMES;
    frame_validator = &page_table_validator;
    for (mfn n = 1; n < LAB_FRAMES; n++)
        frames[n] = (struct frame){.count = 1,
                                   .flags = FRAME_RAM | FRAME_ALLOCATED,
                                   .owner = n < LAB_OTHERS ? LAB_DOMAIN : LAB_DOMAIN + 1};
    lab_freed = lab_flushes = 0;
}

pte *lab_table(mfn number)
{
    return memory[number];
}

void *map_frame(mfn number)
{
    return memory[number];
}

void unmap_frame(const void *address)
{
    (void)address;
}

mfn max_frame(void)
{
    return LAB_FRAMES;
}

void frame_free(mfn number)
{
    (void)number;
    lab_freed++;
}

uint32_t flush_clock_now(void)
{
    return 1;
}

void flush_needed_since(const struct frame *frame)
{
    (void)frame;
    lab_flushes++;
}

status descriptor_table_validate(mfn number)
{
    const struct descriptor *table = (const struct descriptor *)(void *)memory[number];

    for (unsigned i = 0; i < 512; i++) {
        struct descriptor d = table[i];

        if (!descriptor_check(&d))
            return -22;
    }
    return 0;
}

void panic(const char *form, ...)
{
    fprintf(stderr, "%s\n", form);
    abort();
}
