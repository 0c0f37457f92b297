/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * cpu_extent.c - where blocks end: dense code, and the last instructions of a page
 *
 * Rings other than 0 are asked for the number of instructions, since the lab's own code is in that.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <time.h>

#include "tests/unit/cpu_rings.h"

/* ---- straight runs --------------------------------------------------------------------------- */

enum { RUN = 505, LONG_RUN = 1000, STATE = 0x119000, STATE_BYTES = 512 + 8 * 4 + 256 };

struct instruction {
    const char *bytes;
    uint8_t count, instructions;
};

#define I(name, bytes, instructions)                                                               \
    {                                                                                              \
        bytes, sizeof(bytes) - 1, instructions                                                     \
    }

static const struct instruction kinds[] = {
    I("fxch %st(1)", "\xd9\xc9", 1),
    I("fadd %st(1),%st", "\xd8\xc1", 1),
    I("fmul %st,%st(1)", "\xdc\xc9", 1),
    I("fld %st; fstp %st", "\xd9\xc0\xdd\xd8", 2),
    I("fcmovb %st(1),%st", "\xda\xc1", 1),
    I("fcom %st(1)", "\xd8\xd1", 1),
    I("fcomi %st(1),%st", "\xdb\xf1", 1),
    I("fldt (%esi); fstpt (%esi)", "\xdb\x2e\xdb\x3e", 2),
    I("fnstcw (%esi); fldcw (%esi)", "\xd9\x3e\xd9\x2e", 2),
    I("pshufd $27,%xmm1,%xmm0", "\x66\x0f\x70\xc1\x1b", 1),
    I("shufps $27,%xmm1,%xmm0", "\x0f\xc6\xc1\x1b", 1),
    I("movdqu (%esi),%xmm0", "\xf3\x0f\x6f\x06", 1),
    I("movdqu %xmm0,(%esi)", "\xf3\x0f\x7f\x06", 1),
    I("cmpps $2,%xmm1,%xmm0", "\x0f\xc2\xc1\x02", 1),
    I("pmovmskb %xmm0,%ebx", "\x66\x0f\xd7\xd8", 1),
    I("aam", "\xd4\x0a", 1),
    I("aad", "\xd5\x0a", 1),
    I("daa", "\x27", 1),
    I("cmpxchg %ecx,(%esi)", "\x0f\xb1\x0e", 1),
    I("cmpxchg8b (%esi)", "\x0f\xc7\x0e", 1),
    I("lock xadd %eax,(%esi)", "\xf0\x0f\xc1\x06", 1),
    I("shld $5,%eax,%edx", "\x0f\xa4\xc2\x05", 1),
    I("rcl $3,%eax", "\xc1\xd0\x03", 1),
    I("shll %cl,(%esi)", "\xd3\x26", 1),
    I("bsf %eax,%ebx", "\x0f\xbc\xd8", 1),
    I("pusha; popa", "\x60\x61", 2),
    I("enter $0,$31; leave", "\xc8\x00\x00\x1f\xc9", 2),
    I("pushf; popf", "\x9c\x9d", 2),
    I("lahf; sahf", "\x9f\x9e", 2),
    I("setc %bl; cmovc %eax,%ebx", "\x0f\x92\xc3\x0f\x42\xd8", 2),
    I("lods; stos", "\xac\xaa", 2),
    /* Their flags, or where they store, depend on what comes before: they are not mixed. */
    I("bts $5,(%esi)", "\x0f\xba\x2e\x05", 1),
    I("bts %eax,(%esi)", "\x0f\xab\x06", 1),
    I("lock bts %eax,(%esi)", "\xf0\x0f\xab\x06", 1),
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]), MIXED = KINDS - 3 };

/* Values in all registers; ESI at the data. ES and DS are flat. */
GUEST(begin,
      "fninit\n fldpi\n fld1\n mov $0x118800, %esi\n mov %esi, %edi\n movl $0x118000, (%esi)\n"
      "movl $0x119000, 4(%esi)\n movdqu (%esi), %xmm0\n movdqu 8(%esi), %xmm1\n"
      "mov $0x1234567, %eax\n mov $3, %ecx\n mov $0x118f00, %ebp\n");
