/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * guestos_ext2_support.h - volumes that mke2fs makes, for the tests of the guest kernel's ext2
 *
 * The device is an image in memory that can note every write, so that a power cut can be tried
 * after each. Whatever the host's tools refuse fails the test.
 */
#ifndef XENOLITH_TESTS_GUESTOS_EXT2_SUPPORT_H
#define XENOLITH_TESTS_GUESTOS_EXT2_SUPPORT_H

#include "guestos/fs/ext2/ext2.h"
#include "guestos/fs/inode.h"
#include "guestos/kernel/errno.h"
#include "guestos/mm/allocate.h"
#include "tests/unit/guestos_support.h"

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

/* Runs a command of the host's shell, printf-like; its exit status. */
int run(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A volume by mke2fs with these options; into a file for the host's tools; what e2fsck says of
 * these bytes. */
void image_make(struct image *image, const char *options, uint32_t kilobytes);
void image_save(const struct image *image, const uint8_t *bytes);
int check(const struct image *image, const uint8_t *bytes, const char *how);
void image_free(struct image *image);

/* Files, as the kernel would make them: an inode with a name, contents that a seed decides, whether
 * they are there, and gone. Errors as the file system's. */
int make(struct ext2 *fs, uint32_t directory, const char *name, uint32_t mode, uint32_t *inode);
int fill(struct ext2 *fs, uint32_t inode, uint32_t seed, uint32_t first, uint32_t size);
bool holds(struct ext2 *fs, uint32_t inode, uint32_t seed, uint32_t first, uint32_t size);
int drop(struct ext2 *fs, uint32_t directory, const char *name);

/* A tree of folders from number `from`, and whether it is there. */
void work(struct ext2 *fs, uint32_t from, uint32_t count);
bool work_holds(struct ext2 *fs, uint32_t from, uint32_t count);

#endif
