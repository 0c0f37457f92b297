/* SPDX-License-Identifier: GPL-2.0-only */
/* sys_stat.c - what a file is: stat, statx and times */
#include "guestos/fs/notify.h"
#include "guestos/fs/file.h"
#include "guestos/fs/permission.h"
#include "guestos/fs/filesystem.h"
#include "guestos/kernel/lib.h"
#include "guestos/sys/syscall.h"
#include "guestos/time/time.h"
#include "guestos/sys/user.h"

#define AT_HINTS 0x6800u /* linux/fcntl.h: AT_NO_AUTOMOUNT, AT_STATX_*: about what is not here */

struct stat64 { /* asm/stat.h, i386 */
    uint64_t device;
    uint8_t pad0[4];
    uint32_t inode_short, mode, links, uid, gid;
    uint64_t special;
    uint8_t pad3[4];
    int64_t size;
    uint32_t block_size;
    uint64_t blocks;
    uint32_t atime, atime_ns, mtime, mtime_ns, ctime, ctime_ns;
    uint64_t inode;
} __attribute__((packed));

struct statx_time {
    int64_t seconds;
    uint32_t nanoseconds;
    int32_t reserved;
};

struct statx { /* linux/stat.h */
    uint32_t mask, block_size;
    uint64_t attributes;
    uint32_t links, uid, gid;
    uint16_t mode, spare;
    uint64_t inode, size, blocks, attributes_mask;
    struct statx_time access, birth, change, modify;
    uint32_t special_major, special_minor, device_major, device_minor;
    uint64_t spare2[14];
};

static uint32_t device_number(const struct inode *inode)
{
    return inode->mount ? inode->mount->device : 0;
}

static int give_stat(uint32_t buffer, const struct inode *inode)
{
    uint32_t rest, seconds = (uint32_t)divide(inode->modified, NANOSECONDS, &rest);
    struct stat64 s = {.device = device_number(inode),
                       .inode_short = inode->number,
                       .mode = inode->mode,
                       .links = inode->links,
                       .uid = inode->uid,
                       .gid = inode->gid,
                       .special = inode->device,
                       .size = inode->size,
                       .block_size = PAGE_SIZE,
                       .blocks = inode_blocks(inode),
                       .atime = seconds,
                       .atime_ns = rest,
                       .mtime = seconds,
                       .mtime_ns = rest,
                       .ctime = seconds,
                       .ctime_ns = rest,
                       .inode = inode->number};

    return give_user(buffer, s);
}

/* With AT_EMPTY_PATH no path at all means the descriptor itself, as "" does. Held. */
static struct inode *stat_inode(uint32_t directory, uint32_t address, uint32_t flags)
{
    if (flags & ~(AT_EMPTY_PATH | AT_NO_FOLLOW | AT_HINTS))
        return ERR_PTR(-EINVAL);
    if (address || !(flags & AT_EMPTY_PATH))
        return lookup_by_flags(directory, address, flags);
    struct inode *inode = descriptor_inode(directory);
    if (!IS_ERR(inode))
        inode_hold(inode);
    return inode;
}

static int stat_path(uint32_t directory, uint32_t address, uint32_t buffer, uint32_t flags)
{
    struct inode *inode = stat_inode(directory, address, flags);

    if (IS_ERR(inode))
        return PTR_ERR(inode);
    int error = give_stat(buffer, inode);
    inode_release(inode);
    return error;
}

int sys_stat64(uint32_t address, uint32_t buffer)
{
    return stat_path(AT_CWD, address, buffer, 0);
}

int sys_lstat64(uint32_t address, uint32_t buffer)
{
    return stat_path(AT_CWD, address, buffer, AT_NO_FOLLOW);
}

int sys_fstatat64(uint32_t directory, uint32_t address, uint32_t buffer, uint32_t flags)
{
    return stat_path(directory, address, buffer, flags);
}

int sys_fstat64(uint32_t descriptor, uint32_t buffer)
{
    const struct file *file = files_get_any((int)descriptor);

    return file ? give_stat(buffer, file->inode) : -EBADF;
}

/* Who may write to a file may say that it has changed now; any other time is its owner's to set. */
static int may_set_time(const struct inode *inode, bool now)
{
    if (inode_allow_change(inode))
        return -EROFS;
    if (inode_is_mine(inode))
        return 0;
    return now ? inode_allow(inode, MAY_WRITE) : -EPERM;
}

