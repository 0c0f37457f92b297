/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * table.h - volumes: names for extents of a disk, in a table on that disk
 *
 * A pool is a whole disk or a partition. Its first MB is the table's; the rest is given out in
 * units of 1 MB.
 *
 *   sector 0          nothing of ours: a partition table or a boot loader may be there
 *   64 kB, 128 kB     two copies of the table
 *   1 MB ...          the volumes
 *
 * A copy has a generation and a sum over all of it. A change is written over the older copy, and
 * the disk is flushed, before anybody hears that it was made. So a cut at any moment leaves the
 * newer copy whole, or both: the valid one of the highest generation is the table. What is read
 * from a disk is not believed: a table with a right sum and extents that overlap, or lie outside
 * of the pool, is none.
 *
 * Nothing here does input or output. The numbers are little-endian, as the machine's.
 */
#ifndef XENOLITH_VOLUMES_TABLE_H
#define XENOLITH_VOLUMES_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#define VOLUME_UNIT_SECTORS 2048u     /* 1 MB; unit 0 is the table's */
#define VOLUME_PREFIX       "volume:" /* of a disk's target, before a volume's name */
#define VOLUME_EXTENTS      16        /* as XENOLITH_IO_EXTENTS */
#define VOLUME_NAME_BYTES   32
#define VOLUMES_MOST        256
#define VOLUME_UNITS_MOST   (1u << 17) /* 137 GB, the largest disk */

#define VOLUME_COPIES     2
#define VOLUME_COPY_BYTES 65536u
#define VOLUME_COPY_AT(n) (((n) + 1) * VOLUME_COPY_BYTES)

struct volume_extent {
    uint32_t first, units;
};

struct volume {
    char name[VOLUME_NAME_BYTES]; /* with a NUL, and NULs behind it */
    uint32_t extents;
    struct volume_extent extent[VOLUME_EXTENTS];
};

struct volume_table {
    char magic[8];
    uint32_t sum; /* over all bytes, this field as 0 */
    uint32_t count;
    uint64_t generation;
    uint32_t units; /* of the pool, unit 0 too */
    uint32_t reserved;
    struct volume volume[VOLUMES_MOST]; /* those behind `count` are zeros */
};

_Static_assert(sizeof(struct volume_table) <= VOLUME_COPY_BYTES, "a copy holds a table");

/* An empty table for a pool of so many units, generation 1. */
void volume_table_init(struct volume_table *table, uint32_t units);

/* Fills in the sum; what is written must have it. */
void volume_table_seal(struct volume_table *table);

/* Whether this is a table of a pool that has now so many units (it may have grown). */
bool volume_table_valid(const struct volume_table *table, uint32_t units);

/* Letters, digits and . _ - +, the first of them a letter or a digit. */
bool volume_name_valid(const char *name);

/* NULL: there is none of that name. */
const struct volume *volume_find(const struct volume_table *table, const char *name);
uint32_t volume_units(const struct volume *volume);
uint32_t volume_table_free(const struct volume_table *table);

/*
 * Adds a volume: the first gap that holds all of it, else the largest gaps. The generation goes up.
 * Returns NULL, or what is wrong; then nothing has changed.
 */
const char *volume_add(struct volume_table *table, const char *name, uint32_t units);

/* Removes one; false: there is none of that name. The generation goes up. */
bool volume_remove(struct volume_table *table, const char *name);

#endif
