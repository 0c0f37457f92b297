/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Disks: the guest kernel mounts what the input says, reads every file of the first directories,
 * and then changes what it finds. Of a volume that it refuses it says why.
 */
#include "guestos/fs/ext2/ext2.h"
#include "guestos/fs/inode.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/allocate.h"
#include "tests/fire/fuzz.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALLOCATION_LIMIT (1u << 20)
#define DEPTH            3
#define ITEMS            16
#define DISK_BYTES       (64u << 10)

struct disk {
    struct block_device device;
    uint8_t *bytes;
};

void *heap_allocate(size_t bytes)
{
    return bytes <= ALLOCATION_LIMIT ? calloc(1, bytes) : NULL;
}

void heap_free(void *object)
{
    free(object);
}

void panic(const char *text, ...)
{
    fuzz_promise(0, text);
    abort();
}

void kprintf(const char *format, ...)
{
    char line[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
}

static int disk_read(struct block_device *device, uint64_t sector, uint32_t count, void *to)
{
    memcpy(to, ((struct disk *)device)->bytes + sector * SECTOR_BYTES, count * SECTOR_BYTES);
    return 0;
}

static int disk_write(struct block_device *device, uint64_t sector, uint32_t count,
                      const void *from)
{
    memcpy(((struct disk *)device)->bytes + sector * SECTOR_BYTES, from, count * SECTOR_BYTES);
    return 0;
}

static void visit(struct ext2 *fs, uint32_t directory, int depth)
{
    static struct ext2_item item; /* used before the next visit */
    uint32_t offset = 0, inode;
    struct ext2_info info;
    char page[PAGE_SIZE];

    for (int i = 0; i < ITEMS && ext2_next(fs, directory, &offset, &item) == 1; i++) {
        uint32_t found = item.inode;

        fuzz_promise(memchr(item.name, 0, sizeof(item.name)) != NULL, "a name ends");
        ext2_lookup(fs, directory, item.name, (uint32_t)strlen(item.name), &inode);
        if (ext2_info_get(fs, found, &info))
            continue;
        for (uint32_t index = 0; index < 4; index++)
            ext2_page_read(fs, found, index, info.size, page);
        ext2_page_read(fs, found, info.size >> PAGE_SHIFT, info.size, page);
        ext2_target_get(fs, found, page);
        if ((info.mode & MODE_TYPE) == MODE_DIRECTORY && depth > 0)
            visit(fs, found, depth - 1);
    }
}

static void change(struct ext2 *fs)
{
    struct ext2_info info = {.mode = MODE_REGULAR | 0644, .links = 1};
    char page[PAGE_SIZE] = "new";
    uint32_t inode, offset = 0;
    struct ext2_item item;

    if (!ext2_inode_new(fs, EXT2_ROOT, info.mode, &inode)) {
        for (uint32_t index = 0; index < 20; index += 3)
            if (!ext2_page_reserve(fs, inode, index, 0, PAGE_SIZE))
                ext2_page_write(fs, inode, index, page);
        ext2_info_set(fs, inode, &info);
        ext2_enter(fs, EXT2_ROOT, "new", 3, inode, info.mode);
        ext2_resize(fs, inode, 5000);
    }
    for (int i = 0; i < ITEMS && ext2_next(fs, EXT2_ROOT, &offset, &item) == 1; i++) {
        ext2_resize(fs, item.inode, 1000);
        if (i % 2 && !ext2_remove(fs, EXT2_ROOT, item.name, (uint32_t)strlen(item.name)))
            ext2_inode_free(fs, item.inode);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct disk disk = {.device = {.name = "fuzz",
                                   .sectors = DISK_BYTES / SECTOR_BYTES,
                                   .read = disk_read,
                                   .write = disk_write}};
    struct ext2 fs;

    disk.bytes = fuzz_allocate(DISK_BYTES);
    memcpy(disk.bytes, data, size < DISK_BYTES ? size : DISK_BYTES);
    if (!ext2_mount(&fs, &disk.device, false, 1)) {
        visit(&fs, EXT2_ROOT, DEPTH);
        change(&fs);
        ext2_sync(&fs);
        visit(&fs, EXT2_ROOT, 1);
        ext2_stop(&fs);
        ext2_drop(&fs);
    } else {
        ext2_explain_refusal(&disk.device);
    }
    free(disk.bytes);
    return 0;
}
