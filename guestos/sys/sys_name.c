/* SPDX-License-Identifier: GPL-2.0-only */
/* sys_name.c - system calls that make and remove names of files */
#include "guestos/fs/notify.h"
#include "guestos/fs/filesystem.h"
#include "guestos/fs/permission.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/sys/syscall.h"
#include "guestos/sys/user.h"
#include "guestos/mm/heap.h"

#define AT_REMOVE_DIRECTORY 0x200u /* linux/fcntl.h */
#define AT_FOLLOW           0x400u

/* ---- new files ------------------------------------------------------------------------------- */

/* Makes an inode at a path given by the program; held. */
static struct inode *make_at(uint32_t directory, uint32_t address, uint32_t mode)
{
    char *path = take_path(address);

    if (IS_ERR(path))
        return (struct inode *)path;
    struct inode *from = path_start(directory, path);
    struct inode *inode = IS_ERR(from) ? from : path_create(from, path, mode);
    heap_free(path);
    return inode;
}

int sys_mkdirat(uint32_t directory, uint32_t address, uint32_t mode)
{
    mode = MODE_DIRECTORY | (mode & 07777 & ~current_thread()->fs->umask);
    struct inode *inode = make_at(directory, address, mode);
    if (IS_ERR(inode))
        return PTR_ERR(inode);
    inode_release(inode);
    return 0;
}

int sys_mkdir(uint32_t address, uint32_t mode)
{
    return sys_mkdirat(AT_CWD, address, mode);
}

int sys_mknodat(uint32_t directory, uint32_t address, uint32_t mode, uint32_t device)
{
    uint32_t type = mode & MODE_TYPE ? mode & MODE_TYPE : MODE_REGULAR;

    if (type == MODE_DIRECTORY)
        return -EPERM;
    if (type != MODE_REGULAR && type != MODE_CHARACTER && type != MODE_BLOCK && type != MODE_FIFO)
        return -EINVAL;
    if ((type == MODE_CHARACTER || type == MODE_BLOCK) && !is_privileged())
        return -EPERM;
    struct inode *inode =
        make_at(directory, address, type | (mode & 07777 & ~current_thread()->fs->umask));
    if (IS_ERR(inode))
        return PTR_ERR(inode);
    if (type != MODE_FIFO)
        inode->device = device & 0xffff;
    inode_release(inode);
    return 0;
}

int sys_mknod(uint32_t address, uint32_t mode, uint32_t device)
{
    return sys_mknodat(AT_CWD, address, mode, device);
}

int sys_symlinkat(uint32_t target, uint32_t directory, uint32_t address)
{
    char *text = take_path(target);

    if (IS_ERR(text))
        return PTR_ERR(text);
    char *path = take_path(address);
    int error = IS_ERR(path) ? PTR_ERR(path) : 0;
    if (!error) {
        struct inode *from = path_start(directory, path);

        operation_begin();
        struct inode *inode = IS_ERR(from) ? from : path_create(from, path, MODE_LINK | 0777);
        error = IS_ERR(inode) ? PTR_ERR(inode) : inode_set_target(inode, text);
        if (!IS_ERR(inode)) {
            if (error)
                path_remove(from, path);
            inode_release(inode);
        }
        operation_end();
        heap_free(path);
    }
    heap_free(text);
    return error;
}

int sys_symlink(uint32_t target, uint32_t address)
{
    return sys_symlinkat(target, AT_CWD, address);
}

/* ---- further names --------------------------------------------------------------------------- */

/* Enters `inode` at a path given by the program. */
static int enter_name(struct inode *inode, uint32_t directory, uint32_t address)
{
    char *path = take_path(address);

    if (IS_ERR(path))
        return PTR_ERR(path);
    const char *name;
    size_t length;
    struct inode *from = path_start(directory, path);
    struct inode *parent = IS_ERR(from) ? from : path_parent(from, path, &name, &length);
    int error = IS_ERR(parent) ? PTR_ERR(parent) : directory_allow_change(parent, NULL);
    if (!error)
        error = inode->links ? directory_link(parent, name, length, inode) : -ENOENT;
    if (!error) {
        notify_self(inode, NOTIFY_ATTRIBUTES);
        notify_name(parent, name, length, inode, NOTIFY_CREATE, 0);
    }
    if (!IS_ERR(parent))
        inode_release(parent);
    heap_free(path);
    return error;
}

int sys_linkat(uint32_t from_directory, uint32_t from, uint32_t to_directory, uint32_t to,
               uint32_t flags)
{
    if (flags & ~AT_FOLLOW)
        return -EINVAL;
    struct inode *inode = lookup_at(from_directory, from, flags ? 0 : LOOKUP_NO_FOLLOW);
    if (IS_ERR(inode))
        return PTR_ERR(inode);
    int error = is_directory(inode) ? -EPERM : enter_name(inode, to_directory, to);
    inode_release(inode);
    return error;
}

int sys_link(uint32_t from, uint32_t to)
{
    return sys_linkat(AT_CWD, from, AT_CWD, to, 0);
}

/* ---- removing -------------------------------------------------------------------------------- */

static int may_remove(const struct inode *parent, struct inode *inode, bool directory,
                      const char *name, size_t length)
{
    int error = directory_allow_change(parent, inode);

    if (error)
        return error;
    if (is_directory(inode) != directory)
        return directory ? -ENOTDIR : -EISDIR;
    if (directory && length <= 2 && !memcmp(name, "..", length))
        return length == 1 ? -EINVAL : -ENOTEMPTY;
    if (inode->is_covered)
        return -EBUSY;
    return directory && !directory_empty(inode) ? -ENOTEMPTY : 0;
}

static int remove_from(struct inode *parent, const char *name, size_t length, bool directory)
{
    int error = inode_allow(parent, MAY_EXECUTE);

    if (error)
        return error;
    struct inode *inode = directory_lookup(parent, name, length);
    if (!inode || IS_ERR(inode))
        return inode ? PTR_ERR(inode) : -ENOENT;
    error = may_remove(parent, inode, directory, name, length);
    if (!error)
        error = directory_unlink(parent, name, length);
    if (!error && !directory)
        notify_self(inode, NOTIFY_ATTRIBUTES);
    if (!error)
        notify_name(parent, name, length, inode, NOTIFY_DELETE, 0);
    inode_release(inode);
    return error;
}

/* directory: of rmdir(), otherwise of unlink(). */
static int remove_name(uint32_t at, uint32_t address, bool directory)
{
    char *path = take_path(address);

    if (IS_ERR(path))
        return PTR_ERR(path);
    const char *name;
    size_t length;
    struct inode *from = path_start(at, path);
    struct inode *parent = IS_ERR(from) ? from : path_parent(from, path, &name, &length);
    int error = IS_ERR(parent) ? PTR_ERR(parent) : remove_from(parent, name, length, directory);
    if (!IS_ERR(parent))
        inode_release(parent);
    heap_free(path);
    return error;
}

int sys_unlinkat(uint32_t directory, uint32_t address, uint32_t flags)
{
    return flags & ~AT_REMOVE_DIRECTORY ? -EINVAL : remove_name(directory, address, flags);
}

int sys_unlink(uint32_t address)
{
    return remove_name(AT_CWD, address, false);
}

int sys_rmdir(uint32_t address)
{
    return remove_name(AT_CWD, address, true);
}