static int set_time_at(uint32_t directory, uint32_t address, bool now, uint64_t time)
{
    struct inode *inode = lookup_at(directory, address, 0);

    if (IS_ERR(inode))
        return PTR_ERR(inode);
    int error = may_set_time(inode, now);
    if (!error) {
        inode->modified = now ? time_wall() : time;
        notify_file(inode, NOTIFY_ATTRIBUTES);
    }
    inode_release(inode);
    return error;
}

/*
 * utime: seconds only; utimes and futimesat: microseconds. The second time of each pair is the
 * file's.
 */
int sys_utime(uint32_t address, uint32_t times)
{
    uint32_t pair[2] = {0};

    if (times && take_user(pair, times))
        return -EFAULT;
    return set_time_at(AT_CWD, address, !times, (uint64_t)pair[1] * NANOSECONDS);
}

int sys_futimesat(uint32_t directory, uint32_t address, uint32_t times)
{
    uint32_t pair[4] = {0};

    if (times && take_user(pair, times))
        return -EFAULT;
    if (pair[1] >= 1000000 || pair[3] >= 1000000)
        return -EINVAL;
    return set_time_at(directory, address, !times,
                       (uint64_t)pair[2] * NANOSECONDS + pair[3] * 1000ull);
}

int sys_utimes(uint32_t address, uint32_t times)
{
    return sys_futimesat(AT_CWD, address, times);
}

int sys_statx(uint32_t directory, uint32_t address, uint32_t flags, uint32_t mask, uint32_t buffer)
{
    (void)mask;
    struct inode *inode = stat_inode(directory, address, flags);
    if (IS_ERR(inode))
        return PTR_ERR(inode);
    uint32_t rest;
    struct statx_time time = {.seconds = (int64_t)divide(inode->modified, NANOSECONDS, &rest)};
    time.nanoseconds = rest;
    struct statx s = {.mask = 0x7ff, /* STATX_BASIC_STATS */
                      .block_size = PAGE_SIZE,
                      .links = inode->links,
                      .uid = inode->uid,
                      .gid = inode->gid,
                      .mode = (uint16_t)inode->mode,
                      .inode = inode->number,
                      .size = inode->size,
                      .blocks = inode_blocks(inode),
                      .access = time,
                      .change = time,
                      .modify = time,
                      .special_major = inode->device >> 8,
                      .special_minor = inode->device & 0xff,
                      .device_minor = device_number(inode)};
    inode_release(inode);
    return give_user(buffer, s);
}

/* ---- times ----------------------------------------------------------------------------------- */

#define TIME_NOW  0x3fffffff
#define TIME_OMIT 0x3ffffffe

/* Files keep one time, that of their last change, which is the second of the pair. */
static int set_times(uint32_t directory, uint32_t address, uint32_t times, uint32_t flags,
                     bool wide)
{
    int32_t t[8] = {0};

    if (times && copy_from_user(t, (void *)times, wide ? 32 : 16))
        return -EFAULT;
    uint32_t nanoseconds = (uint32_t)(wide ? t[6] : t[3]);
    uint64_t seconds = wide ? (uint64_t)(uint32_t)t[5] << 32 | (uint32_t)t[4] : (uint32_t)t[2];
    struct inode *inode = stat_inode(directory, address, address ? flags : AT_EMPTY_PATH);
    if (IS_ERR(inode))
        return PTR_ERR(inode);
    if (times && nanoseconds >= NANOSECONDS && nanoseconds != TIME_NOW &&
        nanoseconds != TIME_OMIT) {
        inode_release(inode);
        return -EINVAL;
    }
    int error = may_set_time(inode, !times || nanoseconds == TIME_NOW);
    if (error) {
        inode_release(inode);
        return error;
    }
    if (!times || nanoseconds == TIME_NOW)
        inode->modified = time_wall();
    else if (nanoseconds != TIME_OMIT)
        inode->modified = seconds * NANOSECONDS + nanoseconds;
    notify_file(inode, NOTIFY_ATTRIBUTES);
    inode_release(inode);
    return 0;
}

int sys_utimensat(uint32_t directory, uint32_t address, uint32_t times, uint32_t flags)
{
    return set_times(directory, address, times, flags, false);
}

int sys_utimensat_time64(uint32_t directory, uint32_t address, uint32_t times, uint32_t flags)
{
    return set_times(directory, address, times, flags, true);
}
