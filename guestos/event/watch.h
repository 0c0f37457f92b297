/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * watch.h - between inotify.c, which programs see, and notify.c, which the kernel tells
 *
 * Lock: the kernel's, at every call. Nothing here sleeps.
 */
#ifndef GUESTOS_WATCH_H
#define GUESTOS_WATCH_H

#include "guestos/fs/notify.h"

#define NOTIFY_EVENTS   0x0fffu /* that can be asked for */
#define NOTIFY_OVERFLOW 0x4000u
#define NOTIFY_IGNORED  0x8000u
#define NOTIFY_IS_DIR   0x40000000u
#define NOTIFY_ONE_SHOT 0x80000000u

struct instance; /* what a descriptor of inotify_init() stands for */

struct watch {
    struct watch *next; /* of all */
    struct instance *instance;
    struct inode *inode; /* held as long as it has a name */
    int32_t number;
    uint32_t mask;
};

extern struct watch *watches;

/* notify.c: a new watch in the list, or NULL: no memory. And out of it, without a word. */
struct watch *watch_add(struct instance *instance, struct inode *inode);
void watch_remove(struct watch *watch);
/* inotify.c: an event for a program to read; `name` NULL: none. */
void instance_tell(struct instance *instance, int32_t number, uint32_t mask, uint32_t cookie,
                   const char *name, size_t length);

#endif
