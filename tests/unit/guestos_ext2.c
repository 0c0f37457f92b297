/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest kernel's ext2, on images that mke2fs makes, judged by e2fsck and debugfs.
 *
 * The device is an image in memory that notes every write, so that a power cut can be tried after
 * each.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guestos/fs/ext2/ext2.h"
#include "guestos/fs/inode.h"
#include "guestos/kernel/errno.h"
#include "guestos/mm/allocate.h"
#include "tests/unit/guestos_support.h"

void *heap_allocate(size_t bytes)
{
    return calloc(1, bytes);
}

void heap_free(void *object)
{
    free(object);
}

/* ---- the device ------------------------------------------------------------------------------ */

struct written {
    uint64_t sector;
    uint32_t count;
    uint8_t *data;
};

struct image {
    struct block_device device;
    uint8_t *bytes;
    char path[64];
    struct written *log; /* NULL: not noted */
    uint32_t logged;
};

#define LOG_LIMIT 20000u

static int image_read(struct block_device *device, uint64_t sector, uint32_t count, void *to)
{
    struct image *image = CONTAINER(device, struct image, device);

    memcpy(to, image->bytes + sector * SECTOR_BYTES, count * SECTOR_BYTES);
    return 0;
}

static int image_write(struct block_device *device, uint64_t sector, uint32_t count,
                       const void *from)
{
    struct image *image = CONTAINER(device, struct image, device);

    memcpy(image->bytes + sector * SECTOR_BYTES, from, count * SECTOR_BYTES);
    if (image->log) {
        cr_assert_lt(image->logged, LOG_LIMIT);
        uint8_t *copy = malloc(count * SECTOR_BYTES);
        memcpy(copy, from, count * SECTOR_BYTES);
        image->log[image->logged++] = (struct written){sector, count, copy};
    }
    return 0;
}

