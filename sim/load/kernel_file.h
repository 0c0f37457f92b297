/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_file.h - kernels in the forms in which they are kept: compressed, or as a Linux bzImage */
#ifndef XENOLITH_SIM_KERNEL_FILE_H
#define XENOLITH_SIM_KERNEL_FILE_H

#include "sim/load/file.h"

/*
 * If the file is compressed (expand.h), or a bzImage, replaces it by what it holds, of about `most` bytes at most (which stays in memory till
 * the program ends). False with one sentence in `why`: it is damaged, compressed in another way, too large, no memory.
 * KERNEL_MOST is what commands take: more is an attack.
 */
#define KERNEL_MOST ((size_t)1 << 30)
bool kernel_expand(struct file *file, size_t most, char *why, size_t why_bytes);

#endif
