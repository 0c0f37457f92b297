/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest kernel's checks of programs: one good one, and one case a line of what is refused. */
#include <criterion/criterion.h>

#include "guestos/process/elf.h"
#include "tests/unit/guestos_support.h"

#define FILE_BYTES 0x5000
#define LOW        0x10000
#define HIGH       0xbf000000

static const struct elf_header header = {
    .ident = {0x7f, 'E', 'L', 'F', 1, 1, 1},
    .type = ELF_EXECUTABLE,
    .machine = 3,
    .entry = 0x8048100,
    .phoff = 52,
    .phentsize = sizeof(struct elf_segment),
    .phnum = 2,
};

static const struct elf_segment segments[2] = {
    {ELF_LOAD, 0, 0x8048000, 0, 0x2100, 0x2100, ELF_R | ELF_X, 0x1000},
    {ELF_LOAD, 0x2100, 0x804b100, 0, 0x500, 0x3000, ELF_R | ELF_W, 0x1000},
};

Test(guestos_elf, accepts_a_program_and_plans_it)
{
    struct elf_plan plan;

    cr_assert(elf_header_ok(&header, FILE_BYTES));
    cr_assert(elf_plan(&header, segments, FILE_BYTES, LOW, HIGH, &plan));
    cr_assert_eq(plan.low, 0x8048000);
    cr_assert_eq(plan.high, 0x804f000);
    cr_assert_eq(plan.headers, 0x8048034);
    cr_assert_eq(plan.interpreter, -1);
}

Test(guestos_elf, refuses_headers)
{
    struct elf_header h;

    h = header, h.ident[4] = 2;
    cr_expect_not(elf_header_ok(&h, FILE_BYTES), "64 bits");
    h = header, h.ident[5] = 2;
    cr_expect_not(elf_header_ok(&h, FILE_BYTES), "big endian");
    h = header, h.machine = 62;
    cr_expect_not(elf_header_ok(&h, FILE_BYTES), "another machine");
    h = header, h.type = 1;
    cr_expect_not(elf_header_ok(&h, FILE_BYTES), "an object file");
    h = header, h.phnum = 0;
    cr_expect_not(elf_header_ok(&h, FILE_BYTES), "no segments");
    h = header, h.phnum = ELF_SEGMENTS + 1;
    cr_expect_not(elf_header_ok(&h, FILE_BYTES), "too many segments");
    h = header, h.phoff = FILE_BYTES - 63;
    cr_expect_not(elf_header_ok(&h, FILE_BYTES), "a table that ends beyond the file");
    h = header, h.phoff = 0xfffffff0;
    cr_expect_not(elf_header_ok(&h, FILE_BYTES), "a table at the end of 4 GB");
    h = header, h.phentsize = 31;
    cr_expect_not(elf_header_ok(&h, FILE_BYTES), "entries of another size");
}

Test(guestos_elf, refuses_segments)
{
    static const struct {
        struct elf_segment second;
        const char *what;
    } cases[] = {
        {{ELF_LOAD, 0x2100, 0x804b100, 0, 0x3000, 0x3000, 6, 0}, "contents beyond the file"},
        {{ELF_LOAD, 0xfffff100, 0x804b100, 0, 0x500, 0x500, 6, 0}, "an offset beyond the file"},
        {{ELF_LOAD, 0x2100, 0x804b100, 0, 0x500, 0x400, 6, 0}, "more in the file than in memory"},
        {{ELF_LOAD, 0x2100, 0x804b200, 0, 0x500, 0x500, 6, 0}, "address and offset not congruent"},
        {{ELF_LOAD, 0x2100, 0x804a100, 0, 0x500, 0x500, 6, 0}, "overlap with the one before"},
        {{ELF_LOAD, 0x2100, 0x8040100, 0, 0x500, 0x500, 6, 0}, "descending addresses"},
        {{ELF_LOAD, 0x2100, 0xc0100100, 0, 0x500, 0x500, 6, 0}, "an address in the kernel"},
        {{ELF_LOAD, 0x2100, 0x804b100, 0, 0x500, 0xf8000000, 6, 0}, "an end in the kernel"},
        {{ELF_LOAD, 0x2100, 0x804b100, 0, 0x500, 0xffffffff, 6, 0}, "an end that wraps around"},
    };
    struct elf_plan plan;

    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct elf_segment s[2] = {segments[0], cases[i].second};

        cr_expect_not(elf_plan(&header, s, FILE_BYTES, LOW, HIGH, &plan), "%s", cases[i].what);
    }
    struct elf_segment none[2] = {{.type = 4}, {.type = 4}};
    cr_expect_not(elf_plan(&header, none, FILE_BYTES, LOW, HIGH, &plan), "nothing to load");
}
