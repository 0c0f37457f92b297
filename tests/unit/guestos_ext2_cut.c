/* SPDX-License-Identifier: GPL-2.0-only */
/* Volumes that lost power at any write, and volumes that somebody has broken on purpose. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/guestos_ext2_support.h"

#define CUT_KILOBYTES 12000u

/* A state to be lost in part: synced files, then newer ones whose sync is what the log holds. */
static uint8_t *lose_power_at_will(struct image *image, const char *options)
{
    struct ext2 fs;
    uint32_t inode, orphan = 0, kept;

    image_make(image, options, CUT_KILOBYTES);
    cr_assert_eq(ext2_mount(&fs, &image->device, false, 1700000000), 0);
    work(&fs, 0, 4);
    cr_assert_eq(make(&fs, EXT2_ROOT, "open", MODE_REGULAR | 0600, &kept), 0);
    cr_assert_eq(fill(&fs, kept, 9, 0, 50000), 0);
    cr_assert_eq(ext2_sync(&fs), 0);
    uint8_t *base = malloc(CUT_KILOBYTES * 1024);
    memcpy(base, image->bytes, CUT_KILOBYTES * 1024);
    image->log = calloc(LOG_LIMIT, sizeof(*image->log));
    /*
     * New files, removed ones, blocks that could be used again too early, one that is open without
     * a name; and all of it in several syncs.
     */
    work(&fs, 10, 2);
    cr_assert_eq(ext2_lookup(&fs, EXT2_ROOT, "folder-3", 8, &inode), 0);
    cr_assert_eq(drop(&fs, inode, "a-file-with-number-11"), 0);
    cr_assert_eq(ext2_remove(&fs, EXT2_ROOT, "open", 4), 0);
    struct ext2_info info = {.mode = MODE_REGULAR | 0600, .size = 50000, .modified = fs.now};
    cr_assert_eq(ext2_info_set(&fs, kept, &info), 0);
    cr_assert_eq(ext2_orphan_add(&fs, kept, &orphan), 0);
    ext2_orphans_set(&fs, orphan);
    cr_assert_eq(ext2_sync(&fs), 0);
    work(&fs, 20, 1);
    cr_assert_eq(drop(&fs, inode, "a-file-with-number-10"), 0);
    cr_assert_eq(ext2_sync(&fs), 0);
    cr_assert_eq(ext2_orphans_free(&fs), 0);
    work(&fs, 21, 1);
    cr_assert_eq(ext2_stop(&fs), 0);
    ext2_drop(&fs);
    return base;
}

/* The device after n writes and some bytes of the next one. */
static void cut_after(const struct image *image, const uint8_t *base, uint8_t *cut, uint32_t n,
                      uint32_t bytes)
{
    memcpy(cut, base, CUT_KILOBYTES * 1024);
    for (uint32_t i = 0; i < n; i++)
        memcpy(cut + image->log[i].sector * SECTOR_BYTES, image->log[i].data,
               image->log[i].count * SECTOR_BYTES);
    if (n < image->logged)
        memcpy(cut + image->log[n].sector * SECTOR_BYTES, image->log[n].data,
               MIN(bytes, image->log[n].count * SECTOR_BYTES));
}

static void image_load(struct image *image)
{
    FILE *f = fopen(image->path, "rb");

    cr_assert_eq(fread(image->bytes, SECTOR_BYTES, image->device.sectors, f),
                 image->device.sectors);
    fclose(f);
}

/*
 * Without a journal: after a cut at any write, e2fsck can repair the volume, and what was synced
 * before is there.
 */
Test(guestos_ext2_cut, without_a_journal_a_power_cut_takes_only_what_was_not_synced)
{
    struct image image;
    struct ext2 fs;
    uint8_t *base = lose_power_at_will(&image, "-t ext2 -b 1024"),
            *cut = malloc(CUT_KILOBYTES * 1024);
    uint32_t repaired = 0;

    for (uint32_t n = 0; n <= image.logged; n += 17) {
        cut_after(&image, base, cut, n, 0);
        int status = check(&image, cut, "-fy");
        cr_assert(status == 0 || status == 1, "cut after %u of %u writes: e2fsck -y gives %d", n,
                  image.logged, status);
        repaired += status == 1;
        image_load(&image);
        cr_assert_eq(ext2_mount(&fs, &image.device, true, 1700000000), 0);
        cr_expect(work_holds(&fs, 0, 3), "cut after %u of %u writes: a synced file is lost", n,
                  image.logged);
        ext2_drop(&fs);
    }
    cr_expect_gt(repaired, 0, "no cut was in the middle of anything");
    free(base);
    free(cut);
    image_free(&image);
}

