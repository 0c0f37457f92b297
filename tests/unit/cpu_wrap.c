/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cpu_wrap.c - linear addresses have 32 bits: what goes on behind 4 GB goes on at 0
 *
 * The last page below 4 GB is a frame of its own; page 0 is frame 0. Smaller limits refuse.
 */
#include <criterion/criterion.h>

#include "tests/unit/cpu_rings.h"

enum { TOP_FRAME = 0x300000, TOP_PAGE = 0xfffff000, DATA = 0x118000 };
enum { VECTOR_SS = 12, VECTOR_GP = 13, VECTOR_PF = 14 };
enum { CODE_SELECTOR = 0x58, DATA_SELECTOR = 0x60 }; /* descriptors of the tests' own */

/* Puts bytes at a linear address near 4 GB. */
static void put(struct rings *rings, uint32_t linear, const void *bytes, unsigned count)
{
    for (unsigned i = 0; i < count; i++, linear++)
        lab_load(&rings->lab, (linear >= (uint32_t)TOP_PAGE ? TOP_FRAME : 0) + (linear & 0xfff),
                 (const uint8_t *)bytes + i, 1);
}

static uint32_t get32(const struct rings *rings, uint32_t linear)
{
    uint32_t value = 0;

    for (unsigned i = 0; i < 4; i++, linear++)
        value |=
            (uint32_t)
                rings->lab.ram[(linear >= (uint32_t)TOP_PAGE ? TOP_FRAME : 0) + (linear & 0xfff)]
            << 8 * i;
    return value;
}

static void open_top(struct rings *rings, unsigned ring, enum cpu_timing timing)
{
    rings_open(rings, ring, timing, false);
    rings_map(rings, TOP_PAGE, TOP_FRAME | 7);
}

/* ---- code ------------------------------------------------------------------------------------ */

/* mov $0x44332211,%eax; mov %eax,0x118000; out %al,$0x22; jmp . */
static const char moves[] = "\xb8\x11\x22\x33\x44\xa3\x00\x80\x11\x00\xe6\x22\xeb\xfe";
enum { MOVES = sizeof(moves) - 1 };

Test(cpu_wrap, code_goes_on_at_0)
{
    RINGS_EACH(ring, timing)
    for (unsigned before = 1; before < MOVES; before++) {
        struct rings rings;

        open_top(&rings, ring, timing);
        put(&rings, -before, moves, MOVES);
        struct rings_end end = rings_go(&rings, rings_cs(&rings), -before, RINGS_STACK);

        cr_expect_eq(end.vector, RINGS_NO_VECTOR, "%u before, ring %u: vector %u at %x", before,
                     ring, end.vector, end.eip);
        cr_expect_eq(lab_read32(&rings.lab, DATA), 0x44332211);
        rings_close(&rings);
    }
}

