/* SPDX-License-Identifier: GPL-2.0-only */
/* descriptor.h - segment and system descriptors (SDM vol. 3, 3.4.5), for deliver.c and task.c */
#ifndef XENOLITH_CPU_DESCRIPTOR_H
#define XENOLITH_CPU_DESCRIPTOR_H

#include "cpu/cpu.h"

/* Second word of a descriptor. */
enum {
    DESCRIPTOR_ACCESSED = 1 << 8,
    DESCRIPTOR_WRITABLE = 1 << 9,      /* of data */
    DESCRIPTOR_CONFORMING = 1 << 10,   /* of code */
    DESCRIPTOR_EXPANDS_DOWN = 1 << 10, /* of data */
    DESCRIPTOR_CODE = 1 << 11,
    DESCRIPTOR_SEGMENT = 1 << 12,
    DESCRIPTOR_PRESENT = 1 << 15,
    DESCRIPTOR_BIG = 1 << 22,
    DESCRIPTOR_PAGES = 1 << 23,
};

struct descriptor {
    uint32_t low, high;
};

static inline unsigned descriptor_dpl(struct descriptor d)
{
    return d.high >> 13 & 3;
}

static inline uint32_t descriptor_base(struct descriptor d)
{
    return d.low >> 16 | (d.high & 0xff) << 16 | (d.high & 0xff000000);
}

static inline uint32_t descriptor_limit(struct descriptor d)
{
    uint32_t limit = (d.low & 0xffff) | (d.high & 0xf0000);

    return d.high & DESCRIPTOR_PAGES ? limit << 12 | 0xfff : limit;
}

/* Reads the descriptor that a selector names; false beyond the table's limit. */
bool descriptor_read(struct cpu *cpu, uint16_t selector, struct descriptor *out);

/* Whether segment register `name` (enum segment_register) of code in `ring` may have this. */
bool descriptor_suits(unsigned name, uint16_t selector, struct descriptor d, unsigned ring);

/*
 * Leaves the present task for the one whose TSS `selector` names, nested in it; the interrupted
 * code is to go on at return_eip. Raises what is wrong with either.
 */
void task_enter(struct cpu *cpu, uint16_t selector, unsigned ext, uint32_t return_eip);

#endif
