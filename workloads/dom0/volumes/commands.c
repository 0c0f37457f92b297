/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * commands.c - xl volume-init, volume-create, volume-list and volume-remove
 *
 * A volume's owner must not find in it what a former one left. So a volume is cleared before
 * its name is in the table: after a cut it is either not there, or clear.
 */
#include "workloads/dom0/volumes/commands.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workloads/dom0/volumes/pool.h"
#include "workloads/dom0/xl/devices/block.h"
#include "workloads/dom0/xl/store.h"

#define UNIT_BYTES (VOLUME_UNIT_SECTORS * 512ull)
#define CHUNK      32768u

static int failed(const char *noun, const char *name, const char *why)
{
    fprintf(stderr, "xl: %s %s: %s\n", noun, name, why);
    return 1;
}

int command_volume_init(int count, char **words)
{
    static struct pool pool;
    bool force = count == 2 && strcmp(words[0], "-f") == 0;
    int error;

    if (count != 1 + force)
        return 2;
    error = pool_init(&pool, words[force], force);
    if (!error)
        pool_close(&pool);
    switch (error) {
    case 0:
        return 0;
    case -ENODEV:
        return failed("disk", words[force], "there is none of that name, as hda or hda2");
    case -EEXIST:
        return failed("disk", words[force], "something is in its first MB; -f overwrites it");
    case -EBUSY:
        return failed("disk", words[force], "a file system on it is mounted");
    default:
        return failed("disk", words[force], strerror(-error));
    }
}

/* ---- making ---------------------------------------------------------------------------------- */

/* "16", "16M", "1G": MB if nothing else is said. 0: it is none. */
static uint32_t read_units(const char *text)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10), factor = 1;

    if (*end == 'G' || *end == 'g')
        factor = 1024;
    if (factor > 1 || *end == 'M' || *end == 'm')
        end++;
    if (!isdigit((unsigned char)*text) || *end || number > VOLUME_UNITS_MOST / factor)
        return 0;
    return (uint32_t)(number * factor);
}

static bool has_room(const struct volume_table *table, const void *units)
{
    return volume_table_free(table) >= *(const uint32_t *)units;
}

/* Writes where there is something else than zeros: a disk that is new stays as small as it is. */
static int clear_extent(int fd, const struct volume_extent *extent)
{
    static const char zeros[CHUNK];
    static char chunk[CHUNK];
    off64_t at = (off64_t)(extent->first * UNIT_BYTES),
            end = at + (off64_t)(extent->units * UNIT_BYTES);

    for (; at < end; at += CHUNK) {
        if (pread64(fd, chunk, CHUNK, at) != CHUNK)
            return -EIO;
        if (memcmp(chunk, zeros, CHUNK) != 0 && pwrite64(fd, zeros, CHUNK, at) != CHUNK)
            return -EIO;
    }
    return 0;
}

static int clear(const struct pool *pool, const struct volume *volume)
{
    for (uint32_t i = 0; i < volume->extents; i++) {
        int error = clear_extent(pool->fd, &volume->extent[i]);

        if (error)
            return error;
    }
    return fsync(pool->fd) < 0 ? -errno : 0;
}

static int create_in(struct pool *pool, const char *name, uint32_t units, bool keep)
{
    const char *wrong = volume_add(&pool->table, name, units);
    int error;

    if (wrong)
        return failed("volume", name, wrong);
    error = keep ? 0 : clear(pool, volume_find(&pool->table, name));
    if (!error)
        error = pool_store(pool);
    return error ? failed("volume", name, strerror(-error)) : 0;
}

int command_volume_create(int count, char **words)
{
    static struct pool pool;
    bool keep = count > 0 && strcmp(words[0], "-k") == 0;
    int error, status;

    words += keep;
    count -= keep;
    if (count < 2 || count > 3)
        return 2;
    uint32_t units = read_units(words[1]);

    if (!units)
        return failed("volume", words[0], "the size is no number of MB, as 16, 16M or 2G");
    if (!volume_name_valid(words[0]))
        return failed("volume", words[0], "a name has at most 31 letters, digits and . _ - +");
    error = pool_of_volume(&pool, words[0], false);
    if (!error) {
        pool_close(&pool);
        return failed("volume", words[0], "there is a volume of that name already");
    }
    error =
        count == 3 ? pool_open(&pool, words[2], true) : pool_search(&pool, true, has_room, &units);
    if (error)
        return failed("volume", words[0],
                      error == -ENODEV ? "no disk for volumes has so much room (xl volume-init)"
                                       : strerror(-error));
    status = create_in(&pool, words[0], units, keep);
    pool_close(&pool);
    return status;
}

/* ---- listing --------------------------------------------------------------------------------- */

int command_volume_list(int count, char **words)
{
    static struct pool pool;

    (void)words;
    if (count)
        return 2;
    printf("%-31s %-5s %8s %7s\n", "Name", "Disk", "MB", "Pieces");
    for (unsigned i = 0; pool_name(i); i++) {
        int error = pool_open(&pool, pool_name(i), false);

        if (error == -ENODEV)
            continue;
        if (error)
            return failed("disk", pool_name(i), strerror(-error));
        for (uint32_t j = 0; j < pool.table.count; j++)
            printf("%-31s %-5s %8u %7u\n", pool.table.volume[j].name, pool.name,
                   volume_units(&pool.table.volume[j]), pool.table.volume[j].extents);
        printf("%-31s %-5s %8u\n", "(free)", pool.name, volume_table_free(&pool.table));
        pool_close(&pool);
    }
    return 0;
}

/* ---- removing -------------------------------------------------------------------------------- */

int command_volume_remove(int count, char **words)
{
    static struct pool pool;
    char target[sizeof(VOLUME_PREFIX) + VOLUME_NAME_BYTES];
    int domain, error;

    if (count != 1)
        return 2;
    if (!volume_name_valid(words[0]))
        return failed("volume", words[0], "there is none of that name");
    snprintf(target, sizeof(target), VOLUME_PREFIX "%s", words[0]);
    domain = block_user(target);
    if (domain >= 0) {
        fprintf(stderr, "xl: volume %s: domain %d has it as a disk\n", words[0], domain);
        return 1;
    }
    error = pool_of_volume(&pool, words[0], true);
    if (error)
        return failed("volume", words[0],
                      error == -ENODEV ? "there is none of that name" : strerror(-error));
    volume_remove(&pool.table, words[0]);
    error = pool_store(&pool);
    pool_close(&pool);
    return error ? failed("volume", words[0], strerror(-error)) : 0;
}
