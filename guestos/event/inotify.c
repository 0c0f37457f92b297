/* SPDX-License-Identifier: GPL-2.0-only */
/* inotify.c - the descriptor by which a program watches files (inotify(7)) */
#include "guestos/event/event.h"
#include "guestos/event/watch.h"
#include "guestos/fs/permission.h"
#include "guestos/kernel/lib.h"
#include "guestos/sys/poll.h"
#include "guestos/process/process.h"
#include "guestos/sys/syscall.h"
#include "guestos/sys/user.h"
#include "guestos/mm/heap.h"

#define ONLY_DIRECTORY  0x01000000u /* linux/inotify.h: IN_* */
#define NO_FOLLOW       0x02000000u
#define EXCEPT_UNLINKED 0x04000000u /* files without a name are never told of by their directory */
#define MASK_CREATE     0x10000000u
#define MASK_ADD        0x20000000u
#define KNOWN                                                                                      \
    (NOTIFY_EVENTS | ONLY_DIRECTORY | NO_FOLLOW | EXCEPT_UNLINKED | MASK_CREATE | MASK_ADD |       \
     NOTIFY_ONE_SHOT)

#define EVENTS_LIMIT  16384u /* what Linux begins with in /proc/sys/fs/inotify */
#define WATCHES_LIMIT 8192u
#define FIONREAD      0x541bu

struct header { /* struct inotify_event; the name follows, padded with NULs to a multiple of this */
    int32_t number;
    uint32_t mask, cookie, bytes;
};

struct queued {
    struct queued *next;
    struct header header;
    char name[];
};

struct instance {
    struct queued *first, **last, *newest; /* newest: the last one, while there is any */
    uint32_t count, bytes;                 /* bytes: to be read */
    int32_t last_number;
    uint32_t changes;
};

static const struct file_ops instance_ops;

static uint32_t name_bytes(size_t length)
{
    return length ? (length / sizeof(struct header) + 1) * sizeof(struct header) : 0;
}

static bool is_same(const struct queued *event, const struct header *header, const char *name,
                    size_t length)
{
    return !memcmp(&event->header, header, sizeof(*header)) && !memcmp(event->name, name, length);
}

void instance_tell(struct instance *instance, int32_t number, uint32_t mask, uint32_t cookie,
                   const char *name, size_t length)
{
    struct header header = {number, mask, cookie, name_bytes(length)};

    if (instance->count == EVENTS_LIMIT - 1) {
        header = (struct header){-1, NOTIFY_OVERFLOW, 0, 0};
        length = 0;
    } else if (instance->count >= EVENTS_LIMIT) {
        return;
    }
    if (instance->count && is_same(instance->newest, &header, name, length))
        return;
    struct queued *event = heap_allocate(sizeof(*event) + header.bytes);
    if (!event) /* there is no way to say so, as there is for too many */
        return;
    event->header = header;
    if (length)
        memcpy(event->name, name, length);
    *instance->last = event;
    instance->last = &event->next;
    instance->newest = event;
    instance->count++;
    instance->bytes += sizeof(header) + header.bytes;
    poll_changed(&instance->changes);
}

static void drop_first(struct instance *instance)
{
    struct queued *event = instance->first;

    instance->first = event->next;
    if (!instance->first)
        instance->last = &instance->first;
    instance->count--;
    instance->bytes -= sizeof(event->header) + event->header.bytes;
    heap_free(event);
}

/* ---- as a file ------------------------------------------------------------------------------- */

static int instance_read(struct file *file, void *to, uint32_t bytes, uint32_t *position)
{
    (void)position;
    struct instance *instance = file->data;
    uint32_t done = 0;
    while (!instance->first) {
        int error = event_wait(file);

        if (error)
            return error;
    }
    while (instance->first) {
        const struct queued *event = instance->first;
        uint32_t size = sizeof(event->header) + event->header.bytes;

        if (size > bytes - done)
            return done ? (int)done : -EINVAL;
        if (copy_to_user((char *)to + done, &event->header, size))
            return done ? (int)done : -EFAULT;
        done += size;
        drop_first(instance);
    }
    return (int)done;
}

