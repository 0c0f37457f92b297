/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sys_attributes.c - extended attributes (xattr(7))
 *
 * No file system here has them: none are listed, none can be set or read, and what is asked of a
 * file that is not there fails as anywhere.
 */
#include "guestos/fs/file.h"
#include "guestos/sys/syscall.h"
#include "guestos/sys/user.h"

static int by_path(uint32_t address, uint32_t flags, int result)
{
    struct inode *inode = lookup_at(AT_CWD, address, flags);

    if (IS_ERR(inode))
        return PTR_ERR(inode);
    inode_release(inode);
    return result;
}

static int by_descriptor(uint32_t descriptor, int result)
{
    return files_get((int)descriptor) ? result : -EBADF;
}

int sys_setxattr(uint32_t path, uint32_t name, uint32_t value, uint32_t bytes, uint32_t flags)
{
    (void)name, (void)value, (void)bytes, (void)flags;
    return by_path(path, 0, -EOPNOTSUPP);
}

int sys_lsetxattr(uint32_t path, uint32_t name, uint32_t value, uint32_t bytes, uint32_t flags)
{
    (void)name, (void)value, (void)bytes, (void)flags;
    return by_path(path, LOOKUP_NO_FOLLOW, -EOPNOTSUPP);
}

int sys_fsetxattr(uint32_t descriptor, uint32_t name, uint32_t value, uint32_t bytes,
                  uint32_t flags)
{
    (void)name, (void)value, (void)bytes, (void)flags;
    return by_descriptor(descriptor, -EOPNOTSUPP);
}

int sys_getxattr(uint32_t path, uint32_t name, uint32_t value, uint32_t bytes)
{
    (void)name, (void)value, (void)bytes;
    return by_path(path, 0, -EOPNOTSUPP);
}

int sys_lgetxattr(uint32_t path, uint32_t name, uint32_t value, uint32_t bytes)
{
    (void)name, (void)value, (void)bytes;
    return by_path(path, LOOKUP_NO_FOLLOW, -EOPNOTSUPP);
}

int sys_fgetxattr(uint32_t descriptor, uint32_t name, uint32_t value, uint32_t bytes)
{
    (void)name, (void)value, (void)bytes;
    return by_descriptor(descriptor, -EOPNOTSUPP);
}

int sys_listxattr(uint32_t path, uint32_t list, uint32_t bytes)
{
    (void)list, (void)bytes;
    return by_path(path, 0, 0);
}

int sys_llistxattr(uint32_t path, uint32_t list, uint32_t bytes)
{
    (void)list, (void)bytes;
    return by_path(path, LOOKUP_NO_FOLLOW, 0);
}

int sys_flistxattr(uint32_t descriptor, uint32_t list, uint32_t bytes)
{
    (void)list, (void)bytes;
    return by_descriptor(descriptor, 0);
}

int sys_removexattr(uint32_t path, uint32_t name)
{
    (void)name;
    return by_path(path, 0, -EOPNOTSUPP);
}

int sys_lremovexattr(uint32_t path, uint32_t name)
{
    (void)name;
    return by_path(path, LOOKUP_NO_FOLLOW, -EOPNOTSUPP);
}

int sys_fremovexattr(uint32_t descriptor, uint32_t name)
{
    (void)name;
    return by_descriptor(descriptor, -EOPNOTSUPP);
}
