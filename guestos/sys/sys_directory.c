/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sys_directory.c - system calls on directories: what is in one, and which one a process works in
 */
#include "guestos/fs/notify.h"
#include "guestos/fs/file.h"
#include "guestos/fs/filesystem.h"
#include "guestos/fs/permission.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/sys/syscall.h"
#include "guestos/sys/user.h"
#include "guestos/mm/heap.h"

/* ---- the working directory, the root --------------------------------------------------------- */

int sys_chdir(uint32_t address)
{
    struct thread *me = current_thread();
    struct inode *inode = lookup_at(AT_CWD, address, 0);

    if (IS_ERR(inode))
        return PTR_ERR(inode);
    int error = is_directory(inode) ? inode_allow(inode, MAY_EXECUTE) : -ENOTDIR;
    if (error) {
        inode_release(inode);
        return error;
    }
    inode_release(me->fs->cwd);
    me->fs->cwd = inode;
    return 0;
}

int sys_fchdir(uint32_t descriptor)
{
    struct thread *me = current_thread();
    struct file *file = files_get_any((int)descriptor);

    if (!file)
        return -EBADF;
    if (!is_directory(file->inode))
        return -ENOTDIR;
    int error = inode_allow(file->inode, MAY_EXECUTE);
    if (error)
        return error;
    inode_hold(file->inode);
    inode_release(me->fs->cwd);
    me->fs->cwd = file->inode;
    return 0;
}

int sys_chroot(uint32_t address)
{
    struct fs_context *fs = current_thread()->fs;
    struct inode *inode = lookup_at(AT_CWD, address, 0);

    if (IS_ERR(inode))
        return PTR_ERR(inode);
    int error = !is_directory(inode) ? -ENOTDIR : inode_allow(inode, MAY_EXECUTE);
    if (!error && !is_privileged())
        error = -EPERM;
    if (error) {
        inode_release(inode);
        return error;
    }
    inode_release(fs->root);
    fs->root = inode;
    return 0;
}

int sys_getcwd(uint32_t buffer, uint32_t bytes)
{
    char *path = heap_allocate(PATH_LIMIT);

    if (!path)
        return -ENOMEM;
    int length = path_of(current_thread()->fs->cwd, path, MIN(bytes, (uint32_t)PATH_LIMIT));
    if (length > 0 && copy_to_user((void *)buffer, path, (uint32_t)length))
        length = -EFAULT;
    heap_free(path);
    return length;
}

/* ---- entries --------------------------------------------------------------------------------- */

struct dirent64 { /* linux/dirent.h; the name follows */
    uint64_t inode, next;
    uint16_t bytes;
    uint8_t type;
    char name[];
} __attribute__((packed));

/* Appends one entry. 0: it does not fit; -EFAULT. */
static int give_entry(uint32_t buffer, uint32_t room, const struct directory_item *item,
                      uint32_t cookie)
{
    uint32_t length = strlen(item->name) + 1, bytes = (sizeof(struct dirent64) + length + 7) & ~7u;
    struct dirent64 entry = {
        .inode = item->number, .next = cookie, .bytes = (uint16_t)bytes, .type = item->type};

    if (bytes > room)
        return 0;
    if (give_user(buffer, entry) ||
        copy_to_user((char *)buffer + sizeof(entry), item->name, length))
        return -EFAULT;
    return (int)bytes;
}

/* The entry after a cookie, with "." and ".." as the first two. 1, 0 or -Exxx. */
static int next_item(struct inode *directory, uint32_t *cookie, struct directory_item *item)
{
    if (*cookie >= 2)
        return directory_next(directory, cookie, item);
    const struct inode *inode = ++*cookie == 1 ? directory : mount_up(directory)->parent;
    item->number = inode->number;
    item->type = MODE_DIRECTORY >> 12;
    copy_string(item->name, *cookie == 1 ? "." : "..", sizeof(item->name));
    return 1;
}

/* A file's position in a directory is the cookie of the last entry that was given. */
int sys_getdents64(uint32_t descriptor, uint32_t buffer, uint32_t bytes)
{
    struct file *file = files_get((int)descriptor);

    if (!file)
        return -EBADF;
    if (file->ops != &directory_ops)
        return -ENOTDIR;
    struct directory_item item;
    uint32_t done = 0, cookie = file->position;
    int found, n = 0;
    while ((found = next_item(file->inode, &cookie, &item)) > 0) {
        n = give_entry(buffer + done, bytes - done, &item, cookie);
        if (n <= 0)
            break;
        done += (uint32_t)n;
        file->position = cookie;
    }
    if (found >= 0)
        notify_file(file->inode, NOTIFY_ACCESS);
    return done ? (int)done : found <= 0 ? found : n ? n : -EINVAL;
}
