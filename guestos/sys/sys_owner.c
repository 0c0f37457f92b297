/* SPDX-License-Identifier: GPL-2.0-only */
/* sys_owner.c - whose files are, and their modes */
#include "guestos/fs/file.h"
#include "guestos/fs/permission.h"
#include "guestos/process/process.h"
#include "guestos/sys/syscall.h"
#include "guestos/sys/user.h"

/* ---- modes ---------------------------------------------------------------------------------------- */

int sys_fchmodat(u32 directory, u32 address, u32 mode)
{
    struct inode *inode = lookup_at(directory, address, 0);
    if (IS_ERR(inode))
        return PTR_ERR(inode);
    int error = inode_change_mode(inode, mode);
    inode_release(inode);
    return error;
}

int sys_chmod(u32 address, u32 mode)
{
    return sys_fchmodat(AT_CWD, address, mode);
}

int sys_fchmod(u32 descriptor, u32 mode)
{
    struct file *file = files_get((int)descriptor);
    if (!file)
        return -EBADF;
    return inode_change_mode(file->inode, mode);
}

int sys_umask(u32 mask)
{
    u32 old = current_thread()->fs->umask;
    current_thread()->fs->umask = mask & 0777;
    return (int)old;
}

/* ---- owners --------------------------------------------------------------------------------------- */

int sys_fchownat(u32 directory, u32 address, u32 uid, u32 gid, u32 flags)
{
    if (flags & ~(AT_NO_FOLLOW | AT_EMPTY_PATH))
        return -EINVAL;
    struct inode *inode = lookup_by_flags(directory, address, flags);
    if (IS_ERR(inode))
        return PTR_ERR(inode);
    int error = inode_change_owner(inode, uid, gid);
    inode_release(inode);
    return error;
}

int sys_chown32(u32 address, u32 uid, u32 gid)
{
    return sys_fchownat(AT_CWD, address, uid, gid, 0);
}

int sys_lchown32(u32 address, u32 uid, u32 gid)
{
    return sys_fchownat(AT_CWD, address, uid, gid, AT_NO_FOLLOW);
}

int sys_fchown32(u32 descriptor, u32 uid, u32 gid)
{
    struct file *file = files_get((int)descriptor);
    if (!file)
        return -EBADF;
    return inode_change_owner(file->inode, uid, gid);
}

/* The calls with 16-bit numbers, of which -1 means "as it is". */
static u32 wide_id(u32 id)
{
    return (id & 0xffff) == 0xffff ? ~0u : id & 0xffff;
}

int sys_chown16(u32 address, u32 uid, u32 gid)
{
    return sys_fchownat(AT_CWD, address, wide_id(uid), wide_id(gid), 0);
}

int sys_lchown16(u32 address, u32 uid, u32 gid)
{
    return sys_fchownat(AT_CWD, address, wide_id(uid), wide_id(gid), AT_NO_FOLLOW);
}

int sys_fchown16(u32 descriptor, u32 uid, u32 gid)
{
    return sys_fchown32(descriptor, wide_id(uid), wide_id(gid));
}
