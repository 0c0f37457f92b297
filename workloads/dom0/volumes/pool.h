/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pool.h - the disks that hold volumes: finding them, reading their table, writing it
 */
#ifndef XENOLITH_VOLUMES_POOL_H
#define XENOLITH_VOLUMES_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "workloads/dom0/volumes/table.h"

#define POOL_NAME_BYTES 8

struct pool {
    char name[POOL_NAME_BYTES]; /* of Domain 0: "hda", "hda2" */
    int fd;                     /* open, and locked if it was opened to be changed */
    uint32_t units;             /* it has */
    unsigned copy;              /* of the table, the newer one */
    struct volume_table table;
};

/* For a disk's or a partition's file below /dev. Returns 0; -ENODEV: there is none, or it is no
 * pool; or -Exxx. Opened to be changed, nobody else has it so until pool_close(). */
int pool_open(struct pool *pool, const char *name, bool change);
void pool_close(struct pool *pool);

/* Makes a pool of a disk; -EEXIST: something is in its first MB, and `force` is false. -ENOSPC: it
 * has less than 2 MB. Opened for change. */
int pool_init(struct pool *pool, const char *name, bool force);

/* Writes the table over its older copy and flushes the disk. 0, or -Exxx: the old one stands. */
int pool_store(struct pool *pool);

/* The first pool that `fits` says true of, opened; -ENODEV: there is none. `fits` NULL: any. */
int pool_search(struct pool *pool, bool change,
                bool (*fits)(const struct volume_table *table, const void *what), const void *what);

/* The pool with a volume of that name. As above. */
int pool_of_volume(struct pool *pool, const char *volume, bool change);

/* The n-th name that a pool can have, from 0 on; NULL: there are no more. */
const char *pool_name(unsigned n);

#endif