GUEST(end, "fxsave 0x119000\n mov %eax, 0x119200\n mov %ebx, 0x119204\n mov %ecx, 0x119208\n"
           "mov %edx, 0x11920c\n mov %esi, 0x119210\n mov %edi, 0x119214\n pushf\n popl 0x119218\n"
           "out %al, $0x22\n 1: jmp 1b");
enum {
    AROUND = 12 + 11,
    ENDLESS = 1,
    FXSAVE_POINTERS = 8,
    FXSAVE_POINTERS_BYTES = 16
}; /* instructions; the jump at the end is charged with `out` */

/* Runs the instructions of a program one behind the other, or each in a block of its own. Returns
 * the state they end with. */
static void run(const struct instruction *const program[], unsigned count, unsigned ring,
                enum cpu_timing timing, bool split, uint8_t state[STATE_BYTES])
{
    static uint8_t code[0x4000];
    unsigned bytes = 0, instructions = AROUND;
    struct rings rings;

    memcpy(code, guest_begin, (size_t)(guest_end_begin - guest_begin));
    bytes = (unsigned)(guest_end_begin - guest_begin);
    for (unsigned i = 0; i < count; i++) {
        memcpy(code + bytes, program[i]->bytes, program[i]->count);
        bytes += program[i]->count;
        instructions += program[i]->instructions;
        if (split) { /* jmp behind itself */
            code[bytes++] = 0xeb;
            code[bytes++] = 0;
            instructions++;
        }
        cr_assert_lt(bytes, sizeof(code) - 128);
    }
    memcpy(code + bytes, guest_end, (size_t)(guest_end_end - guest_end));
    bytes += (unsigned)(guest_end_end - guest_end);

    rings_open(&rings, ring, timing, false);
    lab_load(&rings.lab, 0x200000, code, bytes);
    struct rings_end end = rings_go(&rings, rings_cs(&rings), 0x200000, RINGS_STACK);

    cr_assert_eq(end.vector, RINGS_NO_VECTOR, "vector %u at %x", end.vector, end.eip);
    if (ring)
        cr_expect(end.instructions == instructions || end.instructions == instructions + ENDLESS,
                  "%lu instructions, not %u", (unsigned long)end.instructions, instructions);
    memcpy(state, rings.lab.ram + STATE, 512 + 8 * 4);
    memset(state + FXSAVE_POINTERS, 0, FXSAVE_POINTERS_BYTES); /* where the last instruction was */
    memcpy(state + 512 + 8 * 4, rings.lab.ram + RINGS_DATA + 0x800, 256);
    rings_close(&rings);
}

static void expect_same(const struct instruction *const program[], unsigned count, unsigned ring,
                        enum cpu_timing timing, const char *what)
{
    uint8_t dense[STATE_BYTES], split[STATE_BYTES];

    run(program, count, ring, timing, false, dense);
    run(program, count, ring, timing, true, split);
    cr_expect_arr_eq(dense, split, STATE_BYTES, "%s, ring %u, timing %d", what, ring, timing);
}

Test(cpu_extent, a_long_run_of_one_instruction_does_what_each_alone_does)
{
    static const struct instruction *program[LONG_RUN];

    for (unsigned kind = 0; kind < KINDS; kind++) {
        unsigned ring = kind & 1 ? 1 : 3;
        enum cpu_timing timing = (enum cpu_timing)(kind % 3);
        char what[32];

        for (unsigned i = 0; i < LONG_RUN; i++)
            program[i] = &kinds[kind];
        snprintf(what, sizeof(what), "kind %u", kind);
        expect_same(program, LONG_RUN, ring, timing, what);
        expect_same(program, RUN, 4 - ring, (timing + 1) % 3, what);
    }
}

/* Another seed each time; a failure names it. */
Test(cpu_extent, mixed_runs_do_what_each_instruction_does)
{
    static const struct instruction *program[LONG_RUN];
    unsigned seed = (unsigned)time(NULL);
    char what[32];

    RINGS_EACH(ring, timing)
    {
        snprintf(what, sizeof(what), "seed %u", seed);
        srand(seed++);
        for (unsigned i = 0; i < LONG_RUN; i++)
            program[i] = &kinds[(unsigned)rand() % MIXED];
        expect_same(program, LONG_RUN, ring, timing, what);
    }
}

