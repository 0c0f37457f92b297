/* SPDX-License-Identifier: GPL-2.0-only */
/* sys_file.c - system calls on descriptors */
#include "guestos/fs/file.h"
#include "guestos/fs/filesystem.h"
#include "guestos/fs/lock.h"
#include "guestos/fs/permission.h"
#include "guestos/fs/pipe.h"
#include "guestos/kernel/lib.h"
#include "guestos/kernel/process.h"
#include "guestos/kernel/syscall.h"
#include "guestos/kernel/user.h"
#include "guestos/mm/heap.h"

#define VECTOR_LIMIT 1024u
#define RW_LIMIT     0x7ffff000u

struct io_vector {
    u32 base, bytes;
};

static int transfer(struct file *file, u32 buffer, u32 bytes, u32 *position, bool write)
{
    bytes = MIN(bytes, RW_LIMIT);
    if (write) {
        if (!file_writable(file))
            return -EBADF;
        return file->ops->write ? file->ops->write(file, (const void *)buffer, bytes, position)
                                : -EINVAL;
    }
    if (!file_readable(file))
        return -EBADF;
    if (file->ops == &directory_ops)
        return -EISDIR;
    return file->ops->read ? file->ops->read(file, (void *)buffer, bytes, position) : -EINVAL;
}

static int transfer_at_position(u32 descriptor, u32 buffer, u32 bytes, bool write)
{
    struct file *file = files_get((int)descriptor);
    if (!file)
        return -EBADF;
    file_hold(file); /* it may sleep, and be closed meanwhile */
    int result = transfer(file, buffer, bytes, &file->position, write);
    file_release(file);
    return result;
}

int sys_read(u32 descriptor, u32 buffer, u32 bytes)
{
    return transfer_at_position(descriptor, buffer, bytes, false);
}

int sys_write(u32 descriptor, u32 buffer, u32 bytes)
{
    return transfer_at_position(descriptor, buffer, bytes, true);
}

/* Before anything is transferred: the vector can be read, and lengths add up to a positive number. */
static int check_vector(u32 vector, u32 n)
{
    u64 sum = 0;
    if (n > VECTOR_LIMIT)
        return -EINVAL;
    for (u32 i = 0; i < n; i++) {
        struct io_vector part;
        if (take_user(part, vector + i * sizeof part))
            return -EFAULT;
        sum += part.bytes;
        if (sum > 0x7fffffffu)
            return -EINVAL;
    }
    return 0;
}

static int transfer_vector(u32 descriptor, u32 vector, u32 n, bool write)
{
    int total = 0, error = files_get((int)descriptor) ? check_vector(vector, n) : -EBADF;
    if (error)
        return error;
    for (u32 i = 0; i < n; i++) {
        struct io_vector part;
        if (take_user(part, vector + i * sizeof part))
            return total ? total : -EFAULT;
        if (!part.bytes)
            continue;
        int done = transfer_at_position(descriptor, part.base, part.bytes, write);
        if (done < 0)
            return total ? total : done;
        total += done;
        if ((u32)done < part.bytes)
            break;
    }
    return total;
}

int sys_readv(u32 descriptor, u32 vector, u32 n)
{
    return transfer_vector(descriptor, vector, n, false);
}

int sys_writev(u32 descriptor, u32 vector, u32 n)
{
    return transfer_vector(descriptor, vector, n, true);
}

static int transfer_at(u32 descriptor, u32 buffer, u32 bytes, u32 low, u32 high, bool write)
{
    struct file *file = files_get((int)descriptor);
    if (!file)
        return -EBADF;
    if (file->ops->stream)
        return -ESPIPE;
    if (high || low > FILE_LIMIT)
        return high & 0x80000000 ? -EINVAL : write ? -EFBIG : 0;
    return transfer(file, buffer, bytes, &low, write);
}

int sys_pread64(u32 descriptor, u32 buffer, u32 bytes, u32 low, u32 high)
{
    return transfer_at(descriptor, buffer, bytes, low, high, false);
}