/* Code segments by base, limit and EIP. */
Test(cpu_wrap, base_and_eip_make_32_bits)
{
    static const struct {
        uint32_t base, limit, granularity, eip; /* limit as in the descriptor */
        uint8_t vector;
        uint32_t fault_eip;
    } cases[] = {
        {0x00800000, 0xfffff, 0xc, RINGS_CODE - 0x00800000, RINGS_NO_VECTOR, 0},
        {0xf0000000, 0xfffff, 0xc, RINGS_CODE - 0xf0000000, RINGS_NO_VECTOR, 0},
        {0xfffffffe, 0xfffff, 0xc, RINGS_CODE + 2, RINGS_NO_VECTOR, 0},
        {0x00111000, 0xfffff, 0xc, RINGS_CODE - 0x00111000, RINGS_NO_VECTOR, 0},
        /* The segment ends in the first instruction, behind it, in the second, behind the last. */
        {RINGS_CODE, 3, 0x4, 0, VECTOR_GP, 0},
        {RINGS_CODE, 4, 0x4, 0, VECTOR_GP, 5},
        {RINGS_CODE, 8, 0x4, 0, VECTOR_GP, 5},
        {RINGS_CODE, 13, 0x4, 0, RINGS_NO_VECTOR, 0},
        {RINGS_CODE - 0x1000, 0xfff, 0x4, 0xfff, VECTOR_GP, 0x1000},
    };

    RINGS_EACH(ring, timing)
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint16_t selector = (uint16_t)(CODE_SELECTOR | ring);
        struct rings rings;

        open_top(&rings, ring, timing);
        lab_load(&rings.lab, RINGS_CODE - 1, (const uint8_t *)"\x90", 1);
        lab_load(&rings.lab, RINGS_CODE, (const uint8_t *)moves, MOVES);
        lab_descriptor(&rings.lab, selector, cases[i].base, cases[i].limit, 0x9b | ring << 5,
                       cases[i].granularity);
        struct rings_end end = rings_go(&rings, selector, cases[i].eip, RINGS_STACK);

        cr_expect_eq(end.vector, cases[i].vector, "case %u, ring %u: vector %u at %x", i, ring,
                     end.vector, end.eip);
        if (cases[i].vector != RINGS_NO_VECTOR)
            cr_expect_eq(end.eip, cases[i].fault_eip, "case %u, ring %u: eip %x", i, ring, end.eip);
        rings_close(&rings);
    }
}

/* The same block by two segments of one base, first by the larger one. */
GUEST(twice, "mov $1, %ebx\n ljmp $0x5b, $0\n");
GUEST(limited, "test %ebx, %ebx\n jz 1f\n dec %ebx\n ljmp $0x63, $0\n 1: out %al, $0x22\n jmp .");

Test(cpu_wrap, a_block_is_asked_for_the_limit_of_the_segment_it_runs_in)
{
    for (enum cpu_timing timing = CPU_TIMING_UNIT; timing <= CPU_TIMING_FULL; timing++) {
        struct rings rings;

        open_top(&rings, 3, timing);
        lab_load(&rings.lab, RINGS_CODE, GUEST_CODE(twice));
        lab_load(&rings.lab, RINGS_CODE + 0x100, GUEST_CODE(limited));
        lab_descriptor(&rings.lab, 0x58, RINGS_CODE + 0x100, 0xfff, 0xfb, 0x4);
        lab_descriptor(&rings.lab, 0x60, RINGS_CODE + 0x100, 0x2, 0xfb, 0x4);
        struct rings_end end = rings_go(&rings, LAB_CS3, RINGS_CODE, RINGS_STACK);

        cr_expect_eq(end.vector, VECTOR_GP, "vector %u", end.vector);
        cr_expect_eq(end.eip, 2, "eip %x", end.eip);
        rings_close(&rings);
    }
}

/* ---- data ------------------------------------------------------------------------------------ */

/* One instruction that accesses `bytes` of memory at ESI, EDI or ESP, across 4 GB. */
static const struct access {
    const char *code;
    uint16_t code_bytes, bytes;
    bool writes;
} accesses[] = {
#define A(code, bytes, writes)                                                                     \
    {                                                                                              \
        code, sizeof(code) - 1, bytes, writes                                                      \
    }
    A("\x66\x8b\x06", 2, false),      /* mov (%esi),%ax */
    A("\x8b\x06", 4, false),          /* mov (%esi),%eax */
    A("\xdd\x06", 8, false),          /* fldl (%esi) */
    A("\xdb\x2e", 10, false),         /* fldt (%esi) */
    A("\xf3\x0f\x6f\x06", 16, false), /* movdqu (%esi),%xmm0 */
    A("\x0f\xae\x0e", 512, false),    /* fxrstor (%esi), aligned below */
    A("\x66\x89\x06", 2, true),       /* mov %ax,(%esi) */
    A("\x89\x06", 4, true),           /* mov %eax,(%esi) */
    A("\xdd\x16", 8, true),           /* fstl (%esi) */
    A("\xdb\x3e", 10, true),          /* fstpt (%esi) */
    A("\xf3\x0f\x7f\x06", 16, true),  /* movdqu %xmm0,(%esi) */
    A("\xf0\x01\x06", 4, true),       /* lock add %eax,(%esi) */
    A("\x0f\xc7\x0e", 8, true),       /* cmpxchg8b (%esi) */
    A("\xdd\x36", 108, true),         /* fnsave (%esi) */
    A("\x0f\xae\x06", 512, true),     /* fxsave (%esi), aligned below */
    A("\xab", 4, true),               /* stos */
    A("\xa5", 4, true),               /* movs */
    A("\x50", 4, true),               /* push %eax */
    A("\x60", 32, true),              /* pusha */
    A("\xff\xd5", 4, true),           /* call *%ebp */
};
enum { ACCESSES = sizeof(accesses) / sizeof(accesses[0]) };

