/* SPDX-License-Identifier: GPL-2.0-only */
/* sys_copy.c - system calls that move data between files or make room in them, and file locks */
#include "guestos/fs/notify.h"
#include "guestos/fs/file.h"
#include "guestos/fs/lock.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/sys/syscall.h"
#include "guestos/sys/user.h"
#include "guestos/sys/window.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"
#include "guestos/mm/space.h"

#define COPY_LIMIT 0x7ffff000u

static int copy_pages(struct file *to, struct file *from, uint32_t *position, uint32_t bytes,
                      uint32_t window)
{
    uint32_t done = 0;

    while (done < bytes) {
        uint32_t n = MIN(bytes - done, PAGE_SIZE), at = *position;
        int got = from->ops->read(from, (void *)window, n, &at);

        if (got <= 0)
            return done ? (int)done : got;
        int put = to->ops->write(to, (const void *)window, (uint32_t)got, &to->position);
        if (put <= 0)
            return done ? (int)done : put;
        done += (uint32_t)put;
        *position += (uint32_t)put;
        if (put < got)
            break;
    }
    return (int)done;
}

int window_open(uint32_t *window)
{
    struct space *space = current_process()->space;
    struct area area = {.protection = PROT_READ | PROT_WRITE};

    area.start = space_find(space, PAGE_SIZE);
    area.end = area.start + PAGE_SIZE;
    if (!area.start || space_map(space, &area))
        return -ENOMEM;
    *window = area.start;
    return 0;
}

void window_close(uint32_t window)
{
    space_unmap(current_process()->space, window, PAGE_SIZE);
}

static int copy_files(struct file *to, struct file *from, uint32_t *position, uint32_t bytes)
{
    uint32_t window;
    int error = window_open(&window);

    if (error)
        return error;
    file_hold(from); /* writing may sleep, and both be closed meanwhile */
    file_hold(to);
    int result = copy_pages(to, from, position, MIN(bytes, COPY_LIMIT), window);
    if (result > 0) {
        notify_file(from->inode, NOTIFY_ACCESS);
        notify_file(to->inode, NOTIFY_MODIFY);
    }
    file_release(to);
    file_release(from);
    window_close(window);
    return result;
}

static int send_file(uint32_t to_descriptor, uint32_t from_descriptor, uint64_t *offset,
                     uint32_t bytes)
{
    struct file *to = files_get((int)to_descriptor), *from = files_get((int)from_descriptor);

    if (!to || !from || !file_readable(from) || !file_writable(to))
        return -EBADF;
    if (!from->ops->read || !to->ops->write || from->ops->stream ||
        (offset && *offset > FILE_LIMIT))
        return -EINVAL;
    uint32_t position = offset ? (uint32_t)*offset : from->position;
    int result = copy_files(to, from, &position, bytes);
    if (offset)
        *offset = position;
    else
        from->position = position;
    return result;
}

int sys_sendfile64(uint32_t to, uint32_t from, uint32_t address, uint32_t bytes)
{
    uint64_t offset = 0;

    if (address && take_user(offset, address))
        return -EFAULT;
    int result = send_file(to, from, address ? &offset : NULL, bytes);
    return result >= 0 && address && give_user(address, offset) ? -EFAULT : result;
}

int sys_sendfile(uint32_t to, uint32_t from, uint32_t address, uint32_t bytes)
{
    uint32_t low = 0;

    if (address && take_user(low, address))
        return -EFAULT;
    uint64_t offset = low;
    int result = send_file(to, from, address ? &offset : NULL, bytes);
    low = (uint32_t)offset;
    return result >= 0 && address && give_user(address, low) ? -EFAULT : result;
}

/*
 * What copy_file_range(2) refuses; *bytes is cut at the end of the one file and at what the other
 * can hold.
 */
static int check_copy(const struct file *from, const struct file *to, uint64_t at, uint64_t to_at,
                      uint32_t *bytes)
{
    if (!from || !to || !file_readable(from) || !file_writable(to) || to->flags & OPEN_APPEND)
        return -EBADF;
    if (is_directory(from->inode) || is_directory(to->inode))
        return -EISDIR;
    if (from->ops != &regular_ops || to->ops != &regular_ops || (int64_t)at < 0 ||
        (int64_t)to_at < 0)
        return -EINVAL;
    uint32_t size = from->inode->size;
    *bytes = at >= size ? 0 : MIN(MIN(*bytes, COPY_LIMIT), size - (uint32_t)at);
    if (!*bytes)
        return 0;
    if (to_at >= FILE_LIMIT)
        return -EFBIG;
    *bytes = MIN(*bytes, FILE_LIMIT - (uint32_t)to_at);
    bool overlap = from->inode == to->inode && at < to_at + *bytes && to_at < at + *bytes;
    return overlap ? -EINVAL : 0;
}

