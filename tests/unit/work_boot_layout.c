/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A new domain's layout and page tables, checked by walking the tables as the processor would.
 */
#include <stdbool.h>
#include <stdlib.h>

#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "workloads/dom0/xl/boot_layout.h"
#include "workloads/dom0/xl/guest_memory.h"

#define MACHINE_FIRST 0x12345u /* frame f of the domain is machine frame FIRST + f * 3 */

static uint32_t machine_frame(uint32_t frame)
{
    return MACHINE_FIRST + frame * 3;
}

struct shape {
    uint32_t virt_base, kernel_bytes, ramdisk_bytes, pages;
};

ParameterizedTestParameters(work_boot_layout, tables_map_the_layout)
{
    static struct shape shapes[] = {
        {0xC0000000, 0x180000, 0xB0000, 2048},   /* a domain of 8 MB */
        {0xC0000000, 0x180000, 0, 2048},         /* without a ramdisk */
        {0xC0000000, 0x3fe000, 5 << 20, 16384},  /* region grows past its first tables */
        {0xF5000000, 0x100000, 0x10000, 1024},   /* just below the hypervisor */
        {0x00000000, 0x200000, 0x10000, 4096},   /* base 0, so two L2 tables */
        {0x3ff00000, 0x200000, 0x10000, 4096},   /* base that straddles a gigabyte */
        {0xC0000000, 0x180000, 0xB0000, 262144}, /* 1 GB: the frame list alone is 1 MB */
    };

    return cr_make_param_array(struct shape, shapes, sizeof(shapes) / sizeof(shapes[0]));
}

/* Finds a table by its machine frame; NULL if it is none of the domain's tables. */
static uint64_t *find_table(const struct boot_layout *l, uint64_t (*tables)[PAE_ENTRIES],
                            uint64_t entry)
{
    for (uint32_t i = 0; i < l->tables.count; i++)
        if ((entry & 1) && entry >> 12 == machine_frame(l->tables.first + i))
            return tables[i];
    return NULL;
}

/* The L1 entry of a virtual address, 0 if there is none. */
static uint64_t walk(const struct boot_layout *l, uint64_t (*tables)[PAE_ENTRIES], uint32_t address)
{
    uint64_t *l2 = find_table(l, tables, tables[0][address >> 30]);
    uint64_t *l1 = l2 ? find_table(l, tables, l2[address >> 21 & 511]) : NULL;

    return l1 ? l1[address >> 12 & 511] : 0;
}

ParameterizedTest(struct shape *s, work_boot_layout, tables_map_the_layout)
{
    struct kernel_image kernel = {.virt_base = s->virt_base, .end = s->virt_base + s->kernel_bytes};
    struct boot_layout l;

    cr_assert_null(boot_layout_make(&kernel, s->ramdisk_bytes, s->pages, &l));
    uint64_t(*tables)[PAE_ENTRIES] = calloc(l.tables.count, sizeof(tables[0]));
    uint32_t *machine = malloc(s->pages * sizeof(*machine));

    for (uint32_t f = 0; f < s->pages; f++)
        machine[f] = machine_frame(f);
    boot_layout_tables(&l, machine, tables);

    const struct page_range *parts[] = {&l.ramdisk, &l.frame_list, &l.start_info, &l.store,
                                        &l.console, &l.tables,     &l.stack};
    uint32_t next = XL_PAGES(s->kernel_bytes);

    for (unsigned i = 0; i < 7; i++) { /* in order, without a gap */
        cr_expect_eq(parts[i]->first, next);
        next += parts[i]->count;
    }
    cr_expect(l.mapped == s->pages || l.mapped >= next + 128, "512 KB of room");
    cr_expect(tables[0][3] & 1, "the slot that leads to the hypervisor");
    for (uint32_t f = 0; f < l.mapped; f++) {
        uint64_t entry = walk(&l, tables, boot_layout_address(&l, f));
        bool is_table = f >= l.tables.first && f < l.tables.first + l.tables.count;

        cr_assert_eq(entry >> 12, machine_frame(f), "frame %u", f);
        cr_assert_eq((entry & 2) != 0, !is_table, "rights of frame %u", f);
    }
    cr_expect_eq(walk(&l, tables, boot_layout_address(&l, l.mapped)), 0u);
    free(tables);
    free(machine);
}

ParameterizedTestParameters(work_boot_layout, impossible_shape_is_refused)
{
    static struct shape shapes[] = {
        {0xC0000000, 0x180000, 0xB0000, 512},     /* 2 MB */
        {0xC0000000, 0x180000, 0xffffffff, 2048}, /* a ramdisk of 4 GB */
        {0xC0000000, 0x180000, 0x666000, 2048},   /* no room after the stack */
        {0xF5000000, 0x100000, 8 << 20, 8192},    /* runs into the hypervisor */
        {0xF57ff000, 0x1000, 0, 8192},
    };

    return cr_make_param_array(struct shape, shapes, sizeof(shapes) / sizeof(shapes[0]));
}

ParameterizedTest(struct shape *s, work_boot_layout, impossible_shape_is_refused)
{
    struct kernel_image kernel = {.virt_base = s->virt_base, .end = s->virt_base + s->kernel_bytes};
    struct boot_layout l;

    cr_assert_not_null(boot_layout_make(&kernel, s->ramdisk_bytes, s->pages, &l));
}