/* Values for what is stored; the registers that point are set by hand before. */
GUEST(before, "fninit\n fldpi\n fld1\n mov $0x12345678, %eax\n movd %eax, %xmm0\n"
              "pshufd $0, %xmm0, %xmm0\n mov $0x110400, %ebp\n");
GUEST(after, "out %al, $0x22\n jmp .");

/* Where the instruction's memory begins so that it goes across; FXSAVE's is aligned. */
static uint32_t begin_of(const struct access *a)
{
    return -(uint32_t)(a->bytes >= 100 ? 16 : a->bytes / 2);
}

static struct rings_end access_across(struct rings *rings, const struct access *a)
{
    uint8_t code[128], load[] = {0xbe, 0, 0, 0, 0, 0xbf, 0, 0, 0, 0, 0xbc, 0, 0, 0, 0};
    uint32_t at = begin_of(a), stack = at + a->bytes;
    unsigned bytes = (unsigned)(guest_end_before - guest_before);
    bool pushes = a->code[0] == '\x50' || a->code[0] == '\x60' || a->code[0] == '\xff';

    memcpy(code, guest_before, bytes);
    memcpy(load + 1, &at, 4);
    memcpy(load + 6, &at, 4);
    memcpy(load + 11, &stack, 4);
    memcpy(code + bytes, load, pushes ? 15 : 10);
    bytes += pushes ? 15 : 10;
    memcpy(code + bytes, a->code, a->code_bytes);
    bytes += a->code_bytes;
    memcpy(code + bytes, guest_after, (size_t)(guest_end_after - guest_after));
    bytes += (unsigned)(guest_end_after - guest_after);
    lab_load(&rings->lab, RINGS_CODE, code, bytes);
    lab_load(&rings->lab, 0x110400, GUEST_CODE(after));
    return rings_go(rings, rings_cs(rings), RINGS_CODE, RINGS_STACK);
}

static void fill(struct rings *rings, uint32_t at, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        put(rings, at + i, "\0", 1);
}

Test(cpu_wrap, accesses_go_on_at_0)
{
    RINGS_EACH(ring, timing)
    for (unsigned i = 0; i < ACCESSES; i++) {
        const struct access *a = &accesses[i];
        uint32_t at = begin_of(a);
        struct rings rings;

        open_top(&rings, ring, timing);
        fill(&rings, at, a->bytes);
        struct rings_end end = access_across(&rings, a);

        cr_expect_eq(end.vector, RINGS_NO_VECTOR, "access %u, ring %u: vector %u at %x", i, ring,
                     end.vector, end.eip);
        if (a->writes && a->bytes == 4 && a->code[0] != '\xa5' && a->code[0] != '\xff')
            cr_expect_eq(get32(&rings, at), 0x12345678, "access %u: %x", i, get32(&rings, at));
        rings_close(&rings);
    }
}

