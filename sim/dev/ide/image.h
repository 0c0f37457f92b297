/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * image.h - a disk's contents: a raw file that is only read, and what was written since, in memory
 *
 * The file is read when a sector is asked for and never mapped, so that one that shrinks ends in a
 * sentence and not in a signal. A file that changes while it is in use cannot give a result that
 * means anything: it is said as soon as it is seen.
 */
#ifndef XENOLITH_SIM_IMAGE_H
#define XENOLITH_SIM_IMAGE_H

#include "sim/dev/ide/cut.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#define SECTOR_BYTES      512u
#define IMAGE_SECTORS_MAX (UINT64_C(1) << 28) /* 137 GB */
#define IMAGE_BLOCK_BYTES 4096u               /* what is kept of a write at least */
#define IMAGE_KEPT_MAX    (UINT64_C(4) << 30) /* bytes of blocks */
#define IMAGE_WHY_BYTES   1024

struct image {
    const char *path; /* as given, for sentences; outlives the image */
    int fd;
    uint64_t sectors;
    struct stat opened; /* the file as it was then */
    uint8_t **kept;     /* by block: its contents if any of it was written */
    uint64_t kept_bytes;
    struct cut cut;
    char trouble[IMAGE_WHY_BYTES]; /* one sentence once the file failed, else "" */
};

/*
 * Opens a file of whole sectors, at most IMAGE_SECTORS_MAX. False with one sentence in `why`, and
 * nothing is held: not there, not readable, not a regular file, empty, no whole sectors, too large.
 */
bool image_open(struct image *image, const char *path, char *why, size_t why_bytes);
void image_close(struct image *image);

/* Reads or writes one sector below image->sectors. A read of a file that fails gives zeros, and
 * `trouble`. A write is false, and changes nothing: IMAGE_KEPT_MAX is reached, no memory, or
 * trouble. */
void image_read(struct image *image, uint64_t sector, uint8_t data[SECTOR_BYTES]);
bool image_write(struct image *image, uint64_t sector, const uint8_t data[SECTOR_BYTES]);

/* Whether image_save() has a chance; false with one sentence in `why`. */
bool image_can_save(const struct image *image, char *why, size_t why_bytes);

/* Whether the file is still what was opened; false with one sentence in `why`. */
bool image_unchanged(const struct image *image, char *why, size_t why_bytes);

/* Writes contents as they are now to a file beside, which then takes the name; nothing if nothing
 * was written. False with one sentence in `why`, and the file is as it was. */
bool image_save(struct image *image, char *why, size_t why_bytes);

#endif
