/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sys_attributes.c - extended attributes (xattr(7))
 *
 * No file system here has them: none are listed, none can be set or read, and what is asked of a file that is
 * not there fails as anywhere.
 */
#include "guestos/fs/file.h"
#include "guestos/sys/syscall.h"
#include "guestos/sys/user.h"

static int by_path(u32 address, u32 flags, int result)
{
    struct inode *inode = lookup_at(AT_CWD, address, flags);
    if (IS_ERR(inode))
        return PTR_ERR(inode);
    inode_release(inode);
    return result;
}

static int by_descriptor(u32 descriptor, int result)
{
    return files_get((int)descriptor) ? result : -EBADF;
}

int sys_setxattr(u32 path, u32 name, u32 value, u32 bytes, u32 flags)
{
    (void)name, (void)value, (void)bytes, (void)flags;
    return by_path(path, 0, -EOPNOTSUPP);
}

int sys_lsetxattr(u32 path, u32 name, u32 value, u32 bytes, u32 flags)
{
    (void)name, (void)value, (void)bytes, (void)flags;
    return by_path(path, LOOKUP_NO_FOLLOW, -EOPNOTSUPP);
}

int sys_fsetxattr(u32 descriptor, u32 name, u32 value, u32 bytes, u32 flags)
{
    (void)name, (void)value, (void)bytes, (void)flags;
    return by_descriptor(descriptor, -EOPNOTSUPP);
}

int sys_getxattr(u32 path, u32 name, u32 value, u32 bytes)
{
    (void)name, (void)value, (void)bytes;
    return by_path(path, 0, -EOPNOTSUPP);
}

int sys_lgetxattr(u32 path, u32 name, u32 value, u32 bytes)
{
    (void)name, (void)value, (void)bytes;
    return by_path(path, LOOKUP_NO_FOLLOW, -EOPNOTSUPP);
}

int sys_fgetxattr(u32 descriptor, u32 name, u32 value, u32 bytes)
{
    (void)name, (void)value, (void)bytes;
    return by_descriptor(descriptor, -EOPNOTSUPP);
}

int sys_listxattr(u32 path, u32 list, u32 bytes)
{
    (void)list, (void)bytes;
    return by_path(path, 0, 0);
}

int sys_llistxattr(u32 path, u32 list, u32 bytes)
{
    (void)list, (void)bytes;
    return by_path(path, LOOKUP_NO_FOLLOW, 0);
}

int sys_flistxattr(u32 descriptor, u32 list, u32 bytes)
{
    (void)list, (void)bytes;
    return by_descriptor(descriptor, 0);
}

int sys_removexattr(u32 path, u32 name)
{
    (void)name;
    return by_path(path, 0, -EOPNOTSUPP);
}

int sys_lremovexattr(u32 path, u32 name)
{
    (void)name;
    return by_path(path, LOOKUP_NO_FOLLOW, -EOPNOTSUPP);
}

int sys_fremovexattr(u32 descriptor, u32 name)
{
    (void)name;
    return by_descriptor(descriptor, -EOPNOTSUPP);
}
