/* SPDX-License-Identifier: GPL-2.0-only */
/* expand.h - what gzip, xz, lzma, bzip2, zstd and lz4 have compressed, as a whole and in memory */
#ifndef XENOLITH_SIM_EXPAND_H
#define XENOLITH_SIM_EXPAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether the bytes begin as one of those programs' files do. `name`: which; may be NULL. */
bool expand_knows(const uint8_t *bytes, size_t size, const char **name);

/*
 * Expands such bytes into a block for free(). NULL, or what is wrong with them, as the end of a
 * sentence: damaged, cut off, more than `most` bytes, no memory. It takes memory for what comes
 * out, at most `most` bytes, and what the format's decoder needs beside (lz4 8 MB, xz and zstd as
 * much as comes out). What follows the end of the compressed stream is not looked at, but lz4's
 * older format, which Linux uses, has no end: there nothing may follow.
 */
const char *expand(const uint8_t *packed, size_t packed_size, size_t most, uint8_t **bytes,
                   size_t *size);

/*
 * The first `most` bytes, or all of fewer, of what they hold: how many. Damage behind them is not
 * seen.
 */
size_t expand_start(const uint8_t *packed, size_t packed_size, uint8_t *bytes, size_t most);

#endif
