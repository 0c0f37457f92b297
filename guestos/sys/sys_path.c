/* SPDX-License-Identifier: GPL-2.0-only */
/* sys_path.c - system calls that find a file by its name: open, access, truncate, readlink */
#include "guestos/fs/notify.h"
#include "guestos/fs/file.h"
#include "guestos/fs/filesystem.h"
#include "guestos/fs/permission.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/sys/syscall.h"
#include "guestos/sys/user.h"
#include "guestos/mm/heap.h"

/* ---- opening --------------------------------------------------------------------------------- */

/* What must be allowed for opening a file like this. */
static uint32_t rights_of(uint32_t flags)
{
    uint32_t access = flags & OPEN_ACCESS;

    if (flags & OPEN_PATH)
        return 0;
    return (access == OPEN_WRITE ? 0 : MAY_READ) | (access == OPEN_READ ? 0 : MAY_WRITE) |
           (flags & OPEN_TRUNCATE ? MAY_WRITE : 0);
}

/* The inode, held; *fresh: it has just been made. */
static struct inode *open_inode(struct inode *from, const char *path, uint32_t flags, uint32_t mode,
                                bool *fresh)
{
    struct inode *inode;

    *fresh = false;
    if (is_self_exe(path)) {
        inode_hold(inode = current_process()->program);
    } else {
        if (flags & OPEN_CREATE) {
            mode &= 07777 & ~current_thread()->fs->umask;
            inode = path_create(from, path, MODE_REGULAR | mode);
            *fresh = !IS_ERR(inode);
            if (*fresh || PTR_ERR(inode) != -EEXIST || flags & OPEN_EXCLUSIVE)
                return inode;
        }
        inode = path_lookup(from, path, flags & OPEN_NO_FOLLOW ? LOOKUP_NO_FOLLOW : 0);
        if (IS_ERR(inode))
            return inode;
    }
    int error =
        is_directory(inode) && flags & OPEN_CREATE ? -EISDIR : inode_allow(inode, rights_of(flags));
    if (!error && rights_of(flags) & MAY_WRITE && program_runs(inode))
        error = -ETXTBSY;
    if (!error)
        return inode;
    inode_release(inode);
    return ERR_PTR(error);
}

int sys_openat(uint32_t directory, uint32_t address, uint32_t flags, uint32_t mode)
{
    char *path = take_path(address);

    if (IS_ERR(path))
        return PTR_ERR(path);
    if (flags & OPEN_PATH) /* others mean nothing with it */
        flags &= OPEN_PATH | OPEN_DIRECTORY | OPEN_NO_FOLLOW | OPEN_CLOEXEC;
    struct inode *from = path_start(directory, path);
    bool fresh;
    struct inode *inode = IS_ERR(from) ? from : open_inode(from, path, flags, mode, &fresh);
    give_path(path);
    if (IS_ERR(inode))
        return PTR_ERR(inode);
    uint32_t type = inode->mode & MODE_TYPE;
    struct file *file = flags & OPEN_DIRECTORY && type != MODE_DIRECTORY ? ERR_PTR(-ENOTDIR)
                                                                         : file_open(inode, flags);
    if (!IS_ERR(file) && !(flags & OPEN_PATH))
        notify_file(inode, NOTIFY_OPEN);
    if (!IS_ERR(file) && type == MODE_REGULAR && flags & OPEN_TRUNCATE && !fresh) {
        inode_contents_change(inode);
        inode_resize(inode, 0);
        notify_file(inode, NOTIFY_MODIFY);
    }
    inode_release(inode);
    if (IS_ERR(file))
        return PTR_ERR(file);
    return files_give(file, flags & OPEN_CLOEXEC);
}

int sys_open(uint32_t address, uint32_t flags, uint32_t mode)
{
    return sys_openat(AT_CWD, address, flags, mode);
}

int sys_creat(uint32_t address, uint32_t mode)
{
    return sys_open(address, OPEN_WRITE | OPEN_CREATE | OPEN_TRUNCATE, mode);
}

