/* SPDX-License-Identifier: GPL-2.0-only */
/* sys_descriptor.c - system calls on descriptors: closing, copying, fcntl(), ioctl(), pipes */
#include "guestos/signal/async.h"
#include "guestos/fs/file.h"
#include "guestos/fs/lock.h"
#include "guestos/fs/pipe.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/sys/syscall.h"
#include "guestos/sys/user.h"
#include "guestos/mm/space.h"

int sys_close(uint32_t descriptor)
{
    return files_close((int)descriptor);
}

#define CLOSE_RANGE_CLOEXEC 4u /* linux/close_range.h */

int sys_close_range(uint32_t first, uint32_t last, uint32_t flags)
{
    if (first > last || flags & ~CLOSE_RANGE_CLOEXEC)
        return -EINVAL; /* a table of one's own (CLOSE_RANGE_UNSHARE) is absent */
    struct file_table *files = current_thread()->files;
    for (uint32_t i = first; i <= MIN(last, files->slots - 1); i++)
        if (!(flags & CLOSE_RANGE_CLOEXEC))
            files_close((int)i);
        else if (files_at(files, i))
            files_set_close_on_exec(files, i, true);
    return 0;
}

static int duplicate(uint32_t descriptor, int lowest, bool close_on_exec)
{
    struct file *file = files_get_any((int)descriptor);

    if (!file)
        return -EBADF;
    int copy = files_install(file, lowest, close_on_exec);
    if (copy >= 0)
        file_hold(file);
    return copy;
}

int sys_dup(uint32_t descriptor)
{
    return duplicate(descriptor, 0, false);
}

int sys_dup3(uint32_t from, uint32_t to, uint32_t flags)
{
    if (from == to || flags & ~OPEN_CLOEXEC)
        return -EINVAL;
    if (!files_get_any((int)from) || to >= files_limit())
        return -EBADF;
    files_close((int)to);
    return duplicate(from, (int)to, flags & OPEN_CLOEXEC);
}

int sys_dup2(uint32_t from, uint32_t to)
{
    if (from == to)
        return files_get_any((int)from) ? (int)to : -EBADF;
    return sys_dup3(from, to, 0);
}

/* ---- fcntl() --------------------------------------------------------------------------------- */

enum {
    DUPLICATE,
    GET_DESCRIPTOR,
    SET_DESCRIPTOR,
    GET_FLAGS,
    SET_FLAGS,
    LOCK_GET,
    LOCK_SET,
    LOCK_SET_WAIT,
    SET_OWNER,
    GET_OWNER,
    SET_SIGNAL,
    GET_SIGNAL,
    LOCK_GET64 = 12,
    LOCK_SET64,
    LOCK_SET_WAIT64,
    SET_OWNER_EX = 15,
    GET_OWNER_EX,
    FILE_LOCK_GET = 36,
    FILE_LOCK_SET,
    FILE_LOCK_SET_WAIT,
    DUPLICATE_CLOEXEC = 1030,
    PIPE_SET_SIZE,
    PIPE_GET_SIZE,
    SEALS_ADD,
    SEALS_GET,
};

/*
 * A thread may close the descriptor while another waits for a lock by it, which close() then undid.
 */
static int lock_descriptor(uint32_t descriptor, struct file *file, uint32_t operation,
                           uint32_t argument, bool wide)
{
    int result = lock_request(file, operation, argument, wide, false);

    if (files_peek((int)descriptor) == file)
        return result;
    locks_drop_process(file->inode, current_thread()->files);
    return -EBADF;
}

static int set_flags(struct file *file, uint32_t descriptor, uint32_t flags)
{
    if ((file->flags ^ flags) & OPEN_ASYNC && async_possible(file)) {
        int error = async_switch(file, descriptor, flags & OPEN_ASYNC);

        if (error)
            return error;
    }
    file->flags =
        (file->flags & ~(OPEN_APPEND | OPEN_NONBLOCK)) | (flags & (OPEN_APPEND | OPEN_NONBLOCK));
    return 0;
}

/* Who is told by a signal, and by which (signal/async.h). */
static int owner_request(struct file *file, uint32_t descriptor, uint32_t command,
                         uint32_t argument)
{
    struct async_owner owner;

    switch (command) {
    case SET_OWNER:
        return async_set_owner_number(file, descriptor, (int32_t)argument);
    case GET_OWNER:
        return async_owner_number(file);
    case SET_SIGNAL:
        return async_set_signal(file, descriptor, argument);
    case GET_SIGNAL:
        return (int)async_signal(file);
    case SET_OWNER_EX:
        return take_user(owner, argument) ? -EFAULT : async_set_owner(file, descriptor, owner);
    case GET_OWNER_EX:
        owner = async_owner(file);
        return give_user(argument, owner);
    default:
        return -EINVAL;
    }
}

/* memfd_create(2), "File sealing" */
static int seal(struct file *file, uint32_t seals)
{
    uint32_t *kept = &file->inode->seals;

    if (!(*kept & SEALS_POSSIBLE) || seals & ~SEALS)
        return -EINVAL;
    if (!file_writable(file) || *kept & SEAL_SEAL)
        return -EPERM;
    if (seals & ~*kept & SEAL_WRITE && spaces_may_write_file(file->inode))
        return -EBUSY;
    *kept |= seals;
    return 0;
}