int sys_pwrite64(u32 descriptor, u32 buffer, u32 bytes, u32 low, u32 high)
{
    return transfer_at(descriptor, buffer, bytes, low, high, true);
}

static int transfer_vector_at(u32 descriptor, u32 vector, u32 n, u32 low, u32 high, bool write)
{
    int total = 0, error = files_get((int)descriptor) ? check_vector(vector, n) : -EBADF;
    if (!error && high & 0x80000000)
        error = -EINVAL;
    if (error)
        return error;
    u64 at = (u64)high << 32 | low;
    for (u32 i = 0; i < n; i++) {
        struct io_vector part;
        if (take_user(part, vector + i * sizeof part))
            return total ? total : -EFAULT;
        if (!part.bytes)
            continue;
        int done = transfer_at(descriptor, part.base, part.bytes, (u32)at, (u32)(at >> 32), write);
        if (done < 0)
            return total ? total : done;
        total += done;
        at += (u32)done;
        if ((u32)done < part.bytes)
            break;
    }
    return total;
}

int sys_preadv(u32 descriptor, u32 vector, u32 n, u32 low, u32 high)
{
    return transfer_vector_at(descriptor, vector, n, low, high, false);
}

int sys_pwritev(u32 descriptor, u32 vector, u32 n, u32 low, u32 high)
{
    return transfer_vector_at(descriptor, vector, n, low, high, true);
}

/* Position -1: the file's own. Flags (RWF_*) ask for what is absent. */
int sys_preadv2(u32 descriptor, u32 vector, u32 n, u32 low, u32 high, u32 flags)
{
    if (flags)
        return -EOPNOTSUPP;
    return (low & high) == ~0u ? sys_readv(descriptor, vector, n)
                               : sys_preadv(descriptor, vector, n, low, high);
}

int sys_pwritev2(u32 descriptor, u32 vector, u32 n, u32 low, u32 high, u32 flags)
{
    if (flags)
        return -EOPNOTSUPP;
    return (low & high) == ~0u ? sys_writev(descriptor, vector, n)
                               : sys_pwritev(descriptor, vector, n, low, high);
}

/* ---- position and size ------------------------------------------------------------------------ */

/* The new position, or -Exxx. */
static s64 seek(u32 descriptor, s64 offset, u32 whence)
{
    struct file *file = files_get((int)descriptor);
    if (!file)
        return -EBADF;
    if (file->ops->stream)
        return -ESPIPE;
    s64 from = whence == 0 ? 0 : whence == 1 ? file->position : file->inode->size;
    if (whence > 2 || from + offset < 0)
        return -EINVAL;
    if (from + offset > FILE_LIMIT)
        return -EOVERFLOW;
    file->position = (u32)(from + offset);
    return file->position;
}

int sys_lseek(u32 descriptor, u32 offset, u32 whence)
{
    return (int)seek(descriptor, (int)offset, whence);
}

int sys__llseek(u32 descriptor, u32 high, u32 low, u32 result, u32 whence)
{
    s64 position = seek(descriptor, (s64)((u64)high << 32 | low), whence);
    return position < 0 ? (int)position : give_user(result, position);
}

int sys_ftruncate64(u32 descriptor, u32 low, u32 high)
{
    struct file *file = files_get((int)descriptor);
    if (!file)
        return -EBADF;
    if (!file_writable(file) || file->ops != &regular_ops)
        return -EINVAL;
    int error = high ? -EFBIG : inode_resize(file->inode, low);
    if (!error)
        inode_contents_change(file->inode);
    return error;
}

int sys_ftruncate(u32 descriptor, u32 size)
{
    return sys_ftruncate64(descriptor, size, 0);
}

int sys_fsync(u32 descriptor)
{
    struct file *file = files_get((int)descriptor);
    return file ? file->ops->stream ? -EINVAL : inode_sync(file->inode) : -EBADF;
}

int sys_sync(void)
{
    mounts_sync();
    return 0;
}

