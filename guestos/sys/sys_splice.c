/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sys_splice.c - splice(), tee(), vmsplice(): between pipes, files and memory
 *
 * Bytes are copied, as a pipe is a ring of bytes here and not of pages: what these calls give is
 * what they do, not their speed. What goes out of a pipe is looked at, written, and then as much is
 * taken as was written: a target that fails loses nothing. Who reads the pipe while its target
 * makes this call wait may see the same bytes.
 */
#include "guestos/fs/file.h"
#include "guestos/fs/notify.h"
#include "guestos/fs/pipe.h"
#include "guestos/kernel/lib.h"
#include "guestos/sys/syscall.h"
#include "guestos/sys/user.h"
#include "guestos/sys/window.h"

#define SPLICE_MOVE     1u /* linux/splice.h */
#define SPLICE_NONBLOCK 2u
#define SPLICE_MORE     4u
#define SPLICE_GIFT     8u
#define SPLICE_FLAGS    (SPLICE_MOVE | SPLICE_NONBLOCK | SPLICE_MORE | SPLICE_GIFT)
#define SPLICE_LIMIT    0x7ffff000u
#define VECTOR_LIMIT    1024u

/* One call: from a file to another, through a page, at most so many bytes. */
struct splice {
    struct file *from, *to;
    uint32_t *from_at, *to_at; /* positions; of a pipe, any */
    uint32_t bytes, window;
    bool at_once; /* does not wait for a pipe */
    bool keep;    /* what is read stays in the pipe: tee() */
};

static bool waits_not(const struct file *file, const struct splice *s)
{
    return s->at_once || file->flags & OPEN_NONBLOCK;
}

/* How much of a pipe goes next into the window; 0 at the end, or -Exxx. */
static int take_pipe(struct splice *s, uint32_t done, uint32_t most)
{
    uint32_t skip = s->keep ? done : 0;
    int ready = pipe_wait_data(s->from, waits_not(s->from, s) || done);

    return ready <= 0 ? ready : (int)pipe_peek(s->from, skip, (void *)s->window, most);
}

/* The next piece: what went over, 0 at the end, or -Exxx. After the first no pipe is waited for. */
static int splice_piece(struct splice *s, uint32_t done)
{
    uint32_t most = MIN(s->bytes - done, PAGE_SIZE);
    int got = is_pipe(s->from) ? pipe_wait_data(s->from, waits_not(s->from, s) || done) : 1;

    if (got <= 0)
        return got;
    if (is_pipe(s->to)) {
        int room = pipe_wait_room(s->to, 1, waits_not(s->to, s) || done);

        if (room < 0)
            return room;
        most = MIN(most, (uint32_t)room);
    }
    got = is_pipe(s->from) ? take_pipe(s, done, most)
                           : s->from->ops->read(s->from, (void *)s->window, most, s->from_at);
    if (got <= 0)
        return got;
    int put = s->to->ops->write(s->to, (const void *)s->window, (uint32_t)got, s->to_at);
    if (put > 0 && is_pipe(s->from) && !s->keep)
        pipe_consume(s->from, (uint32_t)put);
    return put;
}

static int splice_pieces(struct splice *s)
{
    uint32_t done = 0;
    bool once = s->from->ops->stream && !is_pipe(s->from); /* would wait for more */

    s->bytes = MIN(s->bytes, SPLICE_LIMIT);
    while (done < s->bytes) {
        int piece = splice_piece(s, done);

        if (piece <= 0)
            return done ? (int)done : piece;
        done += (uint32_t)piece;
        if (once)
            break;
    }
    return (int)done;
}

static int splice_files(struct splice *s)
{
    int error = window_open(&s->window);

    if (error)
        return error;
    file_hold(s->from); /* both may be closed while one waits */
    file_hold(s->to);
    int result = splice_pieces(s);
    if (result > 0) {
        notify_file(s->from->inode, NOTIFY_ACCESS);
        notify_file(s->to->inode, NOTIFY_MODIFY);
    }
    file_release(s->to);
    file_release(s->from);
    window_close(s->window);
    return result;
}

/* An offset that a program gave: not for a pipe, and not where there are no positions. */
static int take_offset(const struct file *file, uint32_t address, uint64_t *at)
{
    *at = file->position;
    if (!address)
        return 0;
    if (is_pipe(file))
        return -ESPIPE;
    if (file->ops->stream)
        return -EINVAL;
    if (take_user(*at, address))
        return -EFAULT;
    return *at > FILE_LIMIT ? -EINVAL : 0;
}

