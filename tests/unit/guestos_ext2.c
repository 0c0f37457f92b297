/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest kernel's ext2, on images that mke2fs makes, judged by e2fsck and debugfs. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/guestos_ext2_support.h"

static const struct {
    const char *options;
    uint32_t kilobytes;
} geometries[] = {
    {"-t ext2 -b 1024", 20000},
    {"-t ext2 -b 4096", 20000},
    {"-t ext2 -b 2048 -I 128 -O ^sparse_super,^dir_index,^resize_inode", 9000},
    {"-r 0 -t ext2 -b 1024", 12000},
    {"-t ext2 -b 1024 -g 1024 -N 2000", 9001},
    {"-t ext3 -b 1024", 20000},
    {"-t ext3 -b 4096", 20000},
    {"-t ext3 -b 2048 -O ^resize_inode -g 1024", 9000},
};

Test(guestos_ext2, e2fsck_finds_nothing_after_an_orderly_end)
{
    for (uint32_t g = 0; g < ARRAY_LENGTH(geometries); g++) {
        struct image image;
        struct ext2 fs;
        uint32_t inode, big;

        image_make(&image, geometries[g].options, geometries[g].kilobytes);
        cr_assert_eq(ext2_mount(&fs, &image.device, false, 1700000000), 0);
        work(&fs, 0, 10);
        cr_assert_eq(ext2_sync(&fs), 0);
        work(&fs, 10, 10);
        /* A hole, then a double indirect block. */
        cr_assert_eq(make(&fs, EXT2_ROOT, "big", MODE_REGULAR | 0600, &big), 0);
        cr_assert_eq(fill(&fs, big, 5, 300, 1700000), 0);
        cr_assert_eq(make(&fs, EXT2_ROOT, "shorter", MODE_REGULAR | 0600, &inode), 0);
        cr_assert_eq(fill(&fs, inode, 6, 0, 900000), 0);
        cr_assert_eq(ext2_resize(&fs, inode, 30000), 0);
        cr_assert_eq(make(&fs, EXT2_ROOT, "link", MODE_LINK | 0777, &inode), 0);
        cr_assert_eq(ext2_target_set(&fs, inode, "folder-3"), 0);
        char target[200];
        memset(target, 't', 199);
        target[199] = '\0';
        cr_assert_eq(make(&fs, EXT2_ROOT, "long-link", MODE_LINK | 0777, &inode), 0);
        cr_assert_eq(ext2_target_set(&fs, inode, target), 0);
        cr_assert(holds(&fs, big, 5, 300, 1700000) && work_holds(&fs, 0, 20));
        cr_assert_eq(ext2_stop(&fs), 0);
        ext2_drop(&fs);
        cr_expect_eq(check(&image, image.bytes, "-fn"), 0, "%s: e2fsck complains",
                     geometries[g].options);
        cr_expect_eq(run("PATH=$PATH:/sbin:/usr/sbin debugfs -R 'stat long-link' %s 2>&1 |"
                         " grep -q 'Size: 199'",
                         image.path),
                     0);
        cr_expect_eq(run("PATH=$PATH:/sbin:/usr/sbin debugfs -R 'cat shorter' %s 2>/dev/null |"
                         " wc -c | grep -qx 30000",
                         image.path),
                     0);
        /* Again, from the device. */
        cr_assert_eq(ext2_mount(&fs, &image.device, false, 1700000001), 0);
        cr_expect(work_holds(&fs, 0, 20));
        ext2_drop(&fs);
        image_free(&image);
    }
}

Test(guestos_ext2, removing_everything_gives_everything_back)
{
    for (uint32_t g = 0; g < ARRAY_LENGTH(geometries); g++) {
        struct image image;
        struct ext2 fs;
        char name[64];

        image_make(&image, geometries[g].options, geometries[g].kilobytes);
        cr_assert_eq(ext2_mount(&fs, &image.device, false, 1700000000), 0);
        uint32_t blocks = fs.super->free_blocks, inodes = fs.super->free_inodes;
        work(&fs, 0, 3);
        uint32_t folder;
        for (uint32_t i = 0; i < 3; i++) {
            int n = snprintf(name, sizeof(name), "folder-%u", i);

            cr_assert_eq(ext2_lookup(&fs, EXT2_ROOT, name, (uint32_t)n, &folder), 0);
            for (uint32_t j = 0; j < 12; j++)
                if (j % 3) {
                    snprintf(name, sizeof(name), "a-file-with-number-%u", j);
                    cr_assert_eq(drop(&fs, folder, name), 0);
                }
            snprintf(name, sizeof(name), "folder-%u", i);
            cr_assert_eq(drop(&fs, EXT2_ROOT, name), 0);
        }
        cr_expect_eq(fs.super->free_blocks, blocks);
        cr_expect_eq(fs.super->free_inodes, inodes);
        cr_assert_eq(ext2_stop(&fs), 0);
        ext2_drop(&fs);
        cr_expect_eq(check(&image, image.bytes, "-fn"), 0, "%s", geometries[g].options);
        image_free(&image);
    }
}

Test(guestos_ext2, a_full_volume_is_enospc_and_sound)
{
    struct image image;
    struct ext2 fs;
    uint32_t inode;

    image_make(&image, "-t ext2 -b 1024", 1000);
    cr_assert_eq(ext2_mount(&fs, &image.device, false, 1700000000), 0);
    cr_assert_eq(make(&fs, EXT2_ROOT, "all", MODE_REGULAR | 0644, &inode), 0);
    cr_expect_eq(fill(&fs, inode, 1, 0, 2000000), -ENOSPC);
    uint32_t other;
    cr_expect_eq(make(&fs, EXT2_ROOT, "folder", MODE_DIRECTORY | 0755, &other), -ENOSPC);
    cr_expect_eq(ext2_resize(&fs, inode, 0), 0);
    cr_assert_eq(ext2_sync(&fs), 0);
    cr_expect_eq(fill(&fs, inode, 1, 0, 500000), 0);
    cr_assert_eq(ext2_stop(&fs), 0);
    cr_expect(holds(&fs, inode, 1, 0, 500000));
    ext2_drop(&fs);
    cr_expect_eq(check(&image, image.bytes, "-fn"), 0);
    image_free(&image);
}

Test(guestos_ext2, unknown_features_are_refused)
{
    static const struct {
        const char *options;
        bool read_only;
        int error;
    } cases[] = {
        {"-t ext4", false, -EOPNOTSUPP},
        {"-t ext4", true, -EOPNOTSUPP},
        {"-t ext2 -O metadata_csum,^resize_inode", false, -EROFS},
        {"-t ext2 -O metadata_csum,^resize_inode", true, 0},
        {"-t ext2 -O meta_bg,^resize_inode", false, -EOPNOTSUPP},
    };

    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        struct image image;
        struct ext2 fs;

        image_make(&image, cases[i].options, 8000);
        int error = ext2_mount(&fs, &image.device, cases[i].read_only, 1);
        cr_expect_eq(error, cases[i].error, "%s: %d", cases[i].options, error);
        if (!error)
            ext2_drop(&fs);
        image_free(&image);
    }
}
