/* SPDX-License-Identifier: GPL-2.0-only */
/* pool.c - see pool.h */
#include "workloads/dom0/volumes/pool.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define UNIT_BYTES (VOLUME_UNIT_SECTORS * 512u)
#define CHUNK      4096u

static const char *const names[] = {"hda", "hda1", "hda2", "hda3", "hda4",
                                    "hdb", "hdb1", "hdb2", "hdb3", "hdb4"};

const char *pool_name(unsigned n)
{
    return n < sizeof(names) / sizeof(names[0]) ? names[n] : NULL;
}

static bool is_name(const char *name)
{
    for (unsigned i = 0; pool_name(i); i++)
        if (strcmp(pool_name(i), name) == 0)
            return true;
    return false;
}

void pool_close(struct pool *pool)
{
    if (pool->fd >= 0)
        close(pool->fd);
    pool->fd = -1;
}

/* Opens the disk and takes its size; the table is not read. */
static int open_disk(struct pool *pool, const char *name, bool change)
{
    char path[sizeof("/dev/") + POOL_NAME_BYTES];
    unsigned long long bytes;

    pool->fd = -1;
    if (!is_name(name))
        return -ENODEV;
    strcpy(pool->name, name);
    snprintf(path, sizeof(path), "/dev/%s", name);
    pool->fd = open(path, (change ? O_RDWR : O_RDONLY) | O_CLOEXEC);
    if (pool->fd < 0)
        return errno == ENOENT || errno == ENXIO ? -ENODEV : -errno;
    if (ioctl(pool->fd, BLKGETSIZE64, &bytes) < 0 || (change && flock(pool->fd, LOCK_EX) < 0)) {
        int error = -errno;

        pool_close(pool);
        return error;
    }
    bytes /= UNIT_BYTES;
    pool->units = bytes < VOLUME_UNITS_MOST ? (uint32_t)bytes : VOLUME_UNITS_MOST;
    return 0;
}

static int read_all(int fd, void *to, size_t bytes, off_t at)
{
    for (size_t done = 0; done < bytes;) {
        ssize_t n = pread(fd, (char *)to + done, bytes - done, at + (off_t)done);

        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        done += (size_t)n;
    }
    return 0;
}

/* -ENODEV: neither copy is a table. */
static int read_table(struct pool *pool)
{
    static struct volume_table copy;
    bool found = false;

    if (pool->units < 2)
        return -ENODEV;
    for (unsigned i = 0; i < VOLUME_COPIES; i++) {
        int error = read_all(pool->fd, &copy, sizeof(copy), VOLUME_COPY_AT(i));

        if (error)
            return error;
        if (!volume_table_valid(&copy, pool->units) ||
            (found && copy.generation <= pool->table.generation))
            continue;
        pool->table = copy;
        pool->copy = i;
        found = true;
    }
    return found ? 0 : -ENODEV;
}

int pool_open(struct pool *pool, const char *name, bool change)
{
    int error = open_disk(pool, name, change);

    if (!error)
        error = read_table(pool);
    if (error)
        pool_close(pool);
    return error;
}

/* The first MB is zeros: 1, it is not: 0, or -Exxx. */
static int is_blank(const struct pool *pool)
{
    static const char zeros[CHUNK];
    char chunk[CHUNK];

    for (off_t at = 0; at < (off_t)UNIT_BYTES; at += CHUNK) {
        int error = read_all(pool->fd, chunk, CHUNK, at);

        if (error || memcmp(chunk, zeros, CHUNK) != 0)
            return error;
    }
    return 1;
}

static int write_copy(const struct pool *pool, unsigned copy)
{
    const char *from = (const char *)&pool->table;

    for (size_t done = 0; done < sizeof(pool->table);) {
        ssize_t n = pwrite(pool->fd, from + done, sizeof(pool->table) - done,
                           (off_t)(VOLUME_COPY_AT(copy) + done));

        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        done += (size_t)n;
    }
    return fsync(pool->fd) < 0 ? -errno : 0;
}

int pool_store(struct pool *pool)
{
    unsigned older = (pool->copy + 1) % VOLUME_COPIES;
    int error;

    volume_table_seal(&pool->table);
    error = write_copy(pool, older);
    if (!error)
        pool->copy = older;
    return error;
}

int pool_init(struct pool *pool, const char *name, bool force)
{
    int error = open_disk(pool, name, true);

    if (!error && pool->units < 2)
        error = -ENOSPC;
    if (!error && !force) {
        error = is_blank(pool);
        error = error == 1 ? 0 : error ? error : -EEXIST;
    }
    /* Both copies: an older table of a higher generation must not come back. */
    volume_table_init(&pool->table, pool->units);
    volume_table_seal(&pool->table);
    for (unsigned i = 0; !error && i < VOLUME_COPIES; i++)
        error = write_copy(pool, i);
    pool->copy = 0;
    if (error)
        pool_close(pool);
    return error;
}

int pool_search(struct pool *pool, bool change,
                bool (*fits)(const struct volume_table *table, const void *what), const void *what)
{
    for (unsigned i = 0; pool_name(i); i++) {
        int error = pool_open(pool, pool_name(i), change);

        if (!error && (!fits || fits(&pool->table, what)))
            return 0;
        pool_close(pool);
        if (error && error != -ENODEV)
            return error;
    }
    return -ENODEV;
}

static bool has_volume(const struct volume_table *table, const void *name)
{
    return volume_find(table, name) != NULL;
}

int pool_of_volume(struct pool *pool, const char *volume, bool change)
{
    return pool_search(pool, change, has_volume, volume);
}
