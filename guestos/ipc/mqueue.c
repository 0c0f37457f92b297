/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mqueue.c - POSIX message queues: messages in order of priority, under a name (mq_overview(7))
 *
 * A queue lives as long as it has a name or an open file. Its descriptors can be polled. Names are
 * a flat space of their own; there is no /dev/mqueue to list them. Who has asked to be told is told
 * once, of the first message that comes to an empty queue while nobody waits for one; that ends
 * with exec and exit of the process that asked and with the last close of the descriptor that it
 * asked by (Linux: with any close).
 */
#include "guestos/fs/file.h"
#include "guestos/fs/permission.h"
#include "guestos/ipc/mqueue.h"
#include "guestos/kernel/hooks.h"
#include "guestos/kernel/lib.h"
#include "guestos/sys/poll.h"
#include "guestos/process/process.h"
#include "guestos/signal/signal.h"
#include "guestos/sys/syscall.h"
#include "guestos/time/time.h"
#include "guestos/sys/user.h"
#include "guestos/mm/heap.h"

#define QUEUES 256u
/* Linux's usual limits (mq_overview(7)). */
enum { USUAL_MESSAGES = 10, USUAL_BYTES = 8192, ROOT_MESSAGES = 65536, ROOT_BYTES = 16 << 20 };
#define COST_OF_SLOT 48u /* of RLIMIT_MSGQUEUE, beside a message's bytes */

struct attributes { /* struct mq_attr */
    int32_t flags, slots, most_bytes, used, rest[4];
};

static struct mqueue *queues;

/* ---- names ----------------------------------------------------------------------------------- */

static struct mqueue *find(const char *name)
{
    struct mqueue *queue = queues;

    while (queue && (!queue->name || strcmp(queue->name, name) != 0))
        queue = queue->next;
    return queue;
}

/* Without the slash, which C libraries take away. */
static char *take_name(uint32_t address)
{
    char *name = take_path(address);

    if (IS_ERR(name))
        return name;
    int error = strlen(name) > NAME_LIMIT ? -ENAMETOOLONG : 0;
    for (const char *c = name; *c && !error; c++)
        error = *c == '/' ? -EACCES : 0;
    if (!error)
        return name;
    heap_free(name);
    return ERR_PTR(error);
}

static void release(struct mqueue *queue)
{
    if (--queue->users)
        return;
    struct mqueue **link = &queues;
    while (*link != queue)
        link = &(*link)->next;
    *link = queue->next;
    while (queue->first) {
        struct message *message = queue->first;

        queue->first = message->next;
        heap_free(message);
    }
    inode_release(queue->inode);
    heap_free(queue);
}

static void remove_name(struct mqueue *queue)
{
    heap_free(queue->name);
    queue->name = NULL;
    release(queue);
}

static uint32_t cost(const struct attributes *shape)
{
    return (uint32_t)shape->slots * (COST_OF_SLOT + (uint32_t)shape->most_bytes);
}

/* What a user's queues count to the limit, with one more; -EMFILE. */
static int charge(uint32_t owner, const struct attributes *shape)
{
    uint64_t sum = cost(shape);
    uint32_t count = 0;

    for (const struct mqueue *q = queues; q; q = q->next, count++)
        if (q->owner == owner)
            sum += cost(&(struct attributes){.slots = (int32_t)q->slots,
                                             .most_bytes = (int32_t)q->most_bytes});
    if (count >= QUEUES && !is_privileged())
        return -ENOSPC;
    return sum > limit_of(LIMIT_MESSAGES) ? -EMFILE : 0;
}

static int check(const struct attributes *shape)
{
    int32_t slots = is_privileged() ? ROOT_MESSAGES : USUAL_MESSAGES;
    int32_t bytes = is_privileged() ? ROOT_BYTES : USUAL_BYTES;

    if (shape->slots <= 0 || shape->most_bytes <= 0 || shape->slots > slots ||
        shape->most_bytes > bytes)
        return -EINVAL;
    return (uint64_t)shape->slots * (COST_OF_SLOT + (uint32_t)shape->most_bytes) > ~0u ? -EOVERFLOW
                                                                                       : 0;
}

/* Takes over the name on success. */
static struct mqueue *create(char *name, uint32_t mode, const struct attributes *shape)
{
    const struct thread *me = current_thread();
    const struct identity *who = &me->process->identity;
    int error = check(shape);

    error = error ? error : charge(who->user[0], shape);
    if (error)
        return ERR_PTR(error);
    struct mqueue *queue = heap_allocate(sizeof(*queue));
    struct inode *inode = queue ? inode_create(mode & 0777 & ~me->fs->umask) : NULL;
    if (!inode) {
        heap_free(queue);
        return ERR_PTR(-ENOMEM);
    }
    inode->uid = who->file_user;
    inode->gid = who->file_group;
    *queue = (struct mqueue){.next = queues,
                             .name = name,
                             .inode = inode,
                             .users = 1,
                             .owner = who->user[0],
                             .slots = (uint32_t)shape->slots,
                             .most_bytes = (uint32_t)shape->most_bytes};
    return queues = queue;
}

/* ---- as files -------------------------------------------------------------------------------- */

static uint32_t mqueue_poll(struct file *file)
{
    const struct mqueue *queue = file->data;

    return (queue->used ? POLLIN : 0) | (queue->used < queue->slots ? POLLOUT : 0);
}