/* Nothing is stored when the page at 0 cannot be. */
Test(cpu_wrap, accesses_across_to_an_absent_page_do_nothing)
{
    for (enum cpu_timing timing = CPU_TIMING_UNIT; timing <= CPU_TIMING_FULL; timing++)
        for (unsigned i = 0; i < ACCESSES; i++) {
            const struct access *a = &accesses[i];
            struct rings rings;

            if (a->bytes > 8) /* made of several accesses, the first of which may be done */
                continue;
            open_top(&rings, 3, timing);
            /* Small pages where the large one was, all there but page 0. */
            for (unsigned page = 0; page < 512; page++)
                lab_write64(&rings.lab, 0x15000 + 8 * page, page ? page << 12 | 7 : 0);
            lab_write64(&rings.lab, 0x11000, 0x15000 | 7);
            fill(&rings, begin_of(a), 8);
            struct rings_end end = access_across(&rings, a);

            cr_expect_eq(end.vector, VECTOR_PF, "access %u: vector %u", i, end.vector);
            cr_expect_eq(end.cr2, 0, "access %u: cr2 %x", i, end.cr2);
            /* What reads first faults as a read. */
            cr_expect_eq(end.error_code & ~2u, 4, "access %u: %x", i, end.error_code);
            cr_expect(a->writes || end.error_code == 4, "access %u: %x", i, end.error_code);
            if (a->writes)
                cr_expect_eq(get32(&rings, begin_of(a)), 0, "access %u", i);
            rings_close(&rings);
        }
}

/* A data segment of base 0 that ends one byte below 4 GB refuses what goes across. */
GUEST(small, "mov $0x63, %eax\n mov %eax, %ds\n mov $0xfffffffe, %esi\n mov (%esi), %eax\n");

Test(cpu_wrap, a_smaller_limit_refuses)
{
    for (enum cpu_timing timing = CPU_TIMING_UNIT; timing <= CPU_TIMING_FULL; timing++) {
        struct rings rings;

        open_top(&rings, 3, timing);
        lab_load(&rings.lab, RINGS_CODE, GUEST_CODE(small));
        lab_descriptor(&rings.lab, DATA_SELECTOR, 0, 0xffffe, 0xf3, 0xc);
        struct rings_end end = rings_go(&rings, LAB_CS3, RINGS_CODE, RINGS_STACK);

        cr_expect_eq(end.vector, VECTOR_GP, "vector %u at %x", end.vector, end.eip);
        cr_expect_eq(end.eip, RINGS_CODE + 12, "eip %x", end.eip);
        rings_close(&rings);
    }
}

/* ---- what the processor reads by itself ------------------------------------------------------ */

/* A descriptor of a GDT whose last entries lie across 4 GB. */
GUEST(gdt, "lgdt 0x118000\n mov $0x18, %eax\n mov %eax, %es\n out %al, $0x22\n jmp .");

Test(cpu_wrap, descriptors_lie_across)
{
    for (enum cpu_timing timing = CPU_TIMING_UNIT; timing <= CPU_TIMING_FULL; timing++)
        for (uint32_t across = 1; across < 8; across++) {
            static const uint8_t table[] = {0x1f, 0, 0, 0, 0xff, 0xff};
            struct rings rings;
            uint32_t base = 0 - 0x18 - across;

            open_top(&rings, 0, timing);
            lab_load(&rings.lab, RINGS_CODE, GUEST_CODE(gdt));
            lab_load(&rings.lab, DATA, table, 2);
            lab_write32(&rings.lab, DATA + 2, base);
            for (unsigned i = 0; i < 0x18; i++)
                put(&rings, base + i, rings.lab.ram + LAB_GDT + i, 1);
            put(&rings, base + 0x18, "\xff\xff\x00\x00\x00\x93\xcf\x00", 8);
            struct rings_end end = rings_go(&rings, LAB_CS0, RINGS_CODE, RINGS_STACK);

            cr_expect_eq(end.vector, RINGS_NO_VECTOR, "%u across: vector %u", across, end.vector);
            rings_close(&rings);
        }
}