/* ---- asking and cutting ---------------------------------------------------------------------- */

int sys_faccessat2(uint32_t directory, uint32_t address, uint32_t mode, uint32_t flags)
{
    const uint32_t effective = 0x200; /* AT_EACCESS */

    if (mode & ~7u || flags & ~(effective | AT_NO_FOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    struct inode *inode = lookup_by_flags(directory, address, flags);
    if (IS_ERR(inode))
        return PTR_ERR(inode);
    int error = flags & effective ? inode_allow(inode, mode) : inode_allow_real(inode, mode);
    if (!error && mode & MAY_WRITE && inode->mount && inode->mount->read_only)
        error = -EROFS;
    inode_release(inode);
    return error;
}

int sys_faccessat(uint32_t directory, uint32_t address, uint32_t mode)
{
    return sys_faccessat2(directory, address, mode, 0);
}

int sys_access(uint32_t address, uint32_t mode)
{
    return sys_faccessat(AT_CWD, address, mode);
}

int sys_truncate64(uint32_t address, uint32_t low, uint32_t high)
{
    struct inode *inode = lookup_at(AT_CWD, address, 0);

    if (IS_ERR(inode))
        return PTR_ERR(inode);
    int error = is_directory(inode)                         ? -EISDIR
                : (inode->mode & MODE_TYPE) != MODE_REGULAR ? -EINVAL
                : high & 0x80000000                         ? -EINVAL
                : high                                      ? -EFBIG
                                                            : inode_allow(inode, MAY_WRITE);
    if (!error && program_runs(inode))
        error = -ETXTBSY;
    if (!error)
        error = file_allow_size(inode, low);
    if (!error)
        error = inode_resize(inode, low);
    if (!error) {
        inode_contents_change(inode);
        notify_file(inode, NOTIFY_MODIFY);
    }
    inode_release(inode);
    return error;
}

int sys_truncate(uint32_t address, uint32_t size)
{
    return sys_truncate64(address, size, size & 0x80000000 ? ~0u : 0);
}

/* ---- where links lead ------------------------------------------------------------------------ */

/* `room` has PATH_LIMIT bytes. */
static int read_link(struct inode *inode, char *room, uint32_t buffer, uint32_t bytes)
{
    if ((inode->mode & MODE_TYPE) != MODE_LINK)
        return -EINVAL;
    const char *target = inode->target;
    if (inode->inode_ops->link_text) {
        int error = inode->inode_ops->link_text(inode, room, PATH_LIMIT);

        if (error < 0)
            return error;
        target = room;
    }
    uint32_t n = MIN(bytes, (uint32_t)strlen(target));
    return copy_to_user((void *)buffer, target, n) ? -EFAULT : (int)n;
}

int sys_readlinkat(uint32_t directory, uint32_t address, uint32_t buffer, uint32_t bytes)
{
    if ((int32_t)bytes <= 0)
        return -EINVAL;
    char *path = take_path(address);
    if (IS_ERR(path))
        return PTR_ERR(path);
    const struct thread *me = current_thread();
    struct inode *from = path_start(directory, path);
    int result;
    if (is_self_exe(path)) {
        uint32_t n = MIN(bytes, (uint32_t)strlen(me->process->program_path));

        result = copy_to_user((void *)buffer, me->process->program_path, n) ? -EFAULT : (int)n;
    } else {
        struct inode *inode = IS_ERR(from) ? from : path_lookup(from, path, LOOKUP_NO_FOLLOW);

        if (IS_ERR(inode)) {
            result = PTR_ERR(inode);
        } else {
            result = read_link(inode, path, buffer, bytes);
            inode_release(inode);
        }
    }
    heap_free(path);
    return result;
}

int sys_readlink(uint32_t address, uint32_t buffer, uint32_t bytes)
{
    return sys_readlinkat(AT_CWD, address, buffer, bytes);
}
