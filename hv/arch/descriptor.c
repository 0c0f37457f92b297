/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * descriptor.c - which descriptors a guest may have
 *
 *   1. Not present: anything goes; the processor will not use it.
 *   2. Privilege 0 is ours. A kernel's segments that say 0, as those of kernels do that also run on
 *      the bare machine, are raised to 1, its ring here, where they stand; so are selectors
 *      (fixed_selector).
 *   3. Code and data segments are allowed, with their limit cut so that no byte of the segment lies
 *      at or above GUEST_SEGMENT_END. The base must lie at least a page below it.
 *      - A segment that grows up and reaches or wraps past the end gets the limit that ends there.
 *      - A segment that grows down reaches from limit + 1 to 4 GB of its own offsets: it would have
 *        to wrap; refused unless it is empty.
 *   4. System descriptors - call gates, task gates, TSS, LDT - are refused: a call gate is a door
 *      to whatever its selector names. Type 0 is none, which the processor never uses.
 *
 * Sources: the paper, 3.3.2; arch-x86/xen.h, update_descriptor.
 */
#include "hv/include/arch/layout.h"
#include "hv/include/arch/traps.h"

#define D_PRESENT    0x8000u
#define D_DPL        0x6000u
#define D_DPL_KERNEL 0x2000u
#define D_TYPE       0x0f00u
#define D_SEGMENT    0x1000u /* code or data, not a system descriptor */
#define D_CODE       0x0800u
#define D_GROW_DOWN  0x0400u /* data; for code the same bit says conforming */
#define D_PAGES      0x00800000u

bool descriptor_cut(struct descriptor *d)
{
    uint32_t base, room;
    uint64_t size;

    if (!(d->high & D_PRESENT))
        return true;
    if (!(d->high & D_SEGMENT))
        return (d->high & D_TYPE) == 0;

    base = (d->low >> 16) | ((d->high & 0xff) << 16) | (d->high & 0xff000000u);
    if (base >= GUEST_SEGMENT_END - PAGE_SIZE)
        return false;
    size = (uint64_t)((d->low & 0xffff) | (d->high & 0xf0000)) + 1;
    if (d->high & D_PAGES)
        size <<= PAGE_SHIFT;

    if ((d->high & (D_CODE | D_GROW_DOWN)) == D_GROW_DOWN && size != 1ull << 32)
        return false;
    if ((d->high & D_DPL) == 0)
        d->high |= D_DPL_KERNEL;
    if ((d->high & (D_CODE | D_GROW_DOWN)) == D_GROW_DOWN)
        return true;

    room = GUEST_SEGMENT_END - base;
    if (size > room) {
        /* More than a megabyte of room cannot be said in bytes, nor needs it: size is larger. */
        uint32_t limit = d->high & D_PAGES ? (room >> PAGE_SHIFT) - 1 : room - 1;

        d->low = (d->low & 0xffff0000u) | (limit & 0xffff);
        d->high = (d->high & ~0xf0000u) | (limit & 0xf0000);
    }
    return true;
}
