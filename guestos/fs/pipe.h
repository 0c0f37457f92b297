/* SPDX-License-Identifier: GPL-2.0-only */
/* pipe.h - pipes */
#ifndef GUESTOS_PIPE_H
#define GUESTOS_PIPE_H

#include "guestos/fs/file.h"

struct pipe;

/* Both ends of a new pipe; 0 or -ENOMEM / -ENFILE. */
int pipe_open(struct file **reader, struct file **writer, u32 flags);
void pipe_free(struct pipe *pipe);

#endif
