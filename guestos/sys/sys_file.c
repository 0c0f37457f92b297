/* SPDX-License-Identifier: GPL-2.0-only */
/* sys_file.c - system calls on descriptors */
#include "guestos/block/devices.h"
#include "guestos/fs/notify.h"
#include "guestos/fs/file.h"
#include "guestos/fs/filesystem.h"
#include "guestos/fs/lock.h"
#include "guestos/fs/permission.h"
#include "guestos/fs/pipe.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/sys/syscall.h"
#include "guestos/sys/user.h"

/* ---- position and size ----------------------------------------------------------------------- */

/* The new position, or -Exxx. */
static int64_t seek(uint32_t descriptor, int64_t offset, uint32_t whence)
{
    struct file *file = files_get((int)descriptor);

    if (!file)
        return -EBADF;
    if (file->ops->stream)
        return -ESPIPE;
    if (file->ops->stands_still)
        return whence > 2 ? -EINVAL : 0;
    int64_t from = whence == 0 ? 0 : whence == 1 ? file->position : file->inode->size;
    if (whence > 2 || from + offset < 0)
        return -EINVAL;
    if (from + offset > FILE_LIMIT)
        return -EOVERFLOW;
    file->position = (uint32_t)(from + offset);
    return file->position;
}

int sys_lseek(uint32_t descriptor, uint32_t offset, uint32_t whence)
{
    return (int)seek(descriptor, (int)offset, whence);
}

int sys__llseek(uint32_t descriptor, uint32_t high, uint32_t low, uint32_t result, uint32_t whence)
{
    int64_t position = seek(descriptor, (int64_t)((uint64_t)high << 32 | low), whence);

    return position < 0 ? (int)position : give_user(result, position);
}

int sys_ftruncate64(uint32_t descriptor, uint32_t low, uint32_t high)
{
    struct file *file = files_get((int)descriptor);

    if (!file)
        return -EBADF;
    if (!file_writable(file) || file->ops != &regular_ops)
        return -EINVAL;
    int error = high ? -EFBIG : file_allow_size(file->inode, low);
    if (!error)
        error = inode_resize(file->inode, low);
    if (error)
        return error;
    inode_contents_change(file->inode);
    notify_file(file->inode, NOTIFY_MODIFY);
    return 0;
}

int sys_ftruncate(uint32_t descriptor, uint32_t size)
{
    return sys_ftruncate64(descriptor, size, 0);
}

int sys_fsync(uint32_t descriptor)
{
    struct file *file = files_get((int)descriptor);

    if (!file)
        return -EBADF;
    /*
     * There must be something behind it that could be behind: not a stream, not a device of
     * characters.
     */
    if (file->ops->stream || (file->inode->mode & MODE_TYPE) == MODE_CHARACTER)
        return -EINVAL;
    if ((file->inode->mode & MODE_TYPE) == MODE_BLOCK)
        return block_flush(block_device(file->inode->device));
    return inode_sync(file->inode);
}

int sys_fdatasync(uint32_t descriptor)
{
    return sys_fsync(descriptor);
}

int sys_sync(void)
{
    mounts_sync();
    return 0;
}
