/* SPDX-License-Identifier: GPL-2.0-only */
/* cpu_walk.c - the page walk: every kind of fault and every bit it sets, in both formats */
#include <criterion/criterion.h>

#include "cpu/x86/mmu.h"

enum { RAM = 1 << 20, DIRECTORY = 0x1000, TABLE = 0x2000, LINEAR = 0x00803abc };

static uint8_t ram[RAM];
static uint64_t root[4];

/* One row: what the directory and table entries hold, the access, and what comes out. */
struct row {
    uint64_t directory, table; /* bits beside the addresses */
    uint32_t cr0, cr4;         /* beside PG */
    uint8_t nxe;
    uint8_t write, fetch, user;
    uint8_t ok;
    uint8_t code;     /* of the fault */
    uint8_t writable; /* of the translation */
};

#define P  PTE_PRESENT
#define W  PTE_WRITABLE
#define U  PTE_USER
#define A  PTE_ACCESSED
#define D  PTE_DIRTY
#define L  PTE_LARGE
#define NX PTE_NX
#define R  PF_RESERVED

static const struct row rows[] = {
    /* rights of ring 0 */
    {P | W, P | W, 0, 0, 0, 0, 0, 0, 1, 0, 0},
    {P | W, P | W, 0, 0, 0, 1, 0, 0, 1, 0, 1},
    {P | W, P | W | D, 0, 0, 0, 0, 0, 0, 1, 0, 1},
    {P, P | W, CR0_WP, 0, 0, 1, 0, 0, 0, P | PF_WRITE, 0},
    {P | W, P, CR0_WP, 0, 0, 1, 0, 0, 0, P | PF_WRITE, 0},
    {P | W, P, 0, 0, 0, 1, 0, 0, 1, 0, 1},
    {P, P, 0, 0, 0, 1, 0, 0, 1, 0, 1},
    {P, P | D, CR0_WP, 0, 0, 0, 0, 0, 1, 0, 0},
    /* nothing there */
    {0, P | W, 0, 0, 0, 0, 0, 0, 0, 0, 0},
    {P | W, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
    {P | W, W | U, 0, 0, 0, 1, 0, 1, 0, PF_WRITE | PF_USER, 0},
    {P | W, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0},
    /* rights of ring 3 */
    {P | W | U, P | W | U, 0, 0, 0, 1, 0, 1, 1, 0, 1},
    {P | W, P | W | U, 0, 0, 0, 0, 0, 1, 0, P | PF_USER, 0},
    {P | W | U, P | W, 0, 0, 0, 0, 0, 1, 0, P | PF_USER, 0},
    {P | W | U, P | U, 0, 0, 0, 1, 0, 1, 0, P | PF_WRITE | PF_USER, 0},
    {P | U, P | W | U, 0, 0, 0, 1, 0, 1, 0, P | PF_WRITE | PF_USER, 0},
    {P | U, P | W | U, 0, 0, 0, 0, 0, 1, 1, 0, 0},
    {P | W | U, P | W | U, 0, 0, 0, 0, 1, 1, 1, 0, 0},
    /* large pages */
    {P | W | L, 0, 0, CR4_PSE, 0, 0, 0, 0, 1, 0, 0},
    {P | W | L, 0, 0, CR4_PSE, 0, 1, 0, 0, 1, 0, 1},
    {P | W | L, 0, 0, CR4_PSE, 0, 0, 0, 1, 0, P | PF_USER, 0},
    {P | U | L, 0, 0, CR4_PSE, 0, 1, 0, 1, 0, P | PF_WRITE | PF_USER, 0},
};

/* Rows of PAE alone: NX and reserved bits. */
static const struct row pae_rows[] = {
    {P | W, P | NX, 0, 0, 1, 0, 1, 0, 0, P | PF_FETCH, 0},
    {P | W | NX, P, 0, 0, 1, 0, 1, 0, 0, P | PF_FETCH, 0},
    {P | W | U, P | U | NX, 0, 0, 1, 0, 1, 1, 0, P | PF_FETCH | PF_USER, 0},
    {P | W, P | NX, 0, 0, 1, 0, 0, 0, 1, 0, 0},
    {P | W, 0, 0, 0, 1, 0, 1, 0, 0, PF_FETCH, 0},
    {P | W, P | NX, 0, 0, 0, 0, 0, 0, 0, P | R, 0},
    {P | W | NX, P, 0, 0, 0, 1, 0, 0, 0, P | R | PF_WRITE, 0},
    {P | W, P | UINT64_C(1) << 36, 0, 0, 0, 0, 0, 0, 0, P | R, 0},
    {P | W, P | UINT64_C(1) << 62, 0, 0, 1, 0, 0, 1, 0, P | R | PF_USER, 0},
    {P | W | UINT64_C(1) << 45, P, 0, 0, 0, 0, 0, 0, 0, P | R, 0},
    {P | W | L | 0x2000, 0, 0, 0, 0, 0, 0, 0, 0, P | R, 0},
    {P | W | L | 0x100000, 0, 0, 0, 0, 0, 0, 0, 0, P | R, 0},
    {P | W | L | 0x1000, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0}, /* PAT */
};

static uint64_t get(uint32_t at, unsigned bytes)
{
    uint64_t value = 0;

    memcpy(&value, ram + at, bytes);
    return value;
}

static void check(const struct row *row, bool pae, unsigned number)
{
    const unsigned bytes = pae ? 8 : 4;
    const bool large = row->directory & L && (pae || row->cr4 & CR4_PSE);
    const uint32_t frame = large ? 0xc00000 : 0x57000;
    const uint32_t directory_at = DIRECTORY + (pae ? 4 * 8 : 2 * 4);
    const uint32_t table_at = TABLE + 3 * bytes;
    uint64_t directory = row->directory | (large ? frame : TABLE);
    uint64_t table = row->table | frame;
    struct mmu_view view = {.memory = {ram, RAM},
                            .cr0 = row->cr0 | CR0_PG | CR0_PE,
                            .cr3 = DIRECTORY,
                            .cr4 = row->cr4 | (pae ? CR4_PAE : 0),
                            .efer = row->nxe ? EFER_NXE : 0,
                            .root = root};
    struct mmu_access access = {.write = row->write, .fetch = row->fetch, .user = row->user};
    struct mmu_translation out;
    const char *format = pae ? "PAE" : "two-level";

    root[0] = DIRECTORY | P;
    memcpy(ram + directory_at, &directory, bytes);
    memcpy(ram + table_at, &table, bytes);

    /* A probe changes nothing. */
    cr_assert_eq(mmu_walk(&view, LINEAR, access, false, &out), row->ok, "%s row %u", format,
                 number);
    cr_assert_eq(get(directory_at, bytes), directory & (pae ? ~UINT64_C(0) : UINT32_MAX));
    cr_assert_eq(mmu_walk(&view, LINEAR, access, true, &out), row->ok, "%s row %u", format, number);
    if (!row->ok) {
        cr_assert_eq(out.error_code, row->code, "%s row %u: code %x", format, number,
                     out.error_code);
        cr_assert_eq(get(directory_at, bytes) & (A | D), 0);
        cr_assert_eq(get(table_at, bytes) & A, 0);
        return;
    }
    cr_assert_eq(out.physical, large ? frame | (LINEAR & (pae ? 0x1ff000 : 0x3ff000)) : frame,
                 "%s row %u: %lx", format, number, (unsigned long)out.physical);
    cr_assert_eq(out.writable, row->writable, "%s row %u", format, number);
    cr_assert_eq(get(directory_at, bytes) & (A | D), A | (large && row->write ? D : 0));
    if (!large)
        cr_assert_eq(get(table_at, bytes) & (A | D), A | (row->table & D) | (row->write ? D : 0));
    cr_assert_eq(out.walked, large ? 1 : 2);
}

Test(cpu_walk, two_levels)
{
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check(&rows[i], false, i);
}

Test(cpu_walk, pae)
{
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check(&rows[i], true, i);
    for (unsigned i = 0; i < sizeof(pae_rows) / sizeof(pae_rows[0]); i++)
        check(&pae_rows[i], true, i);
}

Test(cpu_walk, without_paging_linear_is_physical)
{
    struct mmu_view view = {.memory = {ram, RAM}, .root = root};
    struct mmu_translation out;

    cr_assert(mmu_walk(&view, 0xfffff123, (struct mmu_access){.write = true}, true, &out));
    cr_assert_eq(out.physical, 0xfffff000);
}

Test(cpu_walk, tables_outside_of_memory_have_reserved_bits_or_lead_nowhere)
{
    struct mmu_view view = {
        .memory = {ram, RAM}, .cr0 = CR0_PG | CR0_PE, .cr4 = CR4_PAE, .root = root};
    struct mmu_translation out;

    root[0] = 0x80000000 | P;
    cr_assert_not(mmu_walk(&view, LINEAR, (struct mmu_access){0}, true, &out));
    cr_assert_eq(out.error_code, P | R);
    root[0] = 0;
    cr_assert_not(mmu_walk(&view, LINEAR, (struct mmu_access){0}, true, &out));
    cr_assert_eq(out.error_code, 0);
}

Test(cpu_walk, root_is_checked_when_it_is_loaded)
{
    static const struct {
        uint64_t entry;
        bool ok;
    } cases[] = {{0, true},
                 {P, true},
                 {P | 0x18, true},
                 {P | W, false},
                 {P | U, false},
                 {P | A, false},
                 {P | L, false},
                 {P | 0x100, false},
                 {W | U, true},
                 {P | NX, false},
                 {P | UINT64_C(1) << 36, false},
                 {P | 0xe00, true}};
    struct mmu_view view = {.memory = {ram, RAM}};

    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t loaded[4] = {1, 2, 3, 4};

        memset(ram, 0, 32);
        memcpy(ram + 0x3020 + 8 * 2, &cases[i].entry, 8);
        cr_assert_eq(mmu_load_root(&view, 0x3020, loaded), cases[i].ok, "case %u", i);
        cr_assert_eq(loaded[2], cases[i].ok ? cases[i].entry : 3);
    }
}

Test(cpu_walk, global_only_with_its_feature)
{
    struct mmu_view view = {
        .memory = {ram, RAM}, .cr0 = CR0_PG | CR0_PE, .cr3 = DIRECTORY, .root = root};
    struct mmu_translation out;
    uint32_t directory = TABLE | P, table = 0x57000 | P | PTE_GLOBAL;

    memcpy(ram + DIRECTORY + 8, &directory, 4);
    memcpy(ram + TABLE + 12, &table, 4);
    cr_assert(mmu_walk(&view, LINEAR, (struct mmu_access){0}, true, &out));
    cr_assert_not(out.global);
    view.cr4 = CR4_PGE;
    cr_assert(mmu_walk(&view, LINEAR, (struct mmu_access){0}, true, &out));
    cr_assert(out.global);
}
