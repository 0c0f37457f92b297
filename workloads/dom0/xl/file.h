/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef XENOLITH_XL_FILE_H
#define XENOLITH_XL_FILE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Reads a whole file into allocated memory. Returns it and sets *size, or returns NULL after saying
 * on standard error why not. An empty file gives a valid pointer and size 0.
 */
uint8_t *file_read(const char *path, size_t *size);

#endif
