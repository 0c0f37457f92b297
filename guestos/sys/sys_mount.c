/* SPDX-License-Identifier: GPL-2.0-only */
/* sys_mount.c - system calls about file systems as a whole */
#include "guestos/fs/filesystem.h"
#include "guestos/fs/permission.h"
#include "guestos/kernel/lib.h"
#include "guestos/sys/syscall.h"
#include "guestos/sys/user.h"
#include "guestos/mm/heap.h"

#define MOUNT_READ_ONLY 1u /* linux/mount.h */
#define MOUNT_REMOUNT   32u
#define MOUNT_QUIET     (2u | 4u | 8u | 1024u | 0x8000u | 0x200000u) /* nosuid ... relatime */

#define OPTIONS_BYTES 128

/* The options of what is mounted at a path now. */
static int set_options(uint32_t target, const char *options)
{
    struct inode *root = *options ? lookup_at(AT_CWD, target, 0) : NULL;

    if (!root || IS_ERR(root))
        return root ? PTR_ERR(root) : 0;
    int error = mount_options(root, options);
    inode_release(root);
    return error;
}

int sys_mount(uint32_t source, uint32_t target, uint32_t type, uint32_t flags, uint32_t data)
{
    char name[32] = "none", kind[16], options[OPTIONS_BYTES] = "";
    if (!is_privileged())
        return -EPERM;
    if (flags & ~(MOUNT_READ_ONLY | MOUNT_REMOUNT | MOUNT_QUIET))
        return -EINVAL;
    if (data) {
        int length = copy_string_from_user(options, (const char *)data, sizeof(options));

        if (length < 0)
            return length == -ENAMETOOLONG ? -EINVAL : length;
    }
    if (flags & MOUNT_REMOUNT) {
        struct inode *root = lookup_at(AT_CWD, target, 0);

        if (IS_ERR(root))
            return PTR_ERR(root);
        int error = mount_change(root, flags & MOUNT_READ_ONLY);
        inode_release(root);
        return error ? error : set_options(target, options);
    }
    if (source) {
        int length = copy_string_from_user(name, (const char *)source, sizeof(name));

        if (length < 0)
            return length;
    }
    int length = copy_string_from_user(kind, (const char *)type, sizeof(kind));
    if (length < 0)
        return length == -ENAMETOOLONG ? -ENODEV : length;
    struct inode *at = lookup_at(AT_CWD, target, 0);
    if (IS_ERR(at))
        return PTR_ERR(at);
    int error = filesystem_mount(name, at, kind, flags & MOUNT_READ_ONLY);
    inode_release(at);
    return error ? error : set_options(target, options);
}

int sys_umount2(uint32_t target, uint32_t flags)
{
    if (flags & ~15u)
        return -EINVAL;
    if (!is_privileged())
        return -EPERM;
    struct inode *root = lookup_at(AT_CWD, target, 0);
    if (IS_ERR(root))
        return PTR_ERR(root);
    inode_release(root); /* the mount holds it: this use must not count as one */
    return mount_remove(root);
}

int sys_umount(uint32_t target)
{
    return sys_umount2(target, 0);
}

int sys_syncfs(uint32_t descriptor)
{
    struct inode *inode = descriptor_inode(descriptor);

    if (IS_ERR(inode))
        return PTR_ERR(inode);
    struct mount *mount = inode->mount;
    return mount && mount->sync ? mount->sync(mount) : 0;
}

/* ---- statfs ---------------------------------------------------------------------------------- */

struct statfs64 { /* asm-generic/statfs.h */
    uint32_t type, block_size;
    uint64_t blocks, free, available, files, files_free;
    uint32_t id[2], name_limit, fragment, flags, spare[4];
} __attribute__((packed, aligned(4)));

struct statfs32 {
    uint32_t type, block_size, blocks, free, available, files, files_free, id[2], name_limit,
        fragment, flags, spare[4];
};

static void read_usage(const struct inode *inode, struct fs_usage *usage)
{
    *usage = (struct fs_usage){.magic = 0x01021994, .block_size = PAGE_SIZE};
    if (inode->mount && inode->mount->usage)
        inode->mount->usage(inode->mount, usage);
}

static int give_statfs64(const struct inode *inode, uint32_t bytes, uint32_t buffer)
{
    struct fs_usage u;

    read_usage(inode, &u);
    struct statfs64 s = {.type = u.magic,
                         .block_size = u.block_size,
                         .blocks = u.blocks,
                         .free = u.free,
                         .available = u.free,
                         .files = u.files,
                         .files_free = u.files_free,
                         .name_limit = NAME_LIMIT,
                         .fragment = u.block_size};
    return bytes == sizeof(s) ? give_user(buffer, s) : -EINVAL;
}

static int give_statfs32(const struct inode *inode, uint32_t buffer)
{
    struct fs_usage u;

    read_usage(inode, &u);
    struct statfs32 s = {.type = u.magic,
                         .block_size = u.block_size,
                         .blocks = (uint32_t)u.blocks,
                         .free = (uint32_t)u.free,
                         .available = (uint32_t)u.free,
                         .files = (uint32_t)u.files,
                         .files_free = (uint32_t)u.files_free,
                         .name_limit = NAME_LIMIT,
                         .fragment = u.block_size};
    return give_user(buffer, s);
}

int sys_statfs64(uint32_t address, uint32_t bytes, uint32_t buffer)
{
    struct inode *inode = lookup_at(AT_CWD, address, 0);

    if (IS_ERR(inode))
        return PTR_ERR(inode);
    int error = give_statfs64(inode, bytes, buffer);
    inode_release(inode);
    return error;
}

int sys_statfs(uint32_t address, uint32_t buffer)
{
    struct inode *inode = lookup_at(AT_CWD, address, 0);

    if (IS_ERR(inode))
        return PTR_ERR(inode);
    int error = give_statfs32(inode, buffer);
    inode_release(inode);
    return error;
}

int sys_fstatfs64(uint32_t descriptor, uint32_t bytes, uint32_t buffer)
{
    struct inode *inode = descriptor_inode(descriptor);

    return IS_ERR(inode) ? PTR_ERR(inode) : give_statfs64(inode, bytes, buffer);
}

int sys_fstatfs(uint32_t descriptor, uint32_t buffer)
{
    struct inode *inode = descriptor_inode(descriptor);

    return IS_ERR(inode) ? PTR_ERR(inode) : give_statfs32(inode, buffer);
}