static int run(const char *format, ...)
{
    char command[512];
    va_list list;

    va_start(list, format);
    vsnprintf(command, sizeof(command), format, list);
    va_end(list);
    int status = system(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* An image of this many kB, made with these options of mke2fs. */
static void image_make(struct image *image, const char *options, uint32_t kilobytes)
{
    *image = (struct image){.device = {.name = "test", .read = image_read, .write = image_write}};
    snprintf(image->path, sizeof(image->path), "/tmp/guestos-ext2-%d", getpid());
    cr_assert_eq(run("rm -f %s; PATH=$PATH:/sbin:/usr/sbin mke2fs -q -F %s %s %uk >%s.log 2>&1",
                     image->path, options, image->path, kilobytes, image->path),
                 0);
    image->device.sectors = kilobytes * 2;
    image->bytes = malloc(kilobytes * 1024);
    FILE *f = fopen(image->path, "rb");
    cr_assert_eq(fread(image->bytes, 1024, kilobytes, f), kilobytes);
    fclose(f);
}

static void image_save(const struct image *image, const uint8_t *bytes)
{
    FILE *f = fopen(image->path, "wb");

    fwrite(bytes, SECTOR_BYTES, image->device.sectors, f);
    fclose(f);
}

static int check(const struct image *image, const uint8_t *bytes, const char *how)
{
    image_save(image, bytes);
    return run("PATH=$PATH:/sbin:/usr/sbin e2fsck %s %s >%s.log 2>&1", how, image->path,
               image->path);
}

static void image_free(struct image *image)
{
    run("rm -f %s %s.log", image->path, image->path);
    for (uint32_t i = 0; i < image->logged; i++)
        free(image->log[i].data);
    free(image->log);
    free(image->bytes);
}

/* ---- files, as the kernel would make them ---------------------------------------------------- */

static int make(struct ext2 *fs, uint32_t directory, const char *name, uint32_t mode,
                uint32_t *inode)
{
    struct ext2_info info, parent;
    int error = ext2_inode_new(fs, directory, mode, inode);

    if (error)
        return error;
    info = (struct ext2_info){.mode = mode, .links = 1, .modified = fs->now};
    if ((mode & MODE_TYPE) == MODE_DIRECTORY) {
        info.links = 2;
        error = ext2_set_parent(fs, *inode, directory);
        if (!error)
            error = ext2_info_get(fs, directory, &parent);
        parent.links++;
        if (!error)
            error = ext2_info_set(fs, directory, &parent);
    }
    if (!error)
        error = ext2_enter(fs, directory, name, (uint32_t)strlen(name), *inode, mode);
    if (!error)
        error = ext2_info_set(fs, *inode, &info);
    if (error)
        ext2_inode_free(fs, *inode);
    return error;
}

static uint8_t pattern(uint32_t inode, uint32_t at)
{
    return (uint8_t)(inode * 31 + at / 7 + at / PAGE_SIZE * 13);
}

/* Writes pages first..end-1 whole, except that the last one ends at `size`. */
static int fill(struct ext2 *fs, uint32_t inode, uint32_t seed, uint32_t first, uint32_t size)
{
    struct ext2_info info;
    uint8_t page[PAGE_SIZE];
    int error = 0;

    for (uint32_t i = first; !error && i << PAGE_SHIFT < size; i++) {
        uint32_t end = MIN(size - (i << PAGE_SHIFT), PAGE_SIZE);

        for (uint32_t at = 0; at < PAGE_SIZE; at++)
            page[at] = at < end ? pattern(seed, (i << PAGE_SHIFT) + at) : 0;
        error = ext2_page_reserve(fs, inode, i, 0, end);
        if (!error)
            error = ext2_page_write(fs, inode, i, page);
    }
    if (!error)
        error = ext2_info_get(fs, inode, &info);
    info.size = size;
    return error ? error : ext2_info_set(fs, inode, &info);
}

static bool holds(struct ext2 *fs, uint32_t inode, uint32_t seed, uint32_t first, uint32_t size)
{
    struct ext2_info info;
    uint8_t page[PAGE_SIZE];

    if (ext2_info_get(fs, inode, &info) || info.size != size)
        return false;
    for (uint32_t at = 0; at < size; at++) {
        if (!(at % PAGE_SIZE) && ext2_page_read(fs, inode, at >> PAGE_SHIFT, size, page))
            return false;
        if (page[at % PAGE_SIZE] != (at >> PAGE_SHIFT < first ? 0 : pattern(seed, at)))
            return false;
    }
    return true;
}

static int drop(struct ext2 *fs, uint32_t directory, const char *name)
{
    uint32_t inode;
    struct ext2_info info, parent;
    int error = ext2_lookup(fs, directory, name, (uint32_t)strlen(name), &inode);

    if (!error)
        error = ext2_info_get(fs, inode, &info);
    if (!error)
        error = ext2_remove(fs, directory, name, (uint32_t)strlen(name));
    if (error)
        return error;
    if ((info.mode & MODE_TYPE) == MODE_DIRECTORY) {
        if ((error = ext2_info_get(fs, directory, &parent)))
            return error;
        parent.links--;
        if ((error = ext2_info_set(fs, directory, &parent)))
            return error;
    }
    return ext2_inode_free(fs, inode);
}

/*
 * Makes, changes and removes a few hundred files and directories; what stays is told by their
 * names.
 */
static void work(struct ext2 *fs, uint32_t from, uint32_t count)
{
    char name[64];
    uint32_t folder, inode;

    for (uint32_t i = from; i < from + count; i++) {
        snprintf(name, sizeof(name), "folder-%u", i);
        cr_assert_eq(make(fs, EXT2_ROOT, name, MODE_DIRECTORY | 0755, &folder), 0);
        for (uint32_t j = 0; j < 12; j++) {
            snprintf(name, sizeof(name), "a-file-with-number-%u", j);
            cr_assert_eq(make(fs, folder, name, MODE_REGULAR | 0644, &inode), 0);
            cr_assert_eq(fill(fs, inode, i * 100 + j, 0, j * j * 300 + j), 0);
        }
        for (uint32_t j = 0; j < 12; j += 3) {
            snprintf(name, sizeof(name), "a-file-with-number-%u", j);
            cr_assert_eq(drop(fs, folder, name), 0);
        }
    }
}

static bool work_holds(struct ext2 *fs, uint32_t from, uint32_t count)
{
    char name[64];
    uint32_t folder, inode;

    for (uint32_t i = from; i < from + count; i++) {
        int n = snprintf(name, sizeof(name), "folder-%u", i);

        if (ext2_lookup(fs, EXT2_ROOT, name, (uint32_t)n, &folder))
            return false;
        for (uint32_t j = 0; j < 12; j++) {
            n = snprintf(name, sizeof(name), "a-file-with-number-%u", j);
            int error = ext2_lookup(fs, folder, name, (uint32_t)n, &inode);
            if (j % 3 ? error || !holds(fs, inode, i * 100 + j, 0, j * j * 300 + j)
                      : error != -ENOENT)
                return false;
        }
    }
    return true;
}

static const struct {
    const char *options;
    uint32_t kilobytes;
} geometries[] = {
    {"-t ext2 -b 1024", 20000},
    {"-t ext2 -b 4096", 20000},
    {"-t ext2 -b 2048 -I 128 -O ^sparse_super,^dir_index,^resize_inode", 9000},
    {"-t ext2 -r 0 -b 1024", 12000},
    {"-t ext2 -b 1024 -g 1024 -N 2000", 9001},
    {"-t ext3 -b 1024", 20000},
    {"-t ext3 -b 4096", 20000},
    {"-t ext3 -b 2048 -O ^resize_inode -g 1024", 9000},
};

#define CUT_KILOBYTES 12000u

/* ---- tests ----------------------------------------------------------------------------------- */

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
Test(guestos_ext2, without_a_journal_a_power_cut_takes_only_what_was_not_synced)
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
Test(guestos_ext2, a_journal_leaves_nothing_to_repair)
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

Test(guestos_ext2, hostile_images)
{
    try_hostile_images("-t ext2 -b 1024 -g 512 -N 128", false);
}

Test(guestos_ext2, hostile_journals)
{
    try_hostile_images("-t ext3 -b 1024 -N 128 -J size=1", true);
}
