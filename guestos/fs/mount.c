/* SPDX-License-Identifier: GPL-2.0-only */
/* mount.c - what is mounted where; see filesystem.h */
#include "guestos/fs/filesystem.h"
#include "guestos/block/devices.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/hooks.h"
#include "guestos/kernel/lib.h"
#include "guestos/kernel/sched.h"
#include "guestos/mm/heap.h"
#include "guestos/mm/pages.h"
#include "guestos/mm/space.h"
#include "guestos/time/time.h"
#include "guestos/time/timer.h"

struct mount *mounts;       /* the newest first */
static uint32_t operations; /* begun and not ended */

struct mount *mount_of_root(const struct inode *inode)
{
    struct mount *mount = mounts;

    while (mount && mount->root != inode)
        mount = mount->next;
    return mount;
}

struct inode *mount_down(struct inode *inode)
{
    while (inode->is_covered) {
        const struct mount *mount = mounts;

        while (mount && mount->covered != inode)
            mount = mount->next;
        if (!mount)
            break;
        inode = mount->root;
    }
    return inode;
}

struct inode *mount_up(struct inode *inode)
{
    const struct mount *mount;

    while (inode != root_inode && (mount = mount_of_root(inode)) && mount->covered)
        inode = mount->covered;
    return inode;
}

static void set_mount(struct mount *mount)
{
    static uint32_t last_device;

    mount->device = ++last_device;
    mount->root->mount = mount;
    mount->next = mounts;
    mounts = mount;
}

int mount_add(struct mount *mount, struct inode *at)
{
    if (!at) {
        root_inode = mount->root;
        root_inode->parent = root_inode;
    } else {
        if ((at->mode & MODE_TYPE) != MODE_DIRECTORY)
            return -ENOTDIR;
        if (at->is_covered || mount_of_root(at))
            return -EBUSY;
        inode_hold(mount->covered = at);
        at->is_covered = true;
    }
    set_mount(mount);
    return 0;
}

int mount_remove(struct inode *root)
{
    struct mount *mount = mount_of_root(root);

    if (!mount)
        return -EINVAL;
    if (root == root_inode || !mount->unmount)
        return -EBUSY;
    for (const struct mount *m = mounts; m; m = m->next)
        if (m->covered && m->covered->mount == mount)
            return -EBUSY;
    int error = mount->unmount(mount);
    if (error)
        return error;
    struct mount **link = &mounts;
    while (*link != mount)
        link = &(*link)->next;
    *link = mount->next;
    mount->covered->is_covered = false;
    inode_release(mount->covered);
    heap_free(mount);
    return 0;
}

int mount_change(const struct inode *root, bool read_only)
{
    struct mount *mount = mount_of_root(root);

    if (!mount)
        return -EINVAL;
    if (mount->read_only == read_only)
        return 0;
    if (read_only && (mount->writers || spaces_may_write(mount)))
        return -EBUSY;
    int error = mount->remount ? mount->remount(mount, read_only) : 0;
    if (!error)
        mount->read_only = read_only;
    return error;
}

int mount_options(const struct inode *root, const char *options)
{
    static const struct {
        const char *word;
        bool on;
    } words[] = {
        {"barrier=0", false}, {"nobarrier", false}, {"barrier=1", true}, {"barrier", true}};
    struct mount *mount = mount_of_root(root);

    if (!mount)
        return -EINVAL;
    while (*options) {
        size_t length = 0;

        while (options[length] && options[length] != ',')
            length++;
        for (unsigned i = 0; i < sizeof(words) / sizeof(*words) && mount->set_barriers; i++)
            if (strlen(words[i].word) == length && !memcmp(words[i].word, options, length))
                mount->set_barriers(mount, words[i].on);
        options += length + (options[length] == ',');
    }
    return 0;
}

int mount_path(const struct mount *mount, char *buffer, uint32_t size)
{
    return path_of(mount->root, buffer, size);
}

/*
 * ---- writing in the background ------------------------------------------------------------------
 *
 * What has changed is written five seconds after the first change that is not, as Linux's ext3
 * commits: by a processor that has nothing to do, or else by the next who changes something.
 */
#define WRITE_BACK_AFTER (5ull * NANOSECONDS)

static bool write_back_due;

static void write_back_fires(struct timer *timer, uint64_t now)
{
    (void)timer;
    (void)now;
    write_back_due = true;
}

static struct timer write_back_timer = {.at = NO_DEADLINE, .fire = write_back_fires};

static void write_back(void)
{
    if (!write_back_due)
        return;
    write_back_due = false;
    mounts_sync();
}

HOOK(idle, write_back);

void operation_begin(void)
{
    if (!operations) {
        write_back();
        for (struct mount *mount = mounts; mount; mount = mount->next) {
            if (mount->settle)
                mount->settle(mount);
            if (mount->sync && !mount->read_only && write_back_timer.at == NO_DEADLINE)
                timer_set(&write_back_timer, arch_clock() + WRITE_BACK_AFTER);
        }
    }
    operations++;
}

void operation_end(void)
{
    ASSERT(operations);
    operations--;
}

void mounts_sync(void)
{
    ASSERT(!operations);
    for (struct mount *mount = mounts; mount; mount = mount->next)
        if (mount->sync && mount->sync(mount))
            kprintf("%s: cannot write everything\n", mount->source);
}

/*
 * The root's files may still be open, so that it cannot be unmounted: what counts is on the device.
 */
void mounts_stop(void)
{
    for (struct mount *mount = mounts; mount; mount = mount->next)
        if (mount->stop && mount->stop(mount))
            kprintf("%s: cannot write everything\n", mount->source);
}

/* ---- by type --------------------------------------------------------------------------------- */

int filesystem_mount(const char *source, struct inode *at, const char *type, bool read_only)
{
    if (!strcmp(type, "ext2") || !strcmp(type, "ext3")) {
        struct block_device *device = block_device_named(source);

        return device ? ext2_mount_at(device, at, read_only) : -ENOTBLK;
    }
    int error = !strcmp(type, "tmpfs")   ? memory_mount(at)
                : !strcmp(type, "proc")  ? proc_mount(at)
                : !strcmp(type, "sysfs") ? sysfs_mount(at)
                                         : -ENODEV;
    if (!error)
        mounts->read_only = read_only;
    return error;
}