int sys_fdatasync(u32 descriptor)
{
    return sys_fsync(descriptor);
}

int sys_fchmod(u32 descriptor, u32 mode)
{
    struct file *file = files_get((int)descriptor);
    if (!file)
        return -EBADF;
    return inode_change_mode(file->inode, mode);
}

int sys_fchown32(u32 descriptor, u32 uid, u32 gid)
{
    struct file *file = files_get((int)descriptor);
    if (!file)
        return -EBADF;
    return inode_change_owner(file->inode, uid, gid);
}

int sys_fchdir(u32 descriptor)
{
    struct process *me = current_process();
    struct file *file = files_get((int)descriptor);
    if (!file)
        return -EBADF;
    if (file->ops != &directory_ops)
        return -ENOTDIR;
    int error = inode_allow(file->inode, MAY_EXECUTE);
    if (error)
        return error;
    inode_hold(file->inode);
    inode_release(me->fs->cwd);
    me->fs->cwd = file->inode;
    return 0;
}

int sys_ioctl(u32 descriptor, u32 request, u32 argument)
{
    struct file *file = files_get((int)descriptor);
    if (!file)
        return -EBADF;
    return file->ops->ioctl ? file->ops->ioctl(file, request, argument) : -ENOTTY;
}

/* ---- descriptors ------------------------------------------------------------------------------- */

int sys_close(u32 descriptor)
{
    return files_close((int)descriptor);
}

#define CLOSE_RANGE_CLOEXEC 4u /* linux/close_range.h */

int sys_close_range(u32 first, u32 last, u32 flags)
{
    if (first > last || flags & ~CLOSE_RANGE_CLOEXEC)
        return -EINVAL; /* a table of one's own (CLOSE_RANGE_UNSHARE) is absent */
    struct file_table *files = current_process()->files;
    for (u32 i = first; i <= MIN(last, (u32)DESCRIPTORS - 1); i++)
        if (!(flags & CLOSE_RANGE_CLOEXEC))
            files_close((int)i);
        else if (files->file[i])
            files->close_on_exec[i / 32] |= 1u << (i % 32);
    return 0;
}

static int duplicate(u32 descriptor, int lowest, bool close_on_exec)
{
    struct file *file = files_get((int)descriptor);
    if (!file)
        return -EBADF;
    int copy = files_install(file, lowest, close_on_exec);
    if (copy >= 0)
        file_hold(file);
    return copy;
}

int sys_dup(u32 descriptor)
{
    return duplicate(descriptor, 0, false);
}

int sys_dup3(u32 from, u32 to, u32 flags)
{
    if (from == to || flags & ~OPEN_CLOEXEC)
        return -EINVAL;
    if (!files_get((int)from) || to >= MIN(limit_of(LIMIT_FILES), (u32)DESCRIPTORS))
        return -EBADF;
    files_close((int)to);
    return duplicate(from, (int)to, flags & OPEN_CLOEXEC);
}

int sys_dup2(u32 from, u32 to)
{
    if (from == to)
        return files_get((int)from) ? (int)to : -EBADF;
    return sys_dup3(from, to, 0);
}

enum {
    DUPLICATE,
    GET_DESCRIPTOR,
    SET_DESCRIPTOR,
    GET_FLAGS,
    SET_FLAGS,
    LOCK_GET,
    LOCK_SET,
    LOCK_SET_WAIT,
    LOCK_GET64 = 12,
    LOCK_SET64,
    LOCK_SET_WAIT64,
    FILE_LOCK_GET = 36,
    FILE_LOCK_SET,
    FILE_LOCK_SET_WAIT,
    /* Those about sizes of pipes would be next: programs take them for a sign that there is splice(). */
    DUPLICATE_CLOEXEC = 1030
};

/* A thread may close the descriptor while another waits for a lock by it, which close() then undid. */
static int lock_descriptor(u32 descriptor, struct file *file, u32 operation, u32 argument,
                           bool wide)
{
    int result = lock_request(file, operation, argument, wide, false);
    if (files_peek((int)descriptor) == file)
        return result;
    locks_drop_process(file->inode, current_process()->files);
    return -EBADF;
}

