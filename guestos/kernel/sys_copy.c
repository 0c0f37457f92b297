/* SPDX-License-Identifier: GPL-2.0-only */
/* sys_copy.c - system calls that move data between files or make room in them, and file locks */
#include "guestos/event/notify.h"
#include "guestos/fs/file.h"
#include "guestos/fs/lock.h"
#include "guestos/kernel/lib.h"
#include "guestos/kernel/process.h"
#include "guestos/kernel/syscall.h"
#include "guestos/kernel/user.h"
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

/* Room for a range: only the size can be promised in advance, as pages come from all of memory. */
int sys_fallocate(u32 descriptor, u32 mode, u32 low, u32 high, u32 bytes_low, u32 bytes_high)
{
    struct file *file = files_get((int)descriptor);
    if (!file || !file_writable(file))
        return -EBADF;
    u64 end = ((u64)high << 32 | low) + ((u64)bytes_high << 32 | bytes_low);
    if (file->ops != &regular_ops)
        return -ENODEV;
    if (mode || high & 0x80000000 || bytes_high & 0x80000000 || !(bytes_low | bytes_high))
        return mode ? -EOPNOTSUPP : -EINVAL;
    if (end > FILE_LIMIT)
        return -EFBIG;
    u32 old = file->inode->size;
    if (end > old) {
        int error = inode_resize(file->inode, (u32)end);
        if (error)
            return error;
    }
    for (u32 index = low >> PAGE_SHIFT; index < PAGE_UP((u32)end) >> PAGE_SHIFT; index++)
        if (inode_page(file->inode, index, true) == PFN_NONE) {
            if (end > old)
                inode_resize(file->inode, old);
            return -ENOSPC;
        }
    return 0;
}

int sys_flock(u32 descriptor, u32 operation)
{
    struct file *file = files_get((int)descriptor);
    return file ? lock_file(file, operation) : -EBADF;
}

/* Advice about reading ahead: everything is in memory or one copy away from it. */
int sys_fadvise64(u32 descriptor, u32 low, u32 high, u32 bytes, u32 advice)
{
    (void)low, (void)high, (void)bytes;
    return !files_get((int)descriptor) ? -EBADF : advice > 7 ? -EINVAL : 0;
}

int sys_fadvise64_64(u32 descriptor, u32 low, u32 high, u32 bytes, u32 bytes_high, u32 advice)
{
    (void)bytes_high;
    return sys_fadvise64(descriptor, low, high, bytes, advice);
}
