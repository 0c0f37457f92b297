/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pipe.c - a ring of bytes between processes, with and without a name
 *
 * Writes of up to PIPE_BUF (4096) bytes are atomic: they wait until they fit as a whole. A reader
 * of an empty pipe waits while a writer exists and then sees the end of file; a writer without
 * readers gets SIGPIPE and EPIPE.
 *
 * A named pipe is an inode of any file system. Its ring exists from the first open to the last
 * close: what nobody has read by then is lost (fifo(7)). Opening one end waits until the other end
 * has been opened, be it that it is closed again by the time the waiter runs: so openings are
 * counted, and not those who have it open. Without waiting, a reader succeeds at once and a writer
 * without reader fails with ENXIO; opening for both never waits.
 */
#include "guestos/fs/pipe.h"
#include "guestos/fs/permission.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/sys/poll.h"
#include "guestos/sys/user.h"
#include "guestos/mm/heap.h"

#define PIPE_BUF 4096u
#define FIONREAD 0x541bu /* asm-generic/ioctls.h */

struct pipe {
    char *ring;
    uint32_t size;               /* of the ring: a power of two */
    uint32_t produced, consumed; /* bytes ever written and read */
    uint32_t readers, writers;   /* who have it open */
    uint32_t reader_opens, writer_opens;
    uint32_t users; /* open files and waiting openers: the last one frees it */
    struct wait_queue changed;
    uint32_t changes[3]; /* what may have made it readable, writable, either: file_ops.changes */
};

enum end { READER, WRITER, BOTH };

static void change(struct pipe *pipe, enum end end)
{
    wake_all(&pipe->changed);
    pipe->changes[BOTH]++;
    poll_changed(&pipe->changes[end]);
}

static void change_both(struct pipe *pipe)
{
    change(pipe, READER);
    change(pipe, WRITER);
}

static uint32_t filled(const struct pipe *pipe)
{
    return pipe->produced - pipe->consumed;
}

static uint32_t room(const struct pipe *pipe)
{
    return pipe->size - filled(pipe);
}

int pipe_wait_data(struct file *file, bool at_once)
{
    struct pipe *pipe = file->inode->pipe;

    while (!filled(pipe)) {
        if (!pipe->writers)
            return 0;
        if (at_once)
            return -EAGAIN;
        int error = wait_in(&pipe->changed, NO_DEADLINE);
        if (error)
            return error;
    }
    return (int)filled(pipe);
}

int pipe_wait_room(struct file *file, uint32_t need, bool at_once)
{
    struct pipe *pipe = file->inode->pipe;

    for (;;) {
        if (!pipe->readers) {
            signal_send(current_process(), SIGPIPE);
            return -EPIPE;
        }
        if (room(pipe) >= need)
            return (int)room(pipe);
        if (at_once)
            return -EAGAIN;
        int error = wait_in(&pipe->changed, NO_DEADLINE);
        if (error)
            return error;
    }
}

uint32_t pipe_peek(const struct file *file, uint32_t skip, void *to, uint32_t bytes)
{
    const struct pipe *pipe = file->inode->pipe;
    uint32_t done = 0, most = filled(pipe) > skip ? MIN(bytes, filled(pipe) - skip) : 0;

    while (done < most) {
        uint32_t at = (pipe->consumed + skip + done) % pipe->size;
        uint32_t n = MIN(most - done, pipe->size - at);
        uint32_t left = copy_to_user((char *)to + done, pipe->ring + at, n);

        done += n - left;
        if (left)
            break;
    }
    return done;
}

void pipe_consume(struct file *file, uint32_t bytes)
{
    struct pipe *pipe = file->inode->pipe;

    pipe->consumed += MIN(bytes, filled(pipe));
    change(pipe, WRITER);
}

static int pipe_read(struct file *file, void *to, uint32_t bytes, uint32_t *position)
{
    (void)position;
    if (!bytes)
        return 0;
    int ready = pipe_wait_data(file, file->flags & OPEN_NONBLOCK);
    if (ready <= 0)
        return ready;
    uint32_t done = pipe_peek(file, 0, to, bytes);
    pipe_consume(file, done);
    return done ? (int)done : -EFAULT;
}

static int pipe_write(struct file *file, const void *from, uint32_t bytes, uint32_t *position)
{
    (void)position;
    struct pipe *pipe = file->inode->pipe;
    uint32_t done = 0;

    while (done < bytes) {
        int ready =
            pipe_wait_room(file, bytes <= PIPE_BUF ? bytes : 1, file->flags & OPEN_NONBLOCK);

        if (ready < 0)
            return done ? (int)done : ready;
        while (done < bytes && room(pipe)) {
            uint32_t at = pipe->produced % pipe->size;
            uint32_t n = MIN(MIN(bytes - done, room(pipe)), pipe->size - at);

            if (copy_from_user(pipe->ring + at, (const char *)from + done, n))
                return done ? (int)done : -EFAULT;
            pipe->produced += n;
            done += n;
        }
        change(pipe, READER);
    }
    return (int)done;
}

static void leave(struct inode *inode)
{
    struct pipe *pipe = inode->pipe;

    if (--pipe->users)
        return;
    inode->pipe = NULL;
    heap_free(pipe->ring);
    heap_free(pipe);
}

static void pipe_close(struct file *file)
{
    struct pipe *pipe = file->inode->pipe;

    pipe->readers -= file_readable(file);
    pipe->writers -= file_writable(file);
    change_both(pipe);
    leave(file->inode);
}

