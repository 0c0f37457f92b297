/* SPDX-License-Identifier: GPL-2.0-only */
/* file.h - input files, read whole and read-only */
#ifndef XENOLITH_SIM_FILE_H
#define XENOLITH_SIM_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct file {
    const char *path; /* as given, for sentences */
    const uint8_t *bytes;
    size_t size;
};

/* Maps `path` for reading. False with one sentence in `why`: not there, not a regular file, not
 * readable, larger than 1 GB. `path` must outlive the file. */
bool file_open(struct file *file, const char *path, char *why, size_t why_bytes);
void file_close(struct file *file);

/* `first` and behind it `second`, whose bytes came from malloc() and are freed. False with one
 * sentence in `why`: no memory. */
bool file_join(const struct file *first, const struct file *second, struct file *joined, char *why,
               size_t why_bytes);

/* Whether `path` can be read and is text: no control characters but tabs and line ends. False with
 * one sentence in `why`. For files that a library opens by name, which would wait for a FIFO. */
bool file_is_text(const char *path, char *why, size_t why_bytes);

/* FNV-1a, 64 bits: names the content of an image in a result. */
uint64_t file_hash(const struct file *file);

#endif
