/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * extents.c - a disk of the machine, or a partition: an entry in the table of its first sector
 * (guestos/block/partition.c has the format); or a volume (workloads/dom0/volumes/table.h)
 */
#include "workloads/dom0/xend/extents.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "workloads/dom0/volumes/pool.h"
#include "workloads/dom0/xl/hypercall.h"

_Static_assert(VOLUME_EXTENTS <= XENOLITH_IO_EXTENTS, "a volume is one virtual disk");

#define SECTOR_BYTES 512
#define TABLE        446
#define ENTRY        16
#define PARTITIONS   4

static uint32_t word(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static bool read_first(unsigned disk, uint8_t sector[SECTOR_BYTES])
{
    char path[] = "/dev/hda";
    int fd;
    bool good;

    path[sizeof(path) - 2] = (char)('a' + disk);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    good = fd >= 0 && read(fd, sector, SECTOR_BYTES) == SECTOR_BYTES;
    if (fd >= 0)
        close(fd);
    return good && sector[510] == 0x55 && sector[511] == 0xaa;
}

static bool find_partition(unsigned long part, struct xenolith_io_extent *extent)
{
    uint8_t sector[SECTOR_BYTES];
    const uint8_t *entry = sector + TABLE + (part - 1) * ENTRY;

    if (part > PARTITIONS || !read_first(extent->disk, sector) || !entry[4])
        return false;
    extent->first = word(entry + 8);
    extent->sectors = word(entry + 12);
    return true;
}

static bool find_disk(const char *name, struct xenolith_io_connect *connect)
{
    struct xenolith_io_op op = {.command = XENOLITH_IO_DISK};
    struct xenolith_io_extent *extent = &connect->extent[0];
    char *end;

    if (strncmp(name, "hd", 2) != 0 || name[2] < 'a' || name[2] > 'd')
        return false;
    op.disk = (unsigned)(name[2] - 'a');
    if (hypercall_io(&op) < 0)
        return false;
    *extent = (struct xenolith_io_extent){.disk = op.disk, .sectors = op.sectors};
    connect->extents = 1;
    if (!name[3])
        return true;
    unsigned long part = isdigit((unsigned char)name[3]) ? strtoul(name + 3, &end, 10) : 0;

    return part > 0 && !*end && find_partition(part, extent);
}

/* The pool's own table was checked: no extent of a volume leaves it. */
static bool find_volume(const char *name, struct xenolith_io_connect *connect)
{
    static struct pool pool;
    struct xenolith_io_extent whole;
    const struct volume *volume;

    if (pool_of_volume(&pool, name, false) < 0)
        return false;
    pool_close(&pool);
    if (!find_disk(pool.name, connect))
        return false;
    whole = connect->extent[0];
    volume = volume_find(&pool.table, name);
    for (uint32_t i = 0; i < volume->extents; i++)
        connect->extent[i] = (struct xenolith_io_extent){
            .disk = whole.disk,
            .first = whole.first + (uint64_t)volume->extent[i].first * VOLUME_UNIT_SECTORS,
            .sectors = (uint64_t)volume->extent[i].units * VOLUME_UNIT_SECTORS};
    connect->extents = volume->extents;
    return true;
}

bool extents_find(const char *name, struct xenolith_io_connect *connect)
{
    size_t prefix = sizeof(VOLUME_PREFIX) - 1;

    if (strncmp(name, VOLUME_PREFIX, prefix) == 0)
        return find_volume(name + prefix, connect);
    return find_disk(name, connect);
}
