/* SPDX-License-Identifier: GPL-2.0-only */
/* user.h - small helpers of system calls: structures and paths from and to programs */
#ifndef GUESTOS_USER_H
#define GUESTOS_USER_H

#include "guestos/arch.h"
#include "guestos/fs/inode.h"
#include "guestos/kernel/errno.h"

/* A structure to a user address; 0 or -EFAULT. */
#define give_user(address, value)                                                                  \
    (copy_to_user((void *)(address), &(value), sizeof(value)) ? -EFAULT : 0)
/* A structure from a user address; 0 or -EFAULT. */
#define take_user(value, address)                                                                  \
    (copy_from_user(&(value), (void *)(address), sizeof(value)) ? -EFAULT : 0)

/* A path from a program in a buffer of its own (heap_free() it); ERR_PTR. */
char *take_path(u32 address);

/* struct rusage of linux/resource.h; what is not measured is zero. */
struct usage {
    s32 user[2], system[2]; /* seconds, microseconds */
    u32 rest[14];
};
struct usage usage_of(u64 ticks_user, u64 ticks_kernel);

/* A timespec (`wide`: of 64 bits) in nanoseconds; 0, -EFAULT or -EINVAL. */
int time_from_user(u64 *value, u32 address, bool wide);

#define AT_CWD ((u32)-100) /* linux/fcntl.h: for "directory", the working directory */

/* The inode a program names: its path, relative to an open directory or AT_CWD. Held; ERR_PTR. */
struct inode *lookup_at(u32 directory, u32 address, u32 flags);
/* The inode of a descriptor or of AT_CWD; not held. */
struct inode *descriptor_inode(u32 descriptor);

/* Whether a path is /proc/self/exe, which every program has: the only name in /proc so far. */
bool is_self_exe(const char *path);

#endif
