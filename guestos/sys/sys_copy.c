/* SPDX-License-Identifier: GPL-2.0-only */
/* sys_copy.c - system calls that move data between files or make room in them, and file locks */
#include "guestos/fs/notify.h"
#include "guestos/fs/file.h"
#include "guestos/fs/lock.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/sys/syscall.h"
#include "guestos/sys/user.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"
#include "guestos/mm/space.h"

#define COPY_LIMIT 0x7ffff000u

/*
 * Operations of files copy to and from programs. What goes from file to file passes through a page that
 * is mapped into the caller for the time of the call, so that every kind of file can be the target.
 */
static int copy_pages(struct file *to, struct file *from, u32 *position, u32 bytes, u32 window)
{
    u32 done = 0;
    while (done < bytes) {
        u32 n = MIN(bytes - done, PAGE_SIZE), at = *position;
        int got = from->ops->read(from, (void *)window, n, &at);
        if (got <= 0)
            return done ? (int)done : got;
        int put = to->ops->write(to, (const void *)window, (u32)got, &to->position);
        if (put <= 0)
            return done ? (int)done : put;
        done += (u32)put;
        *position += (u32)put;
        if (put < got)
            break;
    }
    return (int)done;
}

static int copy_files(struct file *to, struct file *from, u32 *position, u32 bytes)
{
    struct space *space = current_process()->space;
    struct area area = {.protection = PROT_READ | PROT_WRITE};
    area.start = space_find(space, PAGE_SIZE);
    area.end = area.start + PAGE_SIZE;
    if (!area.start || space_map(space, &area))
        return -ENOMEM;
    file_hold(from); /* writing may sleep, and both be closed meanwhile */
    file_hold(to);
    int result = copy_pages(to, from, position, MIN(bytes, COPY_LIMIT), area.start);
    if (result > 0) {
        notify_file(from->inode, NOTIFY_ACCESS);
        notify_file(to->inode, NOTIFY_MODIFY);
    }
    file_release(to);
    file_release(from);
    space_unmap(space, area.start, PAGE_SIZE);
    return result;
}

static int send_file(u32 to_descriptor, u32 from_descriptor, u64 *offset, u32 bytes)
{
    struct file *to = files_get((int)to_descriptor), *from = files_get((int)from_descriptor);
    if (!to || !from || !file_readable(from) || !file_writable(to))
        return -EBADF;
    if (!from->ops->read || !to->ops->write || from->ops->stream ||
        (offset && *offset > FILE_LIMIT))
        return -EINVAL;
    u32 position = offset ? (u32)*offset : from->position;
    int result = copy_files(to, from, &position, bytes);
    if (offset)
        *offset = position;
    else
        from->position = position;
    return result;
}

int sys_sendfile64(u32 to, u32 from, u32 address, u32 bytes)
{
    u64 offset = 0;
    if (address && take_user(offset, address))
        return -EFAULT;
    int result = send_file(to, from, address ? &offset : NULL, bytes);
    return result >= 0 && address && give_user(address, offset) ? -EFAULT : result;
}

int sys_sendfile(u32 to, u32 from, u32 address, u32 bytes)
{
    u32 low = 0;
    if (address && take_user(low, address))
        return -EFAULT;
    u64 offset = low;
    int result = send_file(to, from, address ? &offset : NULL, bytes);
    low = (u32)offset;
    return result >= 0 && address && give_user(address, low) ? -EFAULT : result;
}

#define KEEP_SIZE 1u /* linux/falloc.h */

/* Pages for a range of a file; 0 or -ENOSPC. */
static int fill_range(struct inode *inode, u32 start, u32 end)
{
    for (u32 index = start >> PAGE_SHIFT; index < PAGE_UP(end) >> PAGE_SHIFT; index++)
        if (inode_page(inode, index, true) == PFN_NONE)
            return -ENOSPC;
    return 0;
}

/* Room for a range. Beyond the end of the file a page can only be kept if the file reaches there, so that nothing
 * is promised there if its size is to stay. */
int sys_fallocate(u32 descriptor, u32 mode, u32 low, u32 high, u32 bytes_low, u32 bytes_high)
{
    struct file *file = files_get((int)descriptor);
    u64 start = (u64)high << 32 | low, bytes = (u64)bytes_high << 32 | bytes_low;
    if (!file)
        return -EBADF;
    if ((s64)start < 0 || (s64)bytes <= 0)
        return -EINVAL;
    if (mode & ~KEEP_SIZE)
        return -EOPNOTSUPP;
    if (!file_writable(file))
        return -EBADF;
    if (file->ops != &regular_ops)
        return (file->inode->mode & MODE_TYPE) == MODE_FIFO ? -ESPIPE : -ENODEV;
    if (start > FILE_LIMIT || bytes > FILE_LIMIT - start)
        return -EFBIG;
    u32 old = file->inode->size, end = (u32)(start + bytes);
    if (mode & KEEP_SIZE)
        end = MIN(end, old);
    int error = end > old ? inode_resize(file->inode, end) : 0;
    if (error)
        return error;
    error = fill_range(file->inode, (u32)start, end);
    if (error && end > old)
        inode_resize(file->inode, old);
    if (!error)
        notify_file(file->inode, NOTIFY_MODIFY);
    return error;
}

int sys_flock(u32 descriptor, u32 operation)
{
    struct file *file = files_get((int)descriptor);
    return file ? lock_file(file, operation) : -EBADF;
}

#define ADVICE_LAST 5u /* asm-generic/fadvise.h: POSIX_FADV_NOREUSE */

/* Advice about reading ahead: everything is in memory or one copy away from it. */
static int advise(u32 descriptor, s64 bytes, u32 advice)
{
    const struct file *file = files_get((int)descriptor);
    if (!file)
        return -EBADF;
    if ((file->inode->mode & MODE_TYPE) == MODE_FIFO)
        return -ESPIPE;
    return bytes < 0 || advice > ADVICE_LAST ? -EINVAL : 0;
}

int sys_fadvise64(u32 descriptor, u32 low, u32 high, u32 bytes, u32 advice)
{
    (void)low, (void)high;
    return advise(descriptor, bytes, advice);
}

int sys_fadvise64_64(u32 descriptor, u32 low, u32 high, u32 bytes, u32 bytes_high, u32 advice)
{
    (void)low, (void)high;
    return advise(descriptor, (s64)((u64)bytes_high << 32 | bytes), advice);
}
