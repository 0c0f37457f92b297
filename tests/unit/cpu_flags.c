/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cpu_flags.c - an instruction that faults halfway leaves the flags as it found them
 *
 * Each case makes flags in one of the ways that the library tells apart, in the same block or in
 * the one before. What #UD pushes right after is what a store that faults has to push, too.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/unit/cpu_rings.h"

enum { PAGE = RINGS_WINDOW, FRAME = 0x300000, VECTOR_UD = 6, VECTOR_PF = 14 };

static const struct {
    const char *name, *code;
    unsigned bytes;
} makers[] = {
    {"add", "\x05\xff\xff\xff\x7f", 5},
    {"adc", "\xf9\x15\xff\xff\xff\x7f", 6},
    {"sub", "\x2d\x04\x03\x02\xc1", 5},
    {"sbb", "\xf9\x1d\x04\x03\x02\xc1", 6},
    {"cmp of bytes", "\x3c\x91", 2},
    {"and", "\x25\x00\x00\x00\x80", 5},
    {"xor of itself", "\x31\xc0", 2},
    {"inc", "\xf9\x40", 2},
    {"dec of a word", "\xf9\x66\x48", 3},
    {"shl", "\xc1\xe0\x03", 3},
    {"sar", "\xc1\xf8\x05", 3},
    {"mul", "\xf7\xe0", 2},
    {"rol by 1", "\xd1\xc0", 2},
    {"ror by cl", "\xb1\x07\xd3\xc8", 4},
    {"rcl", "\xd1\xd0", 2},
    {"bt", "\x0f\xba\xe0\x1f", 4},
    {"bsf", "\x0f\xbc\xc8", 3},
    {"popf", "\x68\xd5\x08\x00\x00\x9d", 6},
    {"sahf", "\xb4\xff\x9e", 3},
};

/* Runs a maker and what follows it, with 0x81234567 in EAX. */
static struct rings_end run(struct rings *rings, enum cpu_timing timing, unsigned maker, bool apart,
                            const char *code, unsigned bytes, uint32_t entry)
{
    uint8_t all[64] = {0xb8, 0x67, 0x45, 0x23, 0x81};
    unsigned used = 5;

    rings_open(rings, 3, timing, false);
    rings_map(rings, PAGE, entry);
    memcpy(all + used, makers[maker].code, makers[maker].bytes);
    used += makers[maker].bytes;
    if (apart) { /* jmp to what follows: a block of its own */
        memcpy(all + used, "\xeb\x00", 2);
        used += 2;
    }
    memcpy(all + used, code, bytes);
    lab_load(&rings->lab, RINGS_CODE, all, used + bytes);
    return rings_go(rings, rings_cs(rings), RINGS_CODE, RINGS_STACK);
}

static uint32_t flags_after(enum cpu_timing timing, unsigned maker, bool apart)
{
    struct rings rings;
    struct rings_end end = run(&rings, timing, maker, apart, "\x0f\x0b", 2, 0);

    cr_assert_eq(end.vector, VECTOR_UD, "%s: vector %u", makers[maker].name, end.vector);
    rings_close(&rings);
    return end.eflags;
}

Test(cpu_flags, a_conditional_store_that_faults)
{
    for (enum cpu_timing timing = CPU_TIMING_UNIT; timing <= CPU_TIMING_FULL; timing += 2)
        for (unsigned maker = 0; maker < sizeof(makers) / sizeof(makers[0]); maker++)
            for (unsigned apart = 0; apart < 2; apart++) {
                uint32_t wanted = flags_after(timing, maker, apart);

                for (unsigned condition = 0; condition < 16; condition += 2) {
                    uint8_t code[] = {0x0f, (uint8_t)(0x90 | condition), 0x05, 0x10, 0x00, 0x40,
                                      0x00};
                    struct rings rings;
                    struct rings_end end =
                        run(&rings, timing, maker, apart, (const char *)code, sizeof(code), 0);

                    cr_expect_eq(end.vector, VECTOR_PF);
                    cr_expect_eq(end.eflags | 1 << 16, wanted | 1 << 16,
                                 "%s%s, condition %x, timing %u: %x, not %x", makers[maker].name,
                                 apart ? ", apart" : "", condition, timing, end.eflags, wanted);
                    rings_close(&rings);
                }
            }
}

/* Rotations through the carry by 1, by CL and by a number, of bytes, words and doublewords. */
static const struct {
    const char *code;
    unsigned bytes;
} rotations[] = {
    {"\xd1\x15\x10\x00\x40\x00", 6},
    {"\xd0\x1d\x10\x00\x40\x00", 6},
    {"\xd3\x15\x10\x00\x40\x00", 6},
    {"\x66\xc1\x1d\x10\x00\x40\x00\x03", 8},
};

Test(cpu_flags, a_rotation_that_faults)
{
    for (enum cpu_timing timing = CPU_TIMING_UNIT; timing <= CPU_TIMING_FULL; timing += 2)
        for (unsigned maker = 0; maker < sizeof(makers) / sizeof(makers[0]); maker++)
            for (unsigned apart = 0; apart < 2; apart++) {
                uint32_t wanted = flags_after(timing, maker, apart);

                for (unsigned i = 0; i < 2 * sizeof(rotations) / sizeof(rotations[0]); i++) {
                    bool absent = i & 1; /* the load faults, or else the store */
                    struct rings rings;
                    struct rings_end end = run(&rings, timing, maker, apart, rotations[i / 2].code,
                                               rotations[i / 2].bytes, absent ? 0 : FRAME | 5);

                    cr_expect_eq(end.vector, VECTOR_PF);
                    cr_expect_eq(end.eflags | 1 << 16, wanted | 1 << 16,
                                 "%s%s, rotation %u, %s, timing %u: %x, not %x", makers[maker].name,
                                 apart ? ", apart" : "", i / 2, absent ? "load" : "store", timing,
                                 end.eflags, wanted);
                    cr_expect_eq(lab_read32(&rings.lab, FRAME + 0x10), 0);
                    rings_close(&rings);
                }
            }
}
