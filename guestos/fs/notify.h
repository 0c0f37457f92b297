/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * notify.h - what happens to files, for who watches them (inotify(7))
 *
 * Everybody who does something to a file says so here; while nobody watches any, that is one
 * comparison. Who passes it on to programs is a hook (event/notify.c), and may be missing.
 *
 * Lock: the kernel's, for all. Nothing here sleeps.
 */
#ifndef GUESTOS_NOTIFY_H
#define GUESTOS_NOTIFY_H

#include "guestos/fs/inode.h"

#define NOTIFY_ACCESS        0x0001u /* linux/inotify.h: IN_* */
#define NOTIFY_MODIFY        0x0002u
#define NOTIFY_ATTRIBUTES    0x0004u
#define NOTIFY_CLOSE_WRITE   0x0008u
#define NOTIFY_CLOSE_NOWRITE 0x0010u
#define NOTIFY_OPEN          0x0020u
#define NOTIFY_MOVED_FROM    0x0040u
#define NOTIFY_MOVED_TO      0x0080u
#define NOTIFY_CREATE        0x0100u
#define NOTIFY_DELETE        0x0200u
#define NOTIFY_DELETE_SELF   0x0400u
#define NOTIFY_MOVE_SELF     0x0800u

/* Registered as HOOK(watchers, &...). Each is called only if there are watches. */
struct watcher {
    void (*file)(struct inode *inode, uint32_t mask);
    void (*name)(struct inode *directory, const char *name, size_t length,
                 const struct inode *inode, uint32_t mask, uint32_t cookie);
    void (*self)(struct inode *inode, uint32_t mask);
    void (*unlinked)(struct inode *inode);
    void (*gone)(struct inode *inode);
};

extern uint32_t notify_watches; /* that there are, of all files; inode->watched counts a file's */

/* notify.c: the part of the functions below that is there to be watched. */
void notify_file_watched(struct inode *inode, uint32_t mask);
void notify_name_watched(struct inode *directory, const char *name, size_t length,
                         const struct inode *inode, uint32_t mask, uint32_t cookie);

/* Something happened to a file: for who watches it or a directory it is in. */
static inline void notify_file(struct inode *inode, uint32_t mask)
{
    if (notify_watches)
        notify_file_watched(inode, mask);
}

/* A name in a directory appeared or went; cookie: the same for both names of a rename. */
static inline void notify_name(struct inode *directory, const char *name, size_t length,
                               const struct inode *inode, uint32_t mask, uint32_t cookie)
{
    if (notify_watches)
        notify_name_watched(directory, name, length, inode, mask, cookie);
}

/* What only concerns who watches the file itself. */
void notify_self(struct inode *inode, uint32_t mask);
/* Its last name has gone, and the caller holds it: watches do not keep a file that has no more. */
void notify_unlinked(struct inode *inode);
/* An inode that is watched, and has no name, goes. */
void notify_gone(struct inode *inode);
/* A number that both names of a rename are reported with; never 0. */
uint32_t notify_cookie(void);

#endif
