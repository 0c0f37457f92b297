/* SPDX-License-Identifier: GPL-2.0-only */
/* notify.c - from what happens to files to who watches them; see notify.h */
#include "guestos/fs/notify.h"
#include "guestos/kernel/hooks.h"

u32 notify_watches;

void notify_file_watched(struct inode *inode, u32 mask)
{
    FOR_EACH_HOOK (watcher, watchers)
        (*watcher)->file(inode, mask);
}

void notify_name_watched(struct inode *directory, const char *name, size_t length,
                         const struct inode *inode, u32 mask, u32 cookie)
{
    FOR_EACH_HOOK (watcher, watchers)
        (*watcher)->name(directory, name, length, inode, mask, cookie);
}

void notify_self(struct inode *inode, u32 mask)
{
    if (inode->watched)
        FOR_EACH_HOOK (watcher, watchers)
            (*watcher)->self(inode, mask);
}

void notify_unlinked(struct inode *inode)
{
    if (inode->watched)
        FOR_EACH_HOOK (watcher, watchers)
            (*watcher)->unlinked(inode);
}

void notify_gone(struct inode *inode)
{
    if (inode->watched)
        FOR_EACH_HOOK (watcher, watchers)
            (*watcher)->gone(inode);
}

u32 notify_cookie(void)
{
    static u32 last;
    return ++last;
}