/* With one: nothing is to be repaired, at any write and in the middle of any, whoever replays. */
Test(guestos_ext2_cut, a_journal_leaves_nothing_to_repair)
{
    static const char *const options[] = {"-t ext3 -b 1024", "-t ext3 -b 4096 -J size=4"};
    static const uint32_t torn[] = {0, 1, 8, 11, 12, 31, 512, 1000};

    for (uint32_t o = 0; o < ARRAY_LENGTH(options); o++) {
        struct image image;
        struct ext2 fs;
        uint8_t *base = lose_power_at_will(&image, options[o]), *cut = malloc(CUT_KILOBYTES * 1024);
        uint32_t replayed = 0;

        for (uint32_t n = 0, step = 0; n <= image.logged; n += 11, step++) {
            uint32_t bytes = torn[step % ARRAY_LENGTH(torn)];

            cut_after(&image, base, cut, n, bytes);
            cr_expect_eq(check(&image, cut, "-E journal_only -y"), 0, "%s", options[o]);
            cr_expect_eq(run("PATH=$PATH:/sbin:/usr/sbin e2fsck -fn %s >%s.log 2>&1", image.path,
                             image.path),
                         0, "%s: cut after %u of %u writes and %u bytes: e2fsck complains",
                         options[o], n, image.logged, bytes);
            uint8_t *by_e2fsck = malloc(CUT_KILOBYTES * 1024);
            image_load(&image);
            memcpy(by_e2fsck, image.bytes, CUT_KILOBYTES * 1024);
            replayed += memcmp(by_e2fsck, cut, CUT_KILOBYTES * 1024) != 0;
            free(by_e2fsck);
            memcpy(image.bytes, cut, CUT_KILOBYTES * 1024);
            uint32_t logged = image.logged;
            struct written *log = image.log;
            image.log = NULL;
            cr_assert_eq(ext2_mount(&fs, &image.device, false, 1700000000), 0);
            cr_expect(work_holds(&fs, 0, 3), "%s: cut after %u of %u writes: a synced file is lost",
                      options[o], n, logged);
            cr_expect_eq(ext2_stop(&fs), 0);
            ext2_drop(&fs);
            image.log = log;
            cr_expect_eq(check(&image, image.bytes, "-fn"), 0,
                         "%s: cut after %u of %u writes and %u bytes: our replay", options[o], n,
                         logged, bytes);
        }
        cr_expect_gt(replayed, 10, "hardly a cut left anything to replay");
        free(base);
        free(cut);
        image_free(&image);
    }
}

/* Broken images must give errors, not crashes or endless loops. */
static void try_hostile_images(const char *options, bool dirty)
{
    struct image image;
    struct ext2 fs;

    image_make(&image, options, 3000);
    cr_assert_eq(ext2_mount(&fs, &image.device, false, 1), 0);
    work(&fs, 0, 3);
    cr_assert_eq(dirty ? ext2_sync(&fs) : ext2_stop(&fs), 0);
    uint32_t log = fs.has_journal ? fs.journal.place[0] * fs.block_size : 1024;
    if (dirty) /* as if the last commit's end had not reached the device */
        image.bytes[log + 27]--;
    ext2_drop(&fs);
    uint32_t bytes = 3000 * 1024, seed = 1, mounted = 0;
    uint8_t *base = malloc(bytes);
    memcpy(base, image.bytes, bytes);
    for (uint32_t round = 0; round < 4000; round++) {
        memcpy(image.bytes, base, bytes);
        for (uint32_t i = 0; i < 1 + round % 12; i++) {
            seed = seed * 1664525 + 1013904223;
            uint32_t where = round % 3 ? 1024 + (seed >> 8) % 60000 : 1024 + (seed >> 8) % 3000;
            if (dirty && round % 4)
                where = log + (seed >> 8) % (round % 8 < 4 ? 1200 : 20000);
            seed = seed * 1664525 + 1013904223;
            image.bytes[where] = (uint8_t)(seed >> 24);
        }
        if (ext2_mount(&fs, &image.device, false, 1))
            continue;
        mounted++;
        struct ext2_item item;
        uint32_t offset = 0, inode;
        char target[4096];
        while (ext2_next(&fs, EXT2_ROOT, &offset, &item) > 0) {
            struct ext2_info info;
            uint32_t inner = 0;
            struct ext2_item below;

            if (!ext2_info_get(&fs, item.inode, &info) && (info.mode & MODE_TYPE) == MODE_LINK)
                ext2_target_get(&fs, item.inode, target);
            while (ext2_next(&fs, item.inode, &inner, &below) > 0)
                holds(&fs, below.inode, 1, 0, 3000);
        }
        if (!make(&fs, EXT2_ROOT, "new", MODE_REGULAR | 0644, &inode))
            fill(&fs, inode, 1, 0, 40000);
        drop(&fs, EXT2_ROOT, "folder-1");
        drop(&fs, EXT2_ROOT, "new");
        ext2_stop(&fs);
        ext2_drop(&fs);
    }
    cr_expect_gt(mounted, 100);
    free(base);
    image_free(&image);
}

Test(guestos_ext2_cut, hostile_images)
{
    try_hostile_images("-t ext2 -b 1024 -g 512 -N 128", false);
}

Test(guestos_ext2_cut, hostile_journals)
{
    try_hostile_images("-t ext3 -b 1024 -N 128 -J size=1", true);
}