int sys_fcntl64(uint32_t descriptor, uint32_t command, uint32_t argument)
{
    struct file *file = files_get_any((int)descriptor);
    bool of_descriptor = command <= GET_FLAGS || command == DUPLICATE_CLOEXEC;

    if (!file || (file->ops == &place_ops && !of_descriptor))
        return -EBADF;
    struct file_table *files = current_thread()->files;
    switch (command) {
    case DUPLICATE:
    case DUPLICATE_CLOEXEC:
        if (argument >= files_limit())
            return -EINVAL;
        return duplicate(descriptor, (int)argument, command == DUPLICATE_CLOEXEC);
    case GET_DESCRIPTOR:
        return files_closes_on_exec(files, descriptor);
    case SET_DESCRIPTOR:
        files_set_close_on_exec(files, descriptor, argument & 1);
        return 0;
    case GET_FLAGS:
        return (int)file->flags;
    case SET_FLAGS:
        return set_flags(file, descriptor, argument);
    case LOCK_GET:
    case LOCK_SET:
    case LOCK_SET_WAIT:
        return lock_descriptor(descriptor, file, command - LOCK_GET, argument, false);
    case LOCK_GET64:
    case LOCK_SET64:
    case LOCK_SET_WAIT64:
        return lock_descriptor(descriptor, file, command - LOCK_GET64, argument, true);
    case FILE_LOCK_GET:
    case FILE_LOCK_SET:
    case FILE_LOCK_SET_WAIT:
        return lock_request(file, command - FILE_LOCK_GET, argument, true, true);
    case PIPE_SET_SIZE:
        return is_pipe(file) ? pipe_resize(file, argument) : -EBADF;
    case PIPE_GET_SIZE:
        return is_pipe(file) ? (int)pipe_size(file) : -EBADF;
    case SEALS_ADD:
        return seal(file, argument);
    case SEALS_GET:
        return file->inode->seals & SEALS_POSSIBLE ? (int)(file->inode->seals & SEALS) : -EINVAL;
    default:
        return owner_request(file, descriptor, command, argument);
    }
}

int sys_fcntl(uint32_t descriptor, uint32_t command, uint32_t argument)
{
    return sys_fcntl64(descriptor, command, argument);
}

/* ---- ioctl() --------------------------------------------------------------------------------- */

/* Requests that every file knows (asm-generic/ioctls.h), before those of its own kind. */
enum {
    FIONBIO = 0x5421,
    FIONCLEX = 0x5450,
    FIOCLEX,
    FIOASYNC,
    FIOSETOWN = 0x8901,
    SIOCSPGRP,
    FIOGETOWN,
    SIOCGPGRP,
};

static bool is_socket(const struct file *file)
{
    return (file->inode->mode & MODE_TYPE) == MODE_SOCKET;
}

int sys_ioctl(uint32_t descriptor, uint32_t request, uint32_t argument)
{
    struct file *file = files_get((int)descriptor);
    uint32_t value = 0;

    if (!file)
        return -EBADF;
    switch (request) {
    case FIONBIO:
    case FIOASYNC:
        if (take_user(value, argument))
            return -EFAULT;
        if (request == FIOASYNC)
            return !value == !(file->flags & OPEN_ASYNC)
                       ? 0
                       : async_switch(file, descriptor, value != 0);
        file->flags = value ? file->flags | OPEN_NONBLOCK : file->flags & ~OPEN_NONBLOCK;
        return 0;
    case FIOCLEX:
    case FIONCLEX:
        files_set_close_on_exec(current_thread()->files, descriptor, request == FIOCLEX);
        return 0;
    case FIOSETOWN:
    case SIOCSPGRP:
        if (!is_socket(file))
            break;
        return take_user(value, argument)
                   ? -EFAULT
                   : async_set_owner_number(file, descriptor, (int32_t)value);
    case FIOGETOWN:
    case SIOCGPGRP:
        if (!is_socket(file))
            break;
        value = (uint32_t)async_owner_number(file);
        return give_user(argument, value);
    }
    return file->ops->ioctl ? file->ops->ioctl(file, request, argument) : -ENOTTY;
}

/* ---- pipes ----------------------------------------------------------------------------------- */

int sys_pipe2(uint32_t address, uint32_t flags)
{
    struct file *end[2];
    int descriptor[2];

    if (flags & ~(OPEN_CLOEXEC | OPEN_NONBLOCK))
        return -EINVAL;
    int error = pipe_open(&end[0], &end[1], flags);
    if (error)
        return error;
    for (int i = 0; i < 2; i++) {
        descriptor[i] = files_install(end[i], 0, flags & OPEN_CLOEXEC);
        if (descriptor[i] < 0) {
            if (i)
                files_close(descriptor[0]);
            else
                file_release(end[0]);
            file_release(end[1]);
            return descriptor[i];
        }
    }
    if (give_user(address, descriptor)) {
        files_close(descriptor[0]);
        files_close(descriptor[1]);
        return -EFAULT;
    }
    return 0;
}

int sys_pipe(uint32_t address)
{
    return sys_pipe2(address, 0);
}
