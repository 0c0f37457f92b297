/* SPDX-License-Identifier: GPL-2.0-only */
/* sim_saved.c - saved states: tables of every device, the file, and what is refused of it */
#include "sim/state/archive.h"
#include "sim/state/pages.h"
#include "sim/state/parts.h"
#include "tests/unit/saved_tables.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

Test(sim_saved, tables_name_every_member_and_bring_back_every_byte)
{
    saved_expect_tables(devices_tables);
    saved_expect_tables(disk_tables);
    saved_expect_tables(network_tables);
    saved_expect_tables(hosts_tables);
    saved_expect_tables(machine_tables);
    saved_expect_tables(account_tables);
}

/* ---- passes ---------------------------------------------------------------------------------- */

struct pair {
    uint32_t small, other;
};

#define SAVED_TYPE struct pair
static const struct saved_field pair_fields[] = {SAVED_UP_TO(small, uint32_t, 9), SAVED(other)};
SAVED_TABLE(pair)
static const struct saved_field renamed_fields[] = {{SAVED_AT(small), .kind = SAVED_BYTES},
                                                    {.name = "newer", .offset = 4, .bytes = 4}};
SAVED_TABLE(renamed)
static const struct saved_field partial_fields[] = {SAVED(small)};
SAVED_TABLE(partial)
#undef SAVED_TYPE

/* What is said when `from`, saved by one table, is loaded by another; "" if nothing is. */
static const char *load_by(const struct saved_table *saved_by, const struct saved_table *loaded_by,
                           struct pair from)
{
    static struct saved_memory memory;
    static struct saved in;
    struct saved out = {.move = memory_take, .owner = &memory};
    struct pair to = {0, 0};

    memory.used = memory.read = 0;
    in = (struct saved){.loading = true, .move = memory_give, .owner = &memory};
    saved_struct(&out, saved_by, &from);
    saved_struct(&in, loaded_by, &to);
    return in.why;
}

Test(sim_saved, a_member_that_no_table_names_is_found)
{
    cr_expect_eq(saved_misses(&partial_table), 4);
    cr_expect_eq(saved_misses(&pair_table), NOT_MISSED);
}

Test(sim_saved, what_another_version_saved_is_refused_by_name)
{
    cr_expect_str_eq(load_by(&pair_table, &pair_table, (struct pair){9, 1}), "");
    cr_expect(strstr(load_by(&pair_table, &pair_table, (struct pair){10, 1}), "small of pair"));
    cr_expect(
        strstr(load_by(&pair_table, &renamed_table, (struct pair){1, 1}), "newer of renamed"));
    cr_expect(strstr(load_by(&partial_table, &pair_table, (struct pair){1, 1}), "ends"));
}

/* ---- the file -------------------------------------------------------------------------------- */

#define RAM_PAGES 1500u

static uint8_t *ram_new(void)
{
    uint8_t *ram =
        mmap(NULL, RAM_PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    cr_assert(ram != MAP_FAILED);
    return ram;
}

static const char *path(void)
{
    static char name[64];

    snprintf(name, sizeof(name), "/tmp/xenolith-saved-%ld", (long)getpid());
    return name;
}

/* Memory of which many pages are equal, some are zeros, and all of a group are the last page's. */
static void save_ram(uint8_t *ram)
{
    struct archive archive;
    char why[SAVED_WHY_BYTES] = "";

    for (uint32_t page = 0; page < RAM_PAGES; page++)
        if (page % 5)
            memset(ram + page * 4096, (int)(page % 7), 4000 + page % 3);
    cr_assert(archive_create(&archive, path(), why), "%s", why);
    pages_saved(&archive.saved, ram, RAM_PAGES * 4096);
    cr_assert(archive_finish(&archive, true, why), "%s", why);
}

/* What is said when the file is loaded. */
static const char *load_ram(uint8_t *ram)
{
    static char why[SAVED_WHY_BYTES];
    struct archive archive;

    why[0] = 0;
    if (archive_open(&archive, path(), why)) {
        pages_saved(&archive.saved, ram, RAM_PAGES * 4096);
        archive_finish(&archive, true, why);
    }
    return why;
}

Test(sim_saved, memory_comes_back_and_equal_pages_are_there_once)
{
    uint8_t *one = ram_new(), *other = ram_new();
    struct stat status;

    memset(other, 0xff, RAM_PAGES * 4096);
    save_ram(one);
    cr_expect_str_eq(load_ram(other), "");
    cr_expect(!memcmp(one, other, RAM_PAGES * 4096));
    cr_assert_eq(stat(path(), &status), 0);
    cr_expect_lt(status.st_size, 8192, "%lld bytes", (long long)status.st_size);
    unlink(path());
}

/* The file with its first `bytes`, and byte `at` changed by `by`. */
static const char *load_changed(size_t bytes, size_t at, uint8_t by)
{
    static uint8_t content[1 << 16];
    uint8_t *ram = ram_new();
    FILE *file;
    size_t whole;
    const char *why;

    save_ram(ram);
    file = fopen(path(), "r");
    cr_assert(file);
    whole = fread(content, 1, sizeof(content), file);
    fclose(file);
    if (at < whole)
        content[at] ^= by;
    file = fopen(path(), "w");
    cr_assert(file);
    fwrite(content, 1, bytes < whole ? bytes : whole, file);
    fclose(file);
    why = load_ram(ram);
    munmap(ram, RAM_PAGES * 4096);
    unlink(path());
    return why;
}

Test(sim_saved, files_that_are_none_or_cut_or_changed_are_refused)
{
    const size_t all = SIZE_MAX;

    cr_expect_str_eq(load_changed(all, all, 0), "");
    cr_expect(strstr(load_changed(all, 0, 1), "is no saved state"));
    cr_expect(strstr(load_changed(7, all, 0), "is no saved state"));
    cr_expect(strstr(load_changed(31, all, 0), "was cut off"));
    cr_expect(strstr(load_changed(100, all, 0), "was cut off"));
    cr_expect(strstr(load_changed(all, 8, 2), "form 3"));
    cr_expect(strstr(load_changed(all, 12, 1), "damaged"));
    for (size_t at = 16; at < 300; at += 7)
        cr_expect(strlen(load_changed(all, at, 0x10)), "byte %zu", at);
}