/* From file to file; the positions are where the addresses say, or the files' own. */
int sys_copy_file_range(uint32_t from_descriptor, uint32_t from_address, uint32_t to_descriptor,
                        uint32_t to_address, uint32_t bytes, uint32_t flags)
{
    struct file *from = files_get((int)from_descriptor), *to = files_get((int)to_descriptor);
    uint64_t at = from ? from->position : 0, to_at = to ? to->position : 0;

    if (flags)
        return -EINVAL;
    if ((from_address && take_user(at, from_address)) ||
        (to_address && take_user(to_at, to_address)))
        return -EFAULT;
    int error = check_copy(from, to, at, to_at, &bytes);
    if (error || !bytes)
        return error;
    uint32_t position = (uint32_t)at, kept = to->position;
    to->position = (uint32_t)to_at;
    int result = copy_files(to, from, &position, bytes);
    to_at = to->position;
    at = position;
    if (to_address)
        to->position = kept;
    if (!from_address)
        from->position = position;
    if ((from_address && give_user(from_address, at)) ||
        (to_address && give_user(to_address, to_at)))
        return -EFAULT;
    return result;
}

#define KEEP_SIZE 1u /* linux/falloc.h */

/* Pages for a range of a file; 0 or -ENOSPC. */
static int fill_range(struct inode *inode, uint32_t start, uint32_t end)
{
    for (uint32_t index = start >> PAGE_SHIFT; index < PAGE_UP(end) >> PAGE_SHIFT; index++)
        if (inode_page(inode, index, true) == PFN_NONE)
            return -ENOSPC;
    return 0;
}

/*
 * Room for a range. Beyond the end of the file a page can only be kept if the file reaches there,
 * so that nothing is promised there if its size is to stay.
 */
int sys_fallocate(uint32_t descriptor, uint32_t mode, uint32_t low, uint32_t high,
                  uint32_t bytes_low, uint32_t bytes_high)
{
    struct file *file = files_get((int)descriptor);
    uint64_t start = (uint64_t)high << 32 | low, bytes = (uint64_t)bytes_high << 32 | bytes_low;

    if (!file)
        return -EBADF;
    if ((int64_t)start < 0 || (int64_t)bytes <= 0)
        return -EINVAL;
    if (mode & ~KEEP_SIZE)
        return -EOPNOTSUPP;
    if (!file_writable(file))
        return -EBADF;
    if (file->ops != &regular_ops)
        return (file->inode->mode & MODE_TYPE) == MODE_FIFO ? -ESPIPE : -ENODEV;
    if (start > FILE_LIMIT || bytes > FILE_LIMIT - start)
        return -EFBIG;
    uint32_t old = file->inode->size, end = (uint32_t)(start + bytes);
    if (mode & KEEP_SIZE)
        end = MIN(end, old);
    int error = file_allow_size(file->inode, end);
    if (!error && end > old)
        error = inode_resize(file->inode, end);
    if (error)
        return error;
    error = fill_range(file->inode, (uint32_t)start, end);
    if (error && end > old)
        inode_resize(file->inode, old);
    if (!error)
        notify_file(file->inode, NOTIFY_MODIFY);
    return error;
}

int sys_flock(uint32_t descriptor, uint32_t operation)
{
    struct file *file = files_get((int)descriptor);

    return file ? lock_file(file, operation) : -EBADF;
}

#define ADVICE_LAST 5u /* asm-generic/fadvise.h: POSIX_FADV_NOREUSE */

/* Advice about reading ahead: everything is in memory or one copy away from it. */
static int advise(uint32_t descriptor, int64_t bytes, uint32_t advice)
{
    const struct file *file = files_get((int)descriptor);

    if (!file)
        return -EBADF;
    if ((file->inode->mode & MODE_TYPE) == MODE_FIFO)
        return -ESPIPE;
    return bytes < 0 || advice > ADVICE_LAST ? -EINVAL : 0;
}

int sys_readahead(uint32_t descriptor, uint32_t low, uint32_t high, uint32_t bytes)
{
    const struct file *file = files_get((int)descriptor);

    (void)low, (void)high, (void)bytes;
    if (!file || !file_readable(file))
        return -EBADF;
    return file->ops == &regular_ops ? 0 : -EINVAL;
}

int sys_fadvise64(uint32_t descriptor, uint32_t low, uint32_t high, uint32_t bytes, uint32_t advice)
{
    (void)low, (void)high;
    return advise(descriptor, bytes, advice);
}

int sys_fadvise64_64(uint32_t descriptor, uint32_t low, uint32_t high, uint32_t bytes,
                     uint32_t bytes_high, uint32_t advice)
{
    (void)low, (void)high;
    return advise(descriptor, (int64_t)((uint64_t)bytes_high << 32 | bytes), advice);
}
