/* SPDX-License-Identifier: GPL-2.0-only */
/* guestos_ext2_support.c - see guestos_ext2_support.h */
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/guestos_ext2_support.h"

void *heap_allocate(size_t bytes)
{
    return calloc(1, bytes);
}

void heap_free(void *object)
{
    free(object);
}

/* ---- the device ------------------------------------------------------------------------------ */

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

int run(const char *format, ...)
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
static int make_volume(const struct image *image, const char *more, const char *options,
                       uint32_t kilobytes)
{
    return run("rm -f %s; PATH=$PATH:/sbin:/usr/sbin mke2fs -q -F %s %s %s %uk >%s.log 2>&1",
               image->path, more, options, image->path, kilobytes, image->path);
}

void image_make(struct image *image, const char *options, uint32_t kilobytes)
{
    static const char revision_0[] = "-r 0 ";
    bool old = !strncmp(options, revision_0, strlen(revision_0));

    *image = (struct image){.device = {.name = "test", .read = image_read, .write = image_write}};
    snprintf(image->path, sizeof(image->path), "/tmp/guestos-ext2-%d", getpid());
    if (!old || make_volume(image, "", options, kilobytes)) /* of e2fsprogs before 1.47.1 */
        cr_assert_eq(make_volume(image, old ? "-E revision=0" : "",
                                 options + (old ? strlen(revision_0) : 0), kilobytes),
                     0);
    image->device.sectors = kilobytes * 2;
    image->bytes = malloc(kilobytes * 1024);
    FILE *f = fopen(image->path, "rb");
    cr_assert_eq(fread(image->bytes, 1024, kilobytes, f), kilobytes);
    fclose(f);
}

void image_save(const struct image *image, const uint8_t *bytes)
{
    FILE *f = fopen(image->path, "wb");

    fwrite(bytes, SECTOR_BYTES, image->device.sectors, f);
    fclose(f);
}

int check(const struct image *image, const uint8_t *bytes, const char *how)
{
    image_save(image, bytes);
    return run("PATH=$PATH:/sbin:/usr/sbin e2fsck %s %s >%s.log 2>&1", how, image->path,
               image->path);
}

void image_free(struct image *image)
{
    run("rm -f %s %s.log", image->path, image->path);
    for (uint32_t i = 0; i < image->logged; i++)
        free(image->log[i].data);
    free(image->log);
    free(image->bytes);
}

/* ---- files, as the kernel would make them ---------------------------------------------------- */

int make(struct ext2 *fs, uint32_t directory, const char *name, uint32_t mode, uint32_t *inode)
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
int fill(struct ext2 *fs, uint32_t inode, uint32_t seed, uint32_t first, uint32_t size)
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

bool holds(struct ext2 *fs, uint32_t inode, uint32_t seed, uint32_t first, uint32_t size)
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

int drop(struct ext2 *fs, uint32_t directory, const char *name)
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
void work(struct ext2 *fs, uint32_t from, uint32_t count)
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

bool work_holds(struct ext2 *fs, uint32_t from, uint32_t count)
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