/* ---- the end of a page ----------------------------------------------------------------------- */

enum { PAGE_END = RINGS_WINDOW + 0x1000, CODE_FRAME = 0x300000, NEXT_FRAME = 0x301000 };
enum { VECTOR_DE = 0, VECTOR_GP = 13, VECTOR_PF = 14, ABSENT = 0 };

/* Code whose last byte is the last of the page. */
struct page_end {
    const char *code;
    uint8_t bytes, vector;
    uint32_t eip, cr2, eax; /* after it */
    uint8_t instructions;   /* before the fault */
};

static const struct page_end page_ends[] = {
    /* inc %eax four times */
    {"\x40\x40\x40\x40", 4, VECTOR_PF, PAGE_END, PAGE_END, 4, 4},
    /* inc %eax three times; mov $?,%ecx */
    {"\x40\x40\x40\xb9", 4, VECTOR_PF, PAGE_END - 1, PAGE_END, 3, 3},
    /* inc %eax; mov $?,%eax but for its last byte */
    {"\x40\xb8\x01\x02\x03", 5, VECTOR_PF, PAGE_END - 4, PAGE_END, 1, 1},
    /* inc %eax; a prefix */
    {"\x40\x66", 2, VECTOR_PF, PAGE_END - 1, PAGE_END, 1, 1},
    /* inc %eax twice; div %ecx */
    {"\x40\x40\xf7\xf1", 4, VECTOR_DE, PAGE_END - 2, 0, 2, 2},
    /* inc %eax twice; mov 0x402000,%ecx */
    {"\x40\x40\x8b\x0d\x00\x20\x40\x00", 8, VECTOR_PF, PAGE_END - 6, PAGE_END + 0x1000, 2, 2},
    /* inc %eax twice; out; jmp . */
    {"\x40\x40\xe6\x22\xeb\xfe", 6, RINGS_NO_VECTOR, 0, 0, 0, 0},
};

static void load_page_end(struct rings *rings, const struct page_end *c)
{
    lab_load(&rings->lab, CODE_FRAME + 0x1000 - c->bytes, (const uint8_t *)c->code, c->bytes);
    rings_map(rings, RINGS_WINDOW, CODE_FRAME | 7);
}

static struct rings_end go_page_end(struct rings *rings, const struct page_end *c)
{
    return rings_go(rings, rings_cs(rings), PAGE_END - c->bytes, RINGS_STACK);
}

Test(cpu_extent, what_lies_before_an_absent_page_runs_first)
{
    RINGS_EACH(ring, timing)
    for (unsigned i = 0; i < sizeof(page_ends) / sizeof(page_ends[0]); i++) {
        const struct page_end *c = &page_ends[i];
        struct rings rings;

        rings_open(&rings, ring, timing, i & 1);
        load_page_end(&rings, c);
        struct rings_end end = go_page_end(&rings, c);

        cr_expect_eq(end.vector, c->vector, "case %u, ring %u: vector %u", i, ring, end.vector);
        if (c->vector != RINGS_NO_VECTOR)
            cr_expect_eq(end.eip, c->eip, "case %u, ring %u: eip %x", i, ring, end.eip);
        if (c->vector == VECTOR_PF)
            cr_expect_eq(end.cr2, c->cr2, "case %u, ring %u: cr2 %x", i, ring, end.cr2);
        if (ring && c->vector != RINGS_NO_VECTOR)
            cr_expect_eq(end.instructions, c->instructions, "case %u: %lu instructions", i,
                         (unsigned long)end.instructions);
        rings_close(&rings);
    }
}