static uint32_t *pipe_changes(struct file *file)
{
    struct pipe *pipe = file->inode->pipe;

    if (file_readable(file) && file_writable(file))
        return &pipe->changes[BOTH];
    return &pipe->changes[file_readable(file) ? READER : WRITER];
}

static uint32_t pipe_poll(struct file *file)
{
    const struct pipe *pipe = file->inode->pipe;
    uint32_t ready = 0;

    if (file_readable(file)) {
        bool had_writer = file->position != pipe->writer_opens;

        ready |= (filled(pipe) ? POLLIN : 0) | (!pipe->writers && had_writer ? POLLHUP : 0);
    }
    if (file_writable(file))
        ready |= (room(pipe) >= PIPE_BUF ? POLLOUT : 0) | (pipe->readers ? 0 : POLLERR);
    return ready;
}

static uint32_t pipe_memory(const struct file *file)
{
    return file->inode->pipe->size / file->inode->pipe->users;
}

static int pipe_ioctl(struct file *file, uint32_t request, uint32_t argument)
{
    uint32_t bytes = filled(file->inode->pipe);

    return request == FIONREAD ? give_user(argument, bytes) : -ENOTTY;
}

/* The ring, made for the first who opens it. */
static struct pipe *enter(struct inode *inode)
{
    if (!inode->pipe) {
        struct pipe *pipe = heap_allocate(sizeof(*pipe));

        if (!pipe || !(pipe->ring = heap_allocate(PIPE_BYTES))) {
            heap_free(pipe);
            return NULL;
        }
        pipe->size = PIPE_BYTES;
        inode->pipe = pipe;
    }
    inode->pipe->users++;
    return inode->pipe;
}

/* Until the other end has been opened once more than `before`. */
static int wait_for_partner(struct pipe *pipe, const uint32_t *opens, uint32_t before)
{
    while (*opens == before) {
        int error = wait_in(&pipe->changed, NO_DEADLINE);

        if (error)
            return error;
    }
    return 0;
}

/* Also by way of /proc/self/fd: a pipe without a name is open at both ends already. */
static int pipe_opened(struct file *file)
{
    struct pipe *pipe = enter(file->inode);
    bool reads = file_readable(file), writes = file_writable(file);
    int error = 0;

    if (!pipe)
        return -ENOMEM;
    if (writes && !reads && !pipe->readers && file->flags & OPEN_NONBLOCK) {
        leave(file->inode);
        return -ENXIO;
    }
    /* A reader that did not wait must not take "nobody has come yet" for the end of the file. */
    file->position = pipe->writer_opens;
    pipe->readers += reads;
    pipe->writers += writes;
    pipe->reader_opens += reads;
    pipe->writer_opens += writes;
    change_both(pipe);
    if (!file->inode->ops && !(reads && writes) && !(file->flags & OPEN_NONBLOCK)) {
        if (reads && !pipe->writers)
            error = wait_for_partner(pipe, &pipe->writer_opens, pipe->writer_opens);
        else if (writes && !pipe->readers)
            error = wait_for_partner(pipe, &pipe->reader_opens, pipe->reader_opens);
    }
    if (error)
        pipe_close(file);
    return error;
}

bool is_pipe(const struct file *file)
{
    return file->ops == &pipe_ops;
}

uint32_t pipe_size(const struct file *file)
{
    return file->inode->pipe->size;
}

int pipe_resize(struct file *file, uint32_t bytes)
{
    struct pipe *pipe = file->inode->pipe;
    uint32_t size = PAGE_SIZE, kept = filled(pipe);

    if (bytes > 1u << 31)
        return -EINVAL;
    while (size < bytes)
        size *= 2;
    if (size > pipe->size && size > PIPE_MOST && !is_privileged())
        return -EPERM;
    if (size < kept)
        return -EBUSY;
    char *ring = heap_allocate(size);
    if (!ring)
        return -ENOMEM;
    for (uint32_t done = 0; done < kept;) {
        uint32_t at = (pipe->consumed + done) % pipe->size;
        uint32_t n = MIN(kept - done, pipe->size - at);

        memcpy(ring + done, pipe->ring + at, n);
        done += n;
    }
    heap_free(pipe->ring);
    pipe->ring = ring;
    pipe->size = size;
    pipe->consumed = 0;
    pipe->produced = kept;
    change(pipe, WRITER);
    return (int)size;
}

const struct file_ops pipe_ops = {
    .open = pipe_opened,
    .read = pipe_read,
    .write = pipe_write,
    .ioctl = pipe_ioctl,
    .close = pipe_close,
    .poll = pipe_poll,
    .changes = pipe_changes,
    .memory = pipe_memory,
    .stream = true,
};

int pipe_open(struct file **reader, struct file **writer, uint32_t flags)
{
    struct inode *inode = inode_create(MODE_FIFO | 0600);
    int error = 0;

    if (!inode)
        return -ENOMEM;
    inode->ops = &pipe_ops; /* no name: opening does not wait */
    *reader = file_open(inode, OPEN_READ | (flags & OPEN_NONBLOCK));
    *writer = IS_ERR(*reader) ? *reader : file_open(inode, OPEN_WRITE | (flags & OPEN_NONBLOCK));
    if (IS_ERR(*writer)) {
        error = PTR_ERR(*writer);
        if (!IS_ERR(*reader))
            file_release(*reader);
    }
    inode_release(inode);
    return error;
}
