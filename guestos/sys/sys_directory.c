/* SPDX-License-Identifier: GPL-2.0-only */
/* sys_directory.c - system calls on directories: what is in one, and which one a process works in */
#include "guestos/fs/notify.h"
#include "guestos/fs/file.h"
#include "guestos/fs/filesystem.h"
#include "guestos/fs/permission.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/sys/syscall.h"
#include "guestos/sys/user.h"
#include "guestos/mm/heap.h"

/* ---- the working directory, the root ---------------------------------------------------------------- */

int sys_chdir(u32 address)
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

int sys_fchdir(u32 descriptor)
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

int sys_chroot(u32 address)
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

int sys_getcwd(u32 buffer, u32 bytes)
{
    char *path = heap_allocate(PATH_LIMIT);
    if (!path)
        return -ENOMEM;
    int length = path_of(current_thread()->fs->cwd, path, MIN(bytes, (u32)PATH_LIMIT));
    if (length > 0 && copy_to_user((void *)buffer, path, (u32)length))
        length = -EFAULT;
    heap_free(path);
    return length;
}

/* ---- entries ---------------------------------------------------------------------------------------- */

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
    if (found >= 0)
        notify_file(file->inode, NOTIFY_ACCESS);
    return done ? (int)done : found <= 0 ? found : n ? n : -EINVAL;
}
