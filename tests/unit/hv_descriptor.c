/* SPDX-License-Identifier: GPL-2.0-only */
/* hv_descriptor.c - which descriptors a guest may have (hv/arch/descriptor.c) */
#include <criterion/criterion.h>

#include "hv/include/arch/layout.h"
#include "hv/include/arch/traps.h"

#define SEGMENT(base, limit, attributes)                                                           \
    {                                                                                              \
        ((uint32_t)(base) << 16 | ((limit)&0xffff)), ((uint32_t)(base)&0xff000000u) |              \
                                                         ((limit)&0xf0000u) | (attributes) |       \
                                                         ((uint32_t)(base) >> 16 & 0xff)           \
    }
#define CODE(dpl)    (0x00c09a00u | (dpl) << 13)
#define DATA(dpl)    (0x00c09200u | (dpl) << 13)
#define BYTES(dpl)   (0x00409200u | (dpl) << 13)
#define DOWN(dpl)    (0x00c09600u | (dpl) << 13)
#define SYSTEM(type) (0x0000e000u | (type) << 8)
#define GUEST_LIMIT  ((GUEST_SEGMENT_END >> PAGE_SHIFT) - 1)

static const struct descriptor_case {
    const char *name;
    struct descriptor given;
    bool allowed;
    uint32_t limit; /* afterwards, as the descriptor says it */
} cases[] = {
    {"null", {0, 0}, true, 0},
    {"not present, ring 0", SEGMENT(0, 0xfffff, 0x00c01200u), true, 0xfffff},
    {"flat data, ring 1", SEGMENT(0, 0xfffff, DATA(1)), true, GUEST_LIMIT},
    {"flat data, ring 3", SEGMENT(0, 0xfffff, DATA(3)), true, GUEST_LIMIT},
    {"flat code, ring 3", SEGMENT(0, 0xfffff, CODE(3)), true, GUEST_LIMIT},
    {"flat code, ring 0", SEGMENT(0, 0xfffff, CODE(0)), true, GUEST_LIMIT},
    {"flat data, ring 0", SEGMENT(0, 0xfffff, DATA(0)), true, GUEST_LIMIT},
    {"conforming code, ring 0", SEGMENT(0, 0xfffff, CODE(0) | 0x400), true, GUEST_LIMIT},
    {"grows down, ring 0", SEGMENT(0, 0, DOWN(0)), false, 0},
    {"of no type", SEGMENT(0, 0x1234, SYSTEM(0)), true, 0x1234},
    {"small", SEGMENT(0x1000, 0xff, DATA(3)), true, 0xff},
    {"in bytes", SEGMENT(0x1000, 0xfffff, BYTES(3)), true, 0xfffff},
    {"thread-local, wraps", SEGMENT(0x08100000, 0xfffff, DATA(3)), true, GUEST_LIMIT - 0x8100},
    {"base just below the end", SEGMENT(GUEST_SEGMENT_END - 0x2000, 0xfffff, DATA(3)), true, 1},
    {"bytes across the end", SEGMENT(GUEST_SEGMENT_END - 0x2000, 0xffff, BYTES(3)), true, 0x1fff},
    {"base at the end", SEGMENT(GUEST_SEGMENT_END, 0, DATA(3)), false, 0},
    {"base inside", SEGMENT(0xFE000000, 0, DATA(1)), false, 0},
    {"grows down", SEGMENT(0, 0, DOWN(3)), false, 0},
    {"grows down, empty", SEGMENT(0, 0xfffff, DOWN(3)), true, 0xfffff},
    {"call gate", SEGMENT(0, 0, SYSTEM(0xc)), false, 0},
    {"task gate", SEGMENT(0, 0, SYSTEM(0x5)), false, 0},
    {"TSS", SEGMENT(0, 0x67, SYSTEM(0x9)), false, 0},
    {"LDT", SEGMENT(0, 0xff, SYSTEM(0x2)), false, 0},
};

Test(hv_descriptor, rules)
{
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        const struct descriptor_case *c = &cases[i];
        struct descriptor d = c->given;

        cr_assert_eq(descriptor_cut(&d), c->allowed, "%s", c->name);
        if (c->allowed && (d.high & 0x9000) == 0x9000)
            cr_assert_eq(d.high & 0x6000, c->given.high & 0x6000 ? c->given.high & 0x6000 : 0x2000,
                         "%s: privilege", c->name);
        if (c->allowed)
            cr_assert_eq((d.low & 0xffff) | (d.high & 0xf0000), c->limit, "%s: limit %x", c->name,
                         (d.low & 0xffff) | (d.high & 0xf0000));
        else
            cr_assert(d.low == c->given.low && d.high == c->given.high, "%s: changed", c->name);
    }
}

/* Whatever the bits: what is allowed and present ends below the hypervisor. */
Test(hv_descriptor, nothing_allowed_reaches_the_hypervisor)
{
    uint32_t x = 1;

    for (unsigned i = 0; i < 1000000; i++) {
        struct descriptor d;
        uint64_t base, size;

        x = x * 1664525u + 1013904223u;
        d.low = x;
        x = x * 1664525u + 1013904223u;
        d.high = x | 0x8000;
        if (!descriptor_cut(&d))
            continue;
        base = (d.low >> 16) | ((d.high & 0xff) << 16) | (d.high & 0xff000000u);
        size = ((d.low & 0xffff) | (d.high & 0xf0000)) + 1ull;
        if (d.high & 0x800000)
            size <<= 12;
        if (!(d.high & 0x1000)) {
            cr_assert_eq(d.high & 0xf00, 0);
            continue;
        }
        cr_assert((d.high & 0x6000) != 0);
        if ((d.high & 0xc00) == 0x400)
            cr_assert_eq(size, 1ull << 32, "grows down and is not empty");
        else
            cr_assert_leq(base + size, GUEST_SEGMENT_END, "%08x %08x", d.low, d.high);
    }
}
