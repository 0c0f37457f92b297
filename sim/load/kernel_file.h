/* SPDX-License-Identifier: GPL-2.0-only */
/* kernel_file.h - kernels in the forms in which they are kept: compressed, or as a Linux bzImage */
#ifndef XENOLITH_SIM_KERNEL_FILE_H
#define XENOLITH_SIM_KERNEL_FILE_H

#include "sim/load/file.h"

/* Whether a file whose first KERNEL_START bytes these are, or all of fewer, may be a kernel. */
typedef bool (*kernel_test)(const struct file *start);
#define KERNEL_START ((size_t)8192) /* Multiboot's header lies in it */

/* Whether a file is compressed (expand.h) and what it holds passes the test, or is a bzImage. */
bool kernel_is_packed(const struct file *file, kernel_test test);

/*
 * Replaces a file that is compressed, or a bzImage, by what it holds, which stays in memory till
 * the program ends; others are left alone. What does not pass the test is not expanded any further,
 * and nothing beyond `most` bytes, the memory of the machine or domain that is to run it. False
 * with one sentence in `why`: it is damaged, compressed in another way, no kernel, too large, no
 * memory.
 */
bool kernel_expand(struct file *file, size_t most, kernel_test test, char *why, size_t why_bytes);

#endif