static uint32_t *mqueue_changes(struct file *file)
{
    return &((struct mqueue *)file->data)->changes;
}

static void mqueue_close(struct file *file)
{
    struct mqueue *queue = file->data;

    if (queue->told_by == file)
        queue->told_by = NULL;
    release(queue);
}

static const struct file_ops mqueue_ops = {
    .poll = mqueue_poll,
    .changes = mqueue_changes,
    .close = mqueue_close,
    .name = "mqueue",
};

static int open_descriptor(struct mqueue *queue, uint32_t flags)
{
    struct file *file =
        file_create(queue->inode, &mqueue_ops, flags & (OPEN_ACCESS | OPEN_NONBLOCK));

    if (IS_ERR(file))
        return PTR_ERR(file);
    file->data = queue;
    queue->users++;
    return files_give(file, true);
}

static int allow(const struct mqueue *queue, uint32_t flags)
{
    static const uint32_t wanted[] = {MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE};

    if ((flags & OPEN_ACCESS) > OPEN_BOTH)
        return -EINVAL;
    return inode_allow(queue->inode, wanted[flags & OPEN_ACCESS]);
}

int sys_mq_open(uint32_t name_address, uint32_t flags, uint32_t mode, uint32_t shape_address)
{
    struct attributes shape = {.slots = USUAL_MESSAGES, .most_bytes = USUAL_BYTES};

    if (flags & OPEN_CREATE && shape_address && take_user(shape, shape_address))
        return -EFAULT;
    char *name = take_name(name_address);
    if (IS_ERR(name))
        return PTR_ERR(name);
    struct mqueue *queue = find(name);
    bool is_new = !queue;
    int result = is_new                                              ? 0
                 : (flags & OPEN_CREATE) && (flags & OPEN_EXCLUSIVE) ? -EEXIST
                                                                     : allow(queue, flags);
    if (is_new)
        queue = flags & OPEN_CREATE ? create(name, mode, &shape) : ERR_PTR(-ENOENT);
    if (!is_new || IS_ERR(queue))
        heap_free(name);
    if (IS_ERR(queue))
        return PTR_ERR(queue);
    result = result ? result : open_descriptor(queue, flags);
    if (is_new && result < 0)
        remove_name(queue);
    return result;
}

int sys_mq_unlink(uint32_t name_address)
{
    char *name = take_name(name_address);

    if (IS_ERR(name))
        return PTR_ERR(name);
    struct mqueue *queue = find(name);
    heap_free(name);
    if (!queue)
        return -ENOENT;
    if (!inode_is_mine(queue->inode))
        return -EPERM;
    remove_name(queue);
    return 0;
}

struct mqueue *mqueue_of(uint32_t descriptor, struct file **file,
                         bool (*is_open_so)(const struct file *file))
{
    *file = files_get((int)descriptor);
    if (!*file || (*file)->ops != &mqueue_ops || (is_open_so && !is_open_so(*file)))
        return ERR_PTR(-EBADF);
    return (*file)->data;
}

/* ---- being told, and attributes -------------------------------------------------------------- */

int sys_mq_notify(uint32_t descriptor, uint32_t event_address)
{
    struct signal_event event = {0};
    struct file *file;
    uint32_t me = current_process()->pid;

    if (event_address && take_user(event, event_address))
        return -EFAULT;
    /* By a thread: C libraries build that on a netlink socket, of which there are none. */
    if (event_address && event.notify != NOTIFY_NONE &&
        (event.notify != NOTIFY_SIGNAL || event.signal < 0 || event.signal > SIGNALS))
        return -EINVAL;
    struct mqueue *queue = mqueue_of(descriptor, &file, NULL);
    if (IS_ERR(queue))
        return PTR_ERR(queue);
    if (event_address && queue->told_by)
        return -EBUSY;
    if (event_address) {
        queue->told_by = file;
        queue->told = me;
        queue->event = event;
    } else if (queue->told_by && queue->told == me) {
        queue->told_by = NULL;
    }
    return 0;
}

/* exec, and the end of a process: it is no longer told of messages. */
static void forget(const struct process *process)
{
    for (struct mqueue *q = queues; q; q = q->next)
        if (q->told == process->pid)
            q->told_by = NULL;
}
HOOK(process_executes, forget);
HOOK(process_ends, forget);

int sys_mq_getsetattr(uint32_t descriptor, uint32_t new_address, uint32_t old_address)
{
    struct attributes updated = {0};
    struct file *file;

    if (new_address && take_user(updated, new_address))
        return -EFAULT;
    if ((uint32_t)updated.flags & ~OPEN_NONBLOCK)
        return -EINVAL;
    const struct mqueue *queue = mqueue_of(descriptor, &file, NULL);
    if (IS_ERR(queue))
        return PTR_ERR(queue);
    struct attributes old = {.flags = (int32_t)(file->flags & OPEN_NONBLOCK),
                             .slots = (int32_t)queue->slots,
                             .most_bytes = (int32_t)queue->most_bytes,
                             .used = (int32_t)queue->used};
    if (new_address)
        file->flags = (file->flags & ~OPEN_NONBLOCK) | (uint32_t)updated.flags;
    return old_address ? give_user(old_address, old) : 0;
}
