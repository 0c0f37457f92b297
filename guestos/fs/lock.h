/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * lock.h - advisory locks: records of files by process (fcntl) and whole files by open file
 * (flock)
 *
 * Lock: the kernel's, at every call. lock_request() and lock_file() sleep; nothing else does.
 */
#ifndef GUESTOS_LOCK_H
#define GUESTOS_LOCK_H

#include "guestos/fs/file.h"

enum { LOCK_ASK, LOCK_TRY, LOCK_WAIT };

/* fcntl(F_GETLK, F_SETLK, F_SETLKW) with struct flock, or flock64 if `wide`. 0 or -Exxx. */
int lock_request(struct file *file, uint32_t operation, uint32_t address, bool wide, bool of_file);
/* flock(2). */
int lock_file(struct file *file, uint32_t operation);

/* A process closes a descriptor of this file: its record locks there end (POSIX). */
void locks_drop_process(const struct inode *inode, const void *owner);
/* The last reference to an open file goes: its flock() ends. */
void locks_drop_file(const struct file *file);

#endif
