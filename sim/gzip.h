/* SPDX-License-Identifier: GPL-2.0-only */
/* gzip.h - input files that were compressed */
#ifndef XENOLITH_SIM_GZIP_H
#define XENOLITH_SIM_GZIP_H

#include "sim/machine/file.h"

/* If the file is gzip's, replaces it by what it holds, of 1 GB at most (which stays in memory till the
 * program ends). False with one sentence in `why`: it is damaged, too large, no memory. */
bool gzip_expand(struct file *file, char *why, size_t why_bytes);

#endif
