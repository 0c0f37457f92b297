/* SPDX-License-Identifier: GPL-2.0-only */
/* notify.c - from what happens to files to who watches them; see notify.h */
#include "guestos/fs/notify.h"
#include "guestos/kernel/hooks.h"

uint32_t notify_watches;

void notify_file_watched(struct inode *inode, uint32_t mask)
{
    FOR_EACH_HOOK (watcher, watchers)
        (*watcher)->file(inode, mask);
}

void notify_name_watched(struct inode *directory, const char *name, size_t length,
                         const struct inode *inode, uint32_t mask, uint32_t cookie)
{
    FOR_EACH_HOOK (watcher, watchers)
        (*watcher)->name(directory, name, length, inode, mask, cookie);
}

void notify_self(struct inode *inode, uint32_t mask)
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

uint32_t notify_cookie(void)
{
    static uint32_t last;

    return ++last;
}
