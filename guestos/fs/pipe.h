/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pipe.h - pipes
 *
 * Lock: the kernel's, at every call. pipe_ops' open, read and write sleep, and so do
 * pipe_wait_data() and pipe_wait_room().
 */
#ifndef GUESTOS_PIPE_H
#define GUESTOS_PIPE_H

#define PIPE_BYTES 16384u    /* what a new pipe holds; a power of two */
#define PIPE_MOST  0x100000u /* what it may be made to hold by who is not privileged */

#include "guestos/fs/file.h"

/* For inodes of named pipes. */
extern const struct file_ops pipe_ops;

/* Both ends of a new pipe without a name; 0 or -ENOMEM. */
int pipe_open(struct file **reader, struct file **writer, uint32_t flags);

/* The functions below take open ends of pipes, with and without a name. */
bool is_pipe(const struct file *file);
uint32_t pipe_size(const struct file *file);
/* So many bytes or more, a power of two of pages. The size; -EPERM, -EBUSY, -ENOMEM, -EINVAL. */
int pipe_resize(struct file *file, uint32_t bytes);
/*
 * Waits until there is something to read: how much, 0 at the end, -EINTR; at_once: -EAGAIN instead.
 */
int pipe_wait_data(struct file *file, bool at_once);
/* Waits until `need` bytes fit: how many do; -EPIPE with SIGPIPE, -EINTR, or -EAGAIN. */
int pipe_wait_room(struct file *file, uint32_t need, bool at_once);
/* Copies what lies `skip` bytes behind the next to a program, and leaves it there: how much. */
uint32_t pipe_peek(const struct file *file, uint32_t skip, void *to, uint32_t bytes);
/* What has been looked at is taken. */
void pipe_consume(struct file *file, uint32_t bytes);

#endif
