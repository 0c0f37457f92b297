/* SPDX-License-Identifier: GPL-2.0-only */
/* sys_transfer.c - reading and writing: by position, at a place, in pieces */
#include "guestos/fs/notify.h"
#include "guestos/fs/file.h"
#include "guestos/kernel/lib.h"
#include "guestos/sys/syscall.h"
#include "guestos/sys/user.h"

#define VECTOR_LIMIT 1024u
#define RW_LIMIT     0x7ffff000u

static int transfer(struct file *file, uint32_t buffer, uint32_t bytes, uint32_t *position,
                    bool write)
{
    int result;

    bytes = MIN(bytes, RW_LIMIT);
    if (write ? !file_writable(file) : !file_readable(file))
        return -EBADF;
    if (!write && file->ops == &directory_ops)
        return -EISDIR;
    if (write ? !file->ops->write : !file->ops->read)
        return -EINVAL;
    if (write)
        result = file->ops->write(file, (const void *)buffer, bytes, position);
    else
        result = file->ops->read(file, (void *)buffer, bytes, position);
    if (result > 0)
        notify_file(file->inode, write ? NOTIFY_MODIFY : NOTIFY_ACCESS);
    return result;
}

static int transfer_at_position(uint32_t descriptor, uint32_t buffer, uint32_t bytes, bool write)
{
    struct file *file = files_get((int)descriptor);

    if (!file)
        return -EBADF;
    file_hold(file); /* it may sleep, and be closed meanwhile */
    int result = transfer(file, buffer, bytes, &file->position, write);
    file_release(file);
    return result;
}

int sys_read(uint32_t descriptor, uint32_t buffer, uint32_t bytes)
{
    return transfer_at_position(descriptor, buffer, bytes, false);
}

int sys_write(uint32_t descriptor, uint32_t buffer, uint32_t bytes)
{
    return transfer_at_position(descriptor, buffer, bytes, true);
}

static int transfer_at(uint32_t descriptor, uint32_t buffer, uint32_t bytes, uint64_t at,
                       bool write)
{
    struct file *file = files_get((int)descriptor);

    if (!file)
        return -EBADF;
    if (file->ops->stream)
        return -ESPIPE;
    if (at > FILE_LIMIT)
        return (int64_t)at < 0 ? -EINVAL : write ? -EFBIG : 0;
    uint32_t position = (uint32_t)at;
    return transfer(file, buffer, bytes, &position, write);
}

int sys_pread64(uint32_t descriptor, uint32_t buffer, uint32_t bytes, uint32_t low, uint32_t high)
{
    return transfer_at(descriptor, buffer, bytes, (uint64_t)high << 32 | low, false);
}

int sys_pwrite64(uint32_t descriptor, uint32_t buffer, uint32_t bytes, uint32_t low, uint32_t high)
{
    return transfer_at(descriptor, buffer, bytes, (uint64_t)high << 32 | low, true);
}

/* ---- in pieces ------------------------------------------------------------------------------- */

struct io_vector {
    uint32_t base, bytes;
};

/*
 * Before anything is transferred: the vector can be read, and lengths add up to a positive number.
 */
static int check_vector(uint32_t vector, uint32_t n)
{
    uint64_t sum = 0;

    if (n > VECTOR_LIMIT)
        return -EINVAL;
    for (uint32_t i = 0; i < n; i++) {
        struct io_vector part;

        if (take_user(part, vector + i * sizeof(part)))
            return -EFAULT;
        sum += part.bytes;
        if (sum > 0x7fffffffu)
            return -EINVAL;
    }
    return 0;
}

/* At `at`, which moves on; NULL: at the file's own position. */
static int transfer_vector(uint32_t descriptor, uint32_t vector, uint32_t n, uint64_t *at,
                           bool write)
{
    int total = 0, error = files_get((int)descriptor) ? check_vector(vector, n) : -EBADF;

    if (!error && at && (int64_t)*at < 0)
        error = -EINVAL;
    if (error)
        return error;
    for (uint32_t i = 0; i < n; i++) {
        struct io_vector part;

        if (take_user(part, vector + i * sizeof(part)))
            return total ? total : -EFAULT;
        if (!part.bytes)
            continue;
        int done = at ? transfer_at(descriptor, part.base, part.bytes, *at, write)
                      : transfer_at_position(descriptor, part.base, part.bytes, write);
        if (done < 0)
            return total ? total : done;
        total += done;
        if (at)
            *at += (uint32_t)done;
        if ((uint32_t)done < part.bytes)
            break;
    }
    return total;
}

int sys_readv(uint32_t descriptor, uint32_t vector, uint32_t n)
{
    return transfer_vector(descriptor, vector, n, NULL, false);
}

int sys_writev(uint32_t descriptor, uint32_t vector, uint32_t n)
{
    return transfer_vector(descriptor, vector, n, NULL, true);
}

int sys_preadv(uint32_t descriptor, uint32_t vector, uint32_t n, uint32_t low, uint32_t high)
{
    uint64_t at = (uint64_t)high << 32 | low;

    return transfer_vector(descriptor, vector, n, &at, false);
}

int sys_pwritev(uint32_t descriptor, uint32_t vector, uint32_t n, uint32_t low, uint32_t high)
{
    uint64_t at = (uint64_t)high << 32 | low;

    return transfer_vector(descriptor, vector, n, &at, true);
}

/* Position -1: the file's own. Flags (RWF_*) ask for what is absent. */
int sys_preadv2(uint32_t descriptor, uint32_t vector, uint32_t n, uint32_t low, uint32_t high,
                uint32_t flags)
{
    if (flags)
        return -EOPNOTSUPP;
    return (low & high) == ~0u ? sys_readv(descriptor, vector, n)
                               : sys_preadv(descriptor, vector, n, low, high);
}

int sys_pwritev2(uint32_t descriptor, uint32_t vector, uint32_t n, uint32_t low, uint32_t high,
                 uint32_t flags)
{
    if (flags)
        return -EOPNOTSUPP;
    return (low & high) == ~0u ? sys_writev(descriptor, vector, n)
                               : sys_pwritev(descriptor, vector, n, low, high);
}
