/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user.h - small helpers of system calls: structures and paths from and to programs
 *
 * Lock: the kernel's, at every call. Nothing here sleeps.
 */
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

/* A path from a program in a buffer of its own; ERR_PTR. Both heap_free() and give_path() free it,
 * give_path() so that the next call finds it. */
char *take_path(uint32_t address);
void give_path(char *path);

/* struct rusage of linux/resource.h; what is not measured is zero. */
struct usage {
    int32_t user[2], system[2]; /* seconds, microseconds */
    uint32_t unused[4], faults, rest[9];
};
/* What getrusage() tells; faults: page faults that read no device, and none here does. */
struct usage usage_of(uint64_t ticks_user, uint64_t ticks_kernel, uint32_t faults);

/* A timespec (`wide`: of 64 bits) in nanoseconds; 0, -EFAULT or -EINVAL. */
int time_from_user(uint64_t *value, uint32_t address, bool wide);

/* linux/fcntl.h */
#define AT_CWD        ((uint32_t)-100) /* for "directory", the working directory */
#define AT_NO_FOLLOW  0x100u           /* a link itself, not where it leads */
#define AT_EMPTY_PATH 0x1000u          /* "" is what the descriptor stands for */

/* The inode a program names: its path, relative to an open directory or AT_CWD. `flags`: LOOKUP_*.
 * Held; ERR_PTR. */
struct inode *lookup_at(uint32_t directory, uint32_t address, uint32_t flags);
/* The same by AT_NO_FOLLOW and AT_EMPTY_PATH; other flags are the caller's business. */
struct inode *lookup_by_flags(uint32_t directory, uint32_t address, uint32_t flags);
/* The inode of a descriptor or of AT_CWD; not held; ERR_PTR(-EBADF). */
struct inode *descriptor_inode(uint32_t descriptor);
/* Where the walk of a path begins: the root, or descriptor_inode(). Not held; ERR_PTR(-EBADF). */
struct inode *path_start(uint32_t directory, const char *path);

/* Whether a path is /proc/self/exe, which programs find whether /proc is mounted or not. */
bool is_self_exe(const char *path);

#endif