static uint32_t instance_poll(struct file *file)
{
    return ((struct instance *)file->data)->first ? POLLIN : 0;
}

static uint32_t *instance_changes(struct file *file)
{
    return &((struct instance *)file->data)->changes;
}

static int instance_ioctl(struct file *file, uint32_t request, uint32_t argument)
{
    const struct instance *instance = file->data;

    return request == FIONREAD ? give_user(argument, instance->bytes) : -ENOTTY;
}

static uint32_t instance_memory(const struct file *file)
{
    const struct instance *instance = file->data;

    return instance->bytes + instance->count * sizeof(struct queued);
}

static void instance_close(struct file *file)
{
    struct instance *instance = file->data;

    for (struct watch *watch = watches, *next; watch; watch = next) {
        next = watch->next;
        if (watch->instance == instance)
            watch_remove(watch);
    }
    while (instance->first)
        drop_first(instance);
    heap_free(instance);
}

static const struct file_ops instance_ops = {
    .read = instance_read,
    .ioctl = instance_ioctl,
    .poll = instance_poll,
    .changes = instance_changes,
    .memory = instance_memory,
    .close = instance_close,
    .stream = true,
    .name = "inotify",
};

/* ---- system calls ---------------------------------------------------------------------------- */

int sys_inotify_init1(uint32_t flags)
{
    if (flags & ~(OPEN_CLOEXEC | OPEN_NONBLOCK))
        return -EINVAL;
    struct instance *instance = heap_allocate(sizeof(*instance));
    if (instance)
        instance->last = &instance->first;
    return event_install(&instance_ops, instance, flags);
}

int sys_inotify_init(void)
{
    return sys_inotify_init1(0);
}

static struct instance *find(uint32_t descriptor)
{
    const struct file *file = files_get((int)descriptor);

    if (!file)
        return ERR_PTR(-EBADF);
    return file->ops == &instance_ops ? file->data : ERR_PTR(-EINVAL);
}

/* The number of a new watch, or of the one there is for this file, changed. */
static int watch_inode(struct instance *instance, struct inode *inode, uint32_t mask)
{
    struct watch *watch = watches;

    while (watch && (watch->inode != inode || watch->instance != instance))
        watch = watch->next;
    if (watch) {
        if (mask & MASK_CREATE)
            return -EEXIST;
        watch->mask = (mask & MASK_ADD ? watch->mask : 0) | mask;
        return watch->number;
    }
    if (notify_watches >= WATCHES_LIMIT || !(watch = watch_add(instance, inode)))
        return -ENOSPC;
    watch->mask = mask;
    return watch->number = ++instance->last_number;
}

int sys_inotify_add_watch(uint32_t descriptor, uint32_t address, uint32_t mask)
{
    if (!(mask & KNOWN) || (mask & MASK_ADD && mask & MASK_CREATE))
        return -EINVAL;
    struct instance *instance = find(descriptor);
    if (IS_ERR(instance))
        return PTR_ERR(instance);
    struct inode *inode = lookup_at(AT_CWD, address, mask & NO_FOLLOW ? LOOKUP_NO_FOLLOW : 0);
    if (IS_ERR(inode))
        return PTR_ERR(inode);
    int result =
        mask & ONLY_DIRECTORY && !is_directory(inode) ? -ENOTDIR : inode_allow(inode, MAY_READ);
    if (!result)
        result = watch_inode(instance, inode, mask);
    inode_release(inode);
    return result;
}

int sys_inotify_rm_watch(uint32_t descriptor, uint32_t number)
{
    struct instance *instance = find(descriptor);

    if (IS_ERR(instance))
        return PTR_ERR(instance);
    struct watch *watch = watches;
    while (watch && (watch->instance != instance || watch->number != (int32_t)number))
        watch = watch->next;
    if (!watch)
        return -EINVAL;
    watch_remove(watch);
    instance_tell(instance, (int32_t)number, NOTIFY_IGNORED, 0, NULL, 0);
    return 0;
}