/* Next pages that are there and cannot be fetched from. */
Test(cpu_extent, what_lies_before_a_page_that_refuses_runs_first)
{
    static const struct {
        uint64_t entry;
        uint32_t outer_limit;
        uint8_t ring, vector, error_code;
    } cases[] = {
        {NEXT_FRAME | 7 | UINT64_C(1) << 63, 0, 3, VECTOR_PF, 0x15},
        {NEXT_FRAME | 7 | UINT64_C(1) << 63, 0, 1, VECTOR_PF, 0x11},
        {NEXT_FRAME | 3, 0, 3, VECTOR_PF, 0x15},
        {NEXT_FRAME | 7, PAGE_END, 3, VECTOR_GP, 0},
        {NEXT_FRAME | 7, PAGE_END, 1, VECTOR_GP, 0},
        {NEXT_FRAME | 7 | UINT64_C(1) << 40, 0, 1, VECTOR_PF, 0x19},
    };

    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (unsigned straddles = 0; straddles < 2; straddles++) {
            const struct page_end *c = &page_ends[straddles];
            struct rings rings;

            rings_open(&rings, cases[i].ring, CPU_TIMING_FAST, false);
            load_page_end(&rings, c);
            rings_map(&rings, PAGE_END, cases[i].entry);
            cpu_outer_limit(rings.lab.cpu[0], cases[i].outer_limit);
            struct rings_end end = go_page_end(&rings, c);

            cr_expect_eq(end.vector, cases[i].vector, "case %u: vector %u", i, end.vector);
            cr_expect_eq(end.error_code, cases[i].error_code, "case %u: %x", i, end.error_code);
            cr_expect_eq(end.eip, c->eip, "case %u: eip %x", i, end.eip);
            cr_expect_eq(end.instructions, c->instructions, "case %u", i);
            rings_close(&rings);
        }
}

/* A block of two pages has run; then its second page goes, and comes back. Ring 0 does it all. */
GUEST(unmap, "mov $0x400ffc, %ebx\n call *%ebx\n mov %eax, 0x118000\n"
             "movl $0, 0x12008\n invlpg 0x401000\n"
             "call *%ebx\n mov %eax, 0x118004\n"
             "call *%ebx\n mov %eax, 0x118008\n out %al, $0x22\n 1: jmp 1b");
/* Notes EIP and EAX, maps the page again, goes on. */
GUEST(remap, "add $4, %esp\n popl 0x118010\n pushl 0x118010\n mov %eax, 0x118014\n"
             "incl 0x118018\n movl $0x301007, 0x12008\n iret");

Test(cpu_extent, a_block_whose_second_page_went_runs_up_to_it)
{
    for (enum cpu_timing timing = CPU_TIMING_UNIT; timing <= CPU_TIMING_FULL; timing++)
        for (unsigned apart = 0; apart < 2; apart++) {
            struct rings rings;

            rings_open(&rings, 0, timing, apart);
            lab_load(&rings.lab, CODE_FRAME + 0xffc, (const uint8_t *)"\x40\x40\x40\x40", 4);
            lab_load(&rings.lab, NEXT_FRAME, (const uint8_t *)"\x40\xc3", 2);
            rings_map(&rings, RINGS_WINDOW, CODE_FRAME | 7);
            rings_map(&rings, PAGE_END, NEXT_FRAME | 7);
            lab_load(&rings.lab, RINGS_CODE, GUEST_CODE(unmap));
            lab_load(&rings.lab, 0x130400, GUEST_CODE(remap));
            lab_gate(&rings.lab, VECTOR_PF, LAB_CS0, 0x130400, 0x8e);
            struct rings_end end = rings_go(&rings, LAB_CS0, RINGS_CODE, RINGS_STACK);

            cr_expect_eq(end.vector, RINGS_NO_VECTOR);
            cr_expect_eq(lab_read32(&rings.lab, RINGS_DATA), 5);
            cr_expect_eq(lab_read32(&rings.lab, RINGS_DATA + 4), 10);
            cr_expect_eq(lab_read32(&rings.lab, RINGS_DATA + 8), 15);
            cr_expect_eq(lab_read32(&rings.lab, RINGS_DATA + 0x10), PAGE_END, "eip %x",
                         lab_read32(&rings.lab, RINGS_DATA + 0x10));
            cr_expect_eq(lab_read32(&rings.lab, RINGS_DATA + 0x14), 9);
            cr_expect_eq(lab_read32(&rings.lab, RINGS_DATA + 0x18), 1);
            rings_close(&rings);
        }
}
