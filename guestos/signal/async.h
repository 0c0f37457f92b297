/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * async.h - files that send a signal when something can be done with them (O_ASYNC, F_SETOWN,
 * F_SETSIG: fcntl(2))
 *
 * Whoever said who the owner is has a record for that file; it goes with the file's last reference.
 * A signal is sent at each change after which the file can be read, has failed or has no other end,
 * and when it becomes writable. Sockets, pipes and terminals do this.
 *
 * Lock: the kernel's, at every call. Nothing here sleeps.
 */
#ifndef GUESTOS_ASYNC_H
#define GUESTOS_ASYNC_H

#include "guestos/fs/file.h"

enum async_kind { ASYNC_THREAD, ASYNC_PROCESS, ASYNC_GROUP }; /* linux/fcntl.h: F_OWNER_* */
struct async_owner {                                          /* struct f_owner_ex */
    uint32_t kind;
    int32_t id; /* 0: nobody */
};

bool async_possible(const struct file *file);
/*
 * Whether signals are sent; the number is told with them. 0, -ENOTTY (not of this kind of file) or
 * -ENOMEM.
 */
int async_switch(struct file *file, uint32_t descriptor, bool on);
/* 0, -ESRCH (no such owner), -EINVAL or -ENOMEM. */
int async_set_owner(struct file *file, uint32_t descriptor, struct async_owner owner);
struct async_owner async_owner(const struct file *file);
/* 0 is SIGIO without further words. 0, -EINVAL or -ENOMEM. */
int async_set_signal(struct file *file, uint32_t descriptor, uint32_t signal);
uint32_t async_signal(const struct file *file);

/* F_SETOWN's and F_GETOWN's way to say it: a process, or minus a group. */
int async_set_owner_number(struct file *file, uint32_t descriptor, int32_t number);
int32_t async_owner_number(const struct file *file);

/* As poll_changed(), which calls it. */
void async_changed(const uint32_t *changes);
void async_forget(const struct file *file); /* the last reference goes */

#endif
