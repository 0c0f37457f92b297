/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * notify.c - who watches a file, and telling them
 *
 * Inodes do not know their names. What happens to an open file is told to who watches a directory
 * by looking for the file in each directory that is watched: nobody pays for it who watches none.
 *
 * A watch holds its file while that has a name. When the last name goes, watches let go of it
 * (inode->watched says that there are some), so that the file ends with its last user; then they
 * are told and end too.
 */
#include "guestos/event/watch.h"
#include "guestos/fs/filesystem.h"
#include "guestos/kernel/hooks.h"
#include "guestos/kernel/lib.h"
#include "guestos/mm/heap.h"

struct watch *watches;

struct watch *watch_add(struct instance *instance, struct inode *inode)
{
    struct watch *watch = heap_allocate(sizeof(*watch));

    if (!watch)
        return NULL;
    watch->instance = instance;
    watch->inode = inode;
    watch->next = watches;
    watches = watch;
    notify_watches++;
    inode->watched++;
    if (inode->links)
        inode_hold(inode);
    return watch;
}

void watch_remove(struct watch *watch)
{
    struct watch **link = &watches;
    struct inode *inode = watch->inode;

    while (*link != watch)
        link = &(*link)->next;
    *link = watch->next;
    heap_free(watch);
    notify_watches--;
    inode->watched--;
    if (inode->links)
        inode_release(inode);
}

static void tell(struct watch *watch, const struct inode *subject, uint32_t mask, uint32_t cookie,
                 const char *name, size_t length)
{
    const uint32_t of_itself = NOTIFY_DELETE_SELF | NOTIFY_MOVE_SELF;
    uint32_t kind = is_directory(subject) && !(mask & of_itself) ? NOTIFY_IS_DIR : 0;

    instance_tell(watch->instance, watch->number, mask | kind, cookie, name, length);
    if (watch->mask & NOTIFY_ONE_SHOT) {
        instance_tell(watch->instance, watch->number, NOTIFY_IGNORED, 0, NULL, 0);
        watch_remove(watch);
    }
}

static void tell_watchers(const struct inode *inode, const struct inode *subject, uint32_t mask,
                          uint32_t cookie, const char *name, size_t length)
{
    for (struct watch *watch = watches, *next; watch; watch = next) {
        next = watch->next;
        if (watch->inode == inode && watch->mask & mask)
            tell(watch, subject, mask, cookie, name, length);
    }
}

static bool name_in(struct inode *directory, const struct inode *inode, struct directory_item *item)
{
    return is_directory(directory) && inode->mount && directory->mount == inode->mount &&
           directory_name_of(directory, inode, item);
}

static void file_changed(struct inode *inode, uint32_t mask)
{
    struct directory_item item;

    inode_hold(inode); /* a watch that is for one event holds it, too */
    for (struct watch *watch = watches, *next; watch; watch = next) {
        next = watch->next;
        if (watch->mask & mask && watch->inode != inode && name_in(watch->inode, inode, &item))
            tell(watch, inode, mask, 0, item.name, strlen(item.name));
    }
    if (inode->watched)
        tell_watchers(inode, inode, mask, 0, NULL, 0);
    inode_release(inode);
}

static void name_changed(struct inode *directory, const char *name, size_t length,
                         const struct inode *inode, uint32_t mask, uint32_t cookie)
{
    if (!directory->watched)
        return;
    inode_hold(directory);
    tell_watchers(directory, inode, mask, cookie, name, length);
    inode_release(directory);
}

static void self_changed(struct inode *inode, uint32_t mask)
{
    inode_hold(inode);
    tell_watchers(inode, inode, mask, 0, NULL, 0);
    inode_release(inode);
}

static void unlinked(struct inode *inode)
{
    for (const struct watch *watch = watches; watch; watch = watch->next)
        inode->references -= watch->inode == inode;
}

static void gone(struct inode *inode)
{
    for (struct watch *watch = watches, *next; watch; watch = next) {
        next = watch->next;
        if (watch->inode != inode)
            continue;
        if (watch->mask & NOTIFY_DELETE_SELF)
            instance_tell(watch->instance, watch->number, NOTIFY_DELETE_SELF, 0, NULL, 0);
        instance_tell(watch->instance, watch->number, NOTIFY_IGNORED, 0, NULL, 0);
        watch_remove(watch);
    }
}

static const struct watcher watcher = {.file = file_changed,
                                       .name = name_changed,
                                       .self = self_changed,
                                       .unlinked = unlinked,
                                       .gone = gone};
HOOK(watchers, &watcher);