static int check_ends(const struct file *from, const struct file *to)
{
    if (!from || !to || !file_readable(from) || !file_writable(to))
        return -EBADF;
    if (is_pipe(from) && is_pipe(to) && from->inode == to->inode)
        return -EINVAL;
    return 0;
}

int sys_splice(uint32_t from_descriptor, uint32_t from_address, uint32_t to_descriptor,
               uint32_t to_address, uint32_t bytes, uint32_t flags)
{
    struct file *from = files_get((int)from_descriptor), *to = files_get((int)to_descriptor);
    uint64_t from_at, to_at;

    if (flags & ~SPLICE_FLAGS)
        return -EINVAL;
    if (!bytes)
        return 0;
    int error = check_ends(from, to);
    if (!error)
        error = take_offset(from, from_address, &from_at);
    if (!error)
        error = take_offset(to, to_address, &to_at);
    if (error)
        return error;
    if ((!is_pipe(from) && !is_pipe(to)) || !from->ops->read || !to->ops->write ||
        is_directory(from->inode) || to->flags & OPEN_APPEND)
        return -EINVAL;
    uint32_t positions[2] = {(uint32_t)from_at, (uint32_t)to_at};
    struct splice s = {.from = from,
                       .to = to,
                       .from_at = from_address ? &positions[0] : &from->position,
                       .to_at = to_address ? &positions[1] : &to->position,
                       .bytes = bytes,
                       .at_once = flags & SPLICE_NONBLOCK};
    int result = splice_files(&s);
    from_at = positions[0];
    to_at = positions[1];
    if (result > 0 && ((from_address && give_user(from_address, from_at)) ||
                       (to_address && give_user(to_address, to_at))))
        return -EFAULT;
    return result;
}

/* What lies in one pipe into another one as well. */
int sys_tee(uint32_t from_descriptor, uint32_t to_descriptor, uint32_t bytes, uint32_t flags)
{
    struct file *from = files_get((int)from_descriptor), *to = files_get((int)to_descriptor);

    if (flags & ~SPLICE_FLAGS)
        return -EINVAL;
    if (!bytes)
        return 0;
    int error = check_ends(from, to);
    if (error)
        return error;
    if (!is_pipe(from) || !is_pipe(to))
        return -EINVAL;
    struct splice s = {.from = from,
                       .to = to,
                       .from_at = &from->position,
                       .to_at = &to->position,
                       .bytes = bytes,
                       .at_once = flags & SPLICE_NONBLOCK,
                       .keep = true};
    return splice_files(&s);
}

/* One piece of memory; it waits only before the first bytes of all. */
static int splice_memory(struct file *file, uint32_t base, uint32_t bytes, bool first, bool at_once)
{
    uint32_t none = 0;
    int ready = file_writable(file) ? pipe_wait_room(file, 1, at_once || !first)
                                    : pipe_wait_data(file, at_once || !first);

    if (ready <= 0)
        return ready;
    bytes = MIN(bytes, (uint32_t)ready);
    return file_writable(file) ? file->ops->write(file, (const void *)base, bytes, &none)
                               : file->ops->read(file, (void *)base, bytes, &none);
}

int sys_vmsplice(uint32_t descriptor, uint32_t vector, uint32_t n, uint32_t flags)
{
    struct file *file = files_get((int)descriptor);
    uint32_t total = 0;

    if (flags & ~SPLICE_FLAGS)
        return -EINVAL;
    if (!file || !is_pipe(file))
        return -EBADF;
    if (n > VECTOR_LIMIT)
        return -EINVAL;
    bool at_once = flags & SPLICE_NONBLOCK || file->flags & OPEN_NONBLOCK;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t part[2]; /* struct iovec: where, how much */

        if (take_user(part, vector + i * sizeof(part)))
            return total ? (int)total : -EFAULT;
        while (part[1] && total < SPLICE_LIMIT) {
            int done = splice_memory(file, part[0], part[1], !total, at_once);

            if (done <= 0)
                return total ? (int)total : done;
            total += (uint32_t)done;
            part[0] += (uint32_t)done;
            part[1] -= (uint32_t)done;
        }
    }
    return (int)total;
}
