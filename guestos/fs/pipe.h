/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pipe.h - pipes
 *
 * Lock: the kernel's, at every call. pipe_ops' open, read and write sleep.
 */
#ifndef GUESTOS_PIPE_H
#define GUESTOS_PIPE_H

#define PIPE_BYTES 16384u /* what a pipe holds; a power of two */

#include "guestos/fs/file.h"

/* For inodes of named pipes. */
extern const struct file_ops pipe_ops;

/* Both ends of a new pipe without a name; 0 or -ENOMEM. */
int pipe_open(struct file **reader, struct file **writer, uint32_t flags);

#endif
