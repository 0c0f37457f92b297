/* SPDX-License-Identifier: GPL-2.0-only */
/* sys_owner.c - whose files are, and their modes */
#include "guestos/fs/file.h"
#include "guestos/fs/permission.h"
#include "guestos/process/process.h"
#include "guestos/sys/syscall.h"
#include "guestos/sys/user.h"

/* ---- modes ----------------------------------------------------------------------------------- */

int sys_fchmodat(uint32_t directory, uint32_t address, uint32_t mode)
{
    struct inode *inode = lookup_at(directory, address, 0);

    if (IS_ERR(inode))
        return PTR_ERR(inode);
    int error = inode_change_mode(inode, mode);
    inode_release(inode);
    return error;
}

int sys_chmod(uint32_t address, uint32_t mode)
{
    return sys_fchmodat(AT_CWD, address, mode);
}

int sys_fchmod(uint32_t descriptor, uint32_t mode)
{
    struct file *file = files_get((int)descriptor);

    if (!file)
        return -EBADF;
    return inode_change_mode(file->inode, mode);
}

int sys_umask(uint32_t mask)
{
    uint32_t old = current_thread()->fs->umask;

    current_thread()->fs->umask = mask & 0777;
    return (int)old;
}

/* ---- owners ---------------------------------------------------------------------------------- */

int sys_fchownat(uint32_t directory, uint32_t address, uint32_t uid, uint32_t gid, uint32_t flags)
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

int sys_chown32(uint32_t address, uint32_t uid, uint32_t gid)
{
    return sys_fchownat(AT_CWD, address, uid, gid, 0);
}

int sys_lchown32(uint32_t address, uint32_t uid, uint32_t gid)
{
    return sys_fchownat(AT_CWD, address, uid, gid, AT_NO_FOLLOW);
}

int sys_fchown32(uint32_t descriptor, uint32_t uid, uint32_t gid)
{
    struct file *file = files_get((int)descriptor);

    if (!file)
        return -EBADF;
    return inode_change_owner(file->inode, uid, gid);
}

/* The calls with 16-bit numbers, of which -1 means "as it is". */
static uint32_t wide_id(uint32_t id)
{
    return (id & 0xffff) == 0xffff ? ~0u : id & 0xffff;
}

int sys_chown16(uint32_t address, uint32_t uid, uint32_t gid)
{
    return sys_fchownat(AT_CWD, address, wide_id(uid), wide_id(gid), 0);
}

int sys_lchown16(uint32_t address, uint32_t uid, uint32_t gid)
{
    return sys_fchownat(AT_CWD, address, wide_id(uid), wide_id(gid), AT_NO_FOLLOW);
}

int sys_fchown16(uint32_t descriptor, uint32_t uid, uint32_t gid)
{
    return sys_fchown32(descriptor, wide_id(uid), wide_id(gid));
}