int sys_fcntl64(u32 descriptor, u32 command, u32 argument)
{
    struct file *file = files_get((int)descriptor);
    if (!file)
        return -EBADF;
    u32 *word = &current_process()->files->close_on_exec[descriptor / 32];
    u32 bit = 1u << (descriptor % 32);
    switch (command) {
    case DUPLICATE:
    case DUPLICATE_CLOEXEC:
        if (argument >= MIN(limit_of(LIMIT_FILES), (u32)DESCRIPTORS))
            return -EINVAL;
        return duplicate(descriptor, (int)argument, command == DUPLICATE_CLOEXEC);
    case GET_DESCRIPTOR:
        return *word & bit ? 1 : 0;
    case SET_DESCRIPTOR:
        *word = argument & 1 ? *word | bit : *word & ~bit;
        return 0;
    case GET_FLAGS:
        return (int)file->flags;
    case SET_FLAGS:
        file->flags = (file->flags & ~(OPEN_APPEND | OPEN_NONBLOCK)) |
                      (argument & (OPEN_APPEND | OPEN_NONBLOCK));
        return 0;
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
    default:
        return -EINVAL;
    }
}

int sys_fcntl(u32 descriptor, u32 command, u32 argument)
{
    return sys_fcntl64(descriptor, command, argument);
}

int sys_pipe2(u32 address, u32 flags)
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
            return -EMFILE;
        }
    }
    if (give_user(address, descriptor)) {
        files_close(descriptor[0]);
        files_close(descriptor[1]);
        return -EFAULT;
    }
    return 0;
}

int sys_pipe(u32 address)
{
    return sys_pipe2(address, 0);
}

/* ---- directories -------------------------------------------------------------------------------- */

struct dirent64 { /* linux/dirent.h; the name follows */
    u64 inode, next;
    u16 bytes;
    u8 type;
    char name[];
} __attribute__((packed));

/* Appends one entry. 0: it does not fit; -EFAULT. */
static int give_entry(u32 buffer, u32 room, const struct directory_item *item, u32 cookie)
{
    u32 length = strlen(item->name) + 1, bytes = (sizeof(struct dirent64) + length + 7) & ~7u;
    struct dirent64 entry = {
        .inode = item->number, .next = cookie, .bytes = (u16)bytes, .type = item->type};
    if (bytes > room)
        return 0;
    if (give_user(buffer, entry) || copy_to_user((char *)buffer + sizeof entry, item->name, length))
        return -EFAULT;
    return (int)bytes;
}

/* The entry after a cookie, with "." and ".." as the first two. 1, 0 or -Exxx. */
static int next_item(struct inode *directory, u32 *cookie, struct directory_item *item)
{
    if (*cookie >= 2)
        return directory_next(directory, cookie, item);
    const struct inode *inode = ++*cookie == 1 ? directory : mount_up(directory)->parent;
    item->number = inode->number;
    item->type = MODE_DIRECTORY >> 12;
    copy_string(item->name, *cookie == 1 ? "." : "..", sizeof item->name);
    return 1;
}

/* A file's position in a directory is the cookie of the last entry that was given. */
int sys_getdents64(u32 descriptor, u32 buffer, u32 bytes)
{
    struct file *file = files_get((int)descriptor);
    if (!file)
        return -EBADF;
    if (file->ops != &directory_ops)
        return -ENOTDIR;
    struct directory_item item;
    u32 done = 0, cookie = file->position;
    int found, n = 0;
    while ((found = next_item(file->inode, &cookie, &item)) > 0) {
        n = give_entry(buffer + done, bytes - done, &item, cookie);
        if (n <= 0)
            break;
        done += (u32)n;
        file->position = cookie;
    }
    return done ? (int)done : found <= 0 ? found : n ? n : -EINVAL;
}
