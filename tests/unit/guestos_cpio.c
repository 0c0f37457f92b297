/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest kernel's archive reader: good archives, and every way in which one can be broken. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "guestos/fs/cpio.h"
#include "tests/unit/guestos_support.h"

/* Appends an entry; the sizes in its header can be lies. */
static uint32_t append(char *at, const char *name, uint32_t name_bytes, uint32_t mode,
                       const char *data, uint32_t bytes)
{
    uint32_t n = (uint32_t)sprintf(at, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
                                   1, mode, 0, 0, 1, 1000, bytes, 0, 0, 5, 1, name_bytes, 0);

    n += (uint32_t)sprintf(at + n, "%s", name) + 1;
    while (n % 4)
        at[n++] = '\0';
    memcpy(at + n, data, strlen(data));
    n += (uint32_t)strlen(data);
    while (n % 4)
        at[n++] = '\0';
    return n;
}

static uint32_t good(char *archive)
{
    uint32_t n = append(archive, "./etc", 6, 040755, "", 0);

    n += append(archive + n, "etc/motd", 9, 0100644, "hello", 5);
    return n + append(archive + n, "TRAILER!!!", 11, 0, "", 0);
}

Test(guestos_cpio, reads_names_modes_and_contents)
{
    char archive[1024];
    struct cpio cpio;
    struct cpio_entry entry;

    cpio_open(&cpio, archive, good(archive));
    cr_assert_eq(cpio_next(&cpio, &entry), CPIO_ENTRY);
    cr_assert_str_eq(entry.name, "etc");
    cr_assert_eq(entry.mode, 040755);
    cr_assert_eq(cpio_next(&cpio, &entry), CPIO_ENTRY);
    cr_assert_str_eq(entry.name, "etc/motd");
    cr_assert_eq(entry.bytes, 5);
    cr_assert_eq(memcmp(entry.data, "hello", 5), 0);
    cr_assert_eq(entry.device, 0x501);
    cr_assert_eq(cpio_next(&cpio, &entry), CPIO_END);
}

Test(guestos_cpio, refuses_lies)
{
    static const struct {
        uint32_t name_bytes, bytes;
        const char *what;
    } cases[] = {
        {0, 3, "a name of no bytes"},
        {0xffffffff, 3, "a name of 4 GB"},
        {0xffffff92, 3, "a name whose end wraps around"},
        {4097, 3, "a name too long"},
        {60, 3, "a name beyond the archive"},
        {3, 3, "a name without its NUL"},
        {5, 1000, "contents beyond the archive"},
        {5, 0xffffffff, "contents of 4 GB"},
        {5, 0xfffffff0, "contents whose end wraps around"},
    };

    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char archive[256] = "";
        uint32_t n = append(archive, "name", cases[i].name_bytes, 0100644, "abc", cases[i].bytes);
        struct cpio cpio;
        struct cpio_entry entry;

        cpio_open(&cpio, archive, n);
        cr_expect_eq(cpio_next(&cpio, &entry), CPIO_BROKEN, "%s is accepted", cases[i].what);
    }
}

Test(guestos_cpio, every_truncation_is_seen_and_nothing_beyond_is_read)
{
    char archive[1024];
    uint32_t bytes = good(archive);

    for (uint32_t cut = 0; cut < bytes; cut++) {
        char *copy = malloc(cut + 1); /* its own block, so that sanitizers see a read beyond it */

        memcpy(copy, archive, cut);
        struct cpio cpio;
        struct cpio_entry entry;
        enum cpio_result result;
        cpio_open(&cpio, copy, cut);
        while ((result = cpio_next(&cpio, &entry)) == CPIO_ENTRY)
            ;
        cr_expect(result == CPIO_BROKEN || cut >= bytes - 4, "cut at %u of %u is not seen", cut,
                  bytes);
        free(copy);
    }
}

Test(guestos_cpio, random_bytes_end)
{
    uint32_t seed = 7;

    for (int round = 0; round < 20000; round++) {
        char archive[512];
        uint32_t n = good(archive);

        for (int i = 0; i < 4; i++) {
            seed = seed * 1664525 + 1013904223;
            archive[(seed >> 8) % n] = (char)(seed >> 24);
        }
        struct cpio cpio;
        struct cpio_entry entry;
        int entries = 0;
        cpio_open(&cpio, archive, n);
        while (cpio_next(&cpio, &entry) == CPIO_ENTRY) {
            cr_assert(entry.data + entry.bytes <= (const uint8_t *)archive + n);
            cr_assert_lt(++entries, 10);
        }
    }
}
