/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pipe.c - a ring of bytes between processes
 *
 * Writes of up to PIPE_BUF (4096) bytes are atomic: they wait until they fit as a whole. A reader
 * of an empty pipe waits while a writer exists and then sees the end of file; a writer without
 * readers gets SIGPIPE and EPIPE.
 */
#include "guestos/fs/pipe.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/kernel/process.h"
#include "guestos/kernel/poll.h"
#include "guestos/mm/heap.h"

#define RING_BYTES 16384u /* power of two */
#define PIPE_BUF   4096u

struct pipe {
    char *ring;
    u32 produced, consumed; /* bytes ever written and read */
    u32 readers, writers;
    struct wait_queue changed;
};

static u32 filled(const struct pipe *pipe)
{
    return pipe->produced - pipe->consumed;
}

static int pipe_read(struct file *file, void *to, u32 bytes, u32 *position)
{
    (void)position;
    struct pipe *pipe = file->inode->pipe;
    u32 done = 0;
    if (!bytes)
        return 0;
    while (!filled(pipe)) {
        if (!pipe->writers)
            return 0;
        if (file->flags & OPEN_NONBLOCK)
            return -EAGAIN;
        int error = wait_in(&pipe->changed, NO_DEADLINE);
        if (error)
            return error;
    }
    while (done < bytes && filled(pipe)) {
        u32 at = pipe->consumed % RING_BYTES;
        u32 n = MIN(MIN(bytes - done, filled(pipe)), RING_BYTES - at);
        u32 left = copy_to_user((char *)to + done, pipe->ring + at, n);
        pipe->consumed += n - left;
        done += n - left;
        if (left)
            break;
    }
    wake_all(&pipe->changed);
    poll_changed();
    return done ? (int)done : -EFAULT;
}

static int pipe_write(struct file *file, const void *from, u32 bytes, u32 *position)
{
    (void)position;
    struct pipe *pipe = file->inode->pipe;
    u32 done = 0;
    while (done < bytes) {
        u32 need = bytes <= PIPE_BUF ? bytes : 1;
        if (!pipe->readers) {
            signal_send(current_process(), SIGPIPE);
            return done ? (int)done : -EPIPE;
        }
        if (RING_BYTES - filled(pipe) < need) {
            if (file->flags & OPEN_NONBLOCK)
                return done ? (int)done : -EAGAIN;
            int error = wait_in(&pipe->changed, NO_DEADLINE);
            if (error)
                return done ? (int)done : error;
            continue;
        }
        while (done < bytes && filled(pipe) < RING_BYTES) {
            u32 at = pipe->produced % RING_BYTES;
            u32 n = MIN(MIN(bytes - done, RING_BYTES - filled(pipe)), RING_BYTES - at);
            if (copy_from_user(pipe->ring + at, (const char *)from + done, n))
                return done ? (int)done : -EFAULT;
            pipe->produced += n;
            done += n;
        }
        wake_all(&pipe->changed);
        poll_changed();
    }
    return (int)done;
}

static void pipe_close(struct file *file)
{
    struct pipe *pipe = file->inode->pipe;
    (*(file_readable(file) ? &pipe->readers : &pipe->writers))--;
    wake_all(&pipe->changed);
    poll_changed();
}

static u32 pipe_poll(struct file *file)
{
    const struct pipe *pipe = file->inode->pipe;
    if (file_readable(file))
        return (filled(pipe) ? POLLIN : 0) | (pipe->writers ? 0 : POLLHUP);
    return (RING_BYTES - filled(pipe) >= PIPE_BUF ? POLLOUT : 0) | (pipe->readers ? 0 : POLLERR);
}

/* Also by way of /proc/self/fd. */
static void pipe_opened(struct file *file)
{
    (*(file_readable(file) ? &file->inode->pipe->readers : &file->inode->pipe->writers))++;
}

static const struct file_ops pipe_ops = {
    .open = pipe_opened,
    .read = pipe_read,
    .write = pipe_write,
    .close = pipe_close,
    .poll = pipe_poll,
    .stream = true,
};

void pipe_free(struct pipe *pipe)
{
    if (pipe)
        heap_free(pipe->ring);
    heap_free(pipe);
}

int pipe_open(struct file **reader, struct file **writer, u32 flags)
{
    struct inode *inode = inode_create(MODE_FIFO | 0600);
    int error = -ENOMEM;
    if (!inode)
        return error;
    inode->ops = &pipe_ops;
    struct pipe *pipe = inode->pipe = heap_allocate(sizeof *pipe);
    if (pipe && (pipe->ring = heap_allocate(RING_BYTES))) {
        *reader = file_open(inode, OPEN_READ | (flags & OPEN_NONBLOCK));
        if (!IS_ERR(*reader)) {
            *writer = file_open(inode, OPEN_WRITE | (flags & OPEN_NONBLOCK));
            if (IS_ERR(*writer))
                file_release(*reader);
            else
                error = 0;
        }
    }
    inode_release(inode);
    return error;
}
