/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * archive.h - the file of a saved state: a head, and one zstd frame
 *
 *     0   "XENOSAVE"
 *     8   u32 version of the format, u32 zero
 *    16   u64 bytes that follow the head
 *    24   u64 XXH3 (64 bits) of them
 *    32   a zstd frame (RFC 8878): what a pass moves (cpu/saved/saved.h)
 *
 * Numbers are little-endian. The sum is looked at before anything is expanded, so a file that was
 * cut or changed is found out at once; one that was made on purpose is the pass's to refuse.
 */
#ifndef XENOLITH_SIM_ARCHIVE_H
#define XENOLITH_SIM_ARCHIVE_H

#include "cpu/saved/saved.h"
#include "sim/account/result.h"
#include "sim/load/file.h"

#define ARCHIVE_VERSION 1u

struct archive {
    struct saved saved; /* the pass; its functions are the archive's */
    struct archive_coder *coder;
    struct result_file out; /* of one that is written */
    struct file in;         /* of one that is read; mapped */
};

/* Begins to write `path`, which is there once archive_finish() says so. False with one sentence in
 * `why` (SAVED_WHY_BYTES). */
bool archive_create(struct archive *archive, const char *path, char *why);

/* Begins to read. False with one sentence in `why`: not there, no saved state, of a newer version,
 * cut off, damaged. `path` must outlive the archive. */
bool archive_open(struct archive *archive, const char *path, char *why);

/* Ends either; a file that was written gets its name if `good` and nothing failed. False with one
 * sentence in `why`: the pass's, or the file's, or that more was read or less than there was. */
bool archive_finish(struct archive *archive, bool good, char *why);

#endif
