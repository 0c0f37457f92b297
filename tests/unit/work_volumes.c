/* SPDX-License-Identifier: GPL-2.0-only */
/* work_volumes.c - the table of volumes: what fits where, and which tables are none */
#include "workloads/dom0/volumes/table.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#define UNITS 100

static struct volume_table table;

static void begin(void)
{
    volume_table_init(&table, UNITS);
}

TestSuite(work_volumes, .init = begin);

static bool valid(void)
{
    volume_table_seal(&table);
    return volume_table_valid(&table, UNITS);
}

Test(work_volumes, names)
{
    static const struct {
        const char *name;
        bool good;
    } cases[] = {{"a", true},
                 {"web-1.data_2+", true},
                 {"", false},
                 {".", false},
                 {"a/b", false},
                 {"a b", false},
                 {"-f", false},
                 {"a,b", false},
                 {"1", true},
                 {"a\x80", false},
                 {"1234567890123456789012345678901", true},
                 {"12345678901234567890123456789012", false}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        cr_expect(eq(int, volume_name_valid(cases[i].name), cases[i].good), "'%s'", cases[i].name);
}

Test(work_volumes, the_first_gap_that_holds_all_else_the_largest)
{
    cr_assert(zero(ptr, (void *)volume_add(&table, "a", 8)));
    cr_assert(zero(ptr, (void *)volume_add(&table, "b", 20)));
    cr_assert(zero(ptr, (void *)volume_add(&table, "c", 60)));
    cr_assert(volume_remove(&table, "a") && !volume_remove(&table, "a"));
    cr_assert(zero(ptr, (void *)volume_add(&table, "d", 9)));
    cr_expect(eq(u32, volume_find(&table, "d")->extent[0].first, 89));
    cr_assert(zero(ptr, (void *)volume_add(&table, "e", 4)));
    cr_expect(eq(u32, volume_find(&table, "e")->extent[0].first, 1));
    volume_remove(&table, "b");
    volume_remove(&table, "d");
    /* 5..28 and 89..99 are free. */
    cr_assert(zero(ptr, (void *)volume_add(&table, "f", 30)));
    cr_expect(eq(u32, volume_find(&table, "f")->extents, 2));
    cr_expect(eq(u32, volume_find(&table, "f")->extent[0].first, 5));
    cr_expect(eq(u32, volume_find(&table, "f")->extent[1].first, 89));
    cr_expect(eq(u32, volume_table_free(&table), 5));
    cr_expect(not(zero(ptr, (void *)volume_add(&table, "g", 6))));
    cr_expect(not(zero(ptr, (void *)volume_add(&table, "f", 1))));
    cr_expect(valid());
}

Test(work_volumes, seventeen_pieces_are_too_many)
{
    char name[8];

    for (unsigned i = 1; i < UNITS; i++) {
        snprintf(name, sizeof(name), "v%u", i);
        cr_assert(zero(ptr, (void *)volume_add(&table, name, 1)));
    }
    for (unsigned i = 1; i < 36; i += 2) {
        snprintf(name, sizeof(name), "v%u", i);
        cr_assert(volume_remove(&table, name));
    }
    uint64_t generation = table.generation;

    cr_expect(not(zero(ptr, (void *)volume_add(&table, "big", 17))));
    cr_expect(eq(u64, table.generation, generation), "nothing has changed");
    cr_expect(zero(ptr, (void *)volume_add(&table, "big", 16)));
    cr_expect(eq(u32, volume_find(&table, "big")->extents, 16));
    cr_expect(valid());
}

Test(work_volumes, tables_that_are_none)
{
    volume_add(&table, "a", 10);
    volume_add(&table, "b", 10);
    struct volume_table good = table;

#define NONE(change)                                                                               \
    do {                                                                                           \
        table = good;                                                                              \
        change;                                                                                    \
        cr_expect(not(valid()), #change);                                                          \
    } while (0)
    cr_assert(valid());
    NONE(table.magic[0]++);
    NONE(table.count = VOLUMES_MOST + 1);
    NONE(table.count = UINT32_MAX);
    NONE(table.units = UNITS + 1);
    NONE(table.units = 0);
    NONE(table.volume[1].extent[0].first = 10); /* a's last unit */
    NONE(table.volume[1].extent[0].first = 0);  /* the table's */
    NONE(table.volume[1].extent[0].first = 91); /* beyond the end */
    NONE(table.volume[1].extent[0].first = UINT32_MAX);
    NONE(table.volume[1].extent[0].units = UINT32_MAX);
    NONE(table.volume[1].extent[0].units = 0);
    NONE(table.volume[1].extents = 0);
    NONE(table.volume[1].extents = UINT32_MAX);
    NONE(memset(table.volume[1].name, 'x', VOLUME_NAME_BYTES));
    NONE(strcpy(table.volume[1].name, "a"));
    table = good;
    volume_table_seal(&table);
    for (size_t byte = 0; byte < sizeof(table); byte += 97) {
        ((uint8_t *)&table)[byte] ^= 0x10;
        cr_expect(not(volume_table_valid(&table, UNITS)), "byte %zu", byte);
        ((uint8_t *)&table)[byte] ^= 0x10;
    }
    cr_expect(volume_table_valid(&table, UNITS + 5), "the pool has grown");
}
