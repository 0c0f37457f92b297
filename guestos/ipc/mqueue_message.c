/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mqueue_message.c - messages of POSIX queues: by priority, the oldest of one first
 *
 * Who sends to a waiting receiver hands the message over, and who takes one from a full queue puts
 * in that of the sender who has waited longest: a waiter's operation is done when it wakes (ipc.h).
 */
#include "guestos/ipc/mqueue.h"
#include "guestos/fs/permission.h"
#include "guestos/kernel/hooks.h"
#include "guestos/kernel/lib.h"
#include "guestos/sys/poll.h"
#include "guestos/process/process.h"
#include "guestos/sys/syscall.h"
#include "guestos/time/time.h"
#include "guestos/sys/user.h"
#include "guestos/mm/heap.h"

#define PRIORITIES 32768u /* linux/mqueue.h: MQ_PRIO_MAX */

struct partner {              /* a receiver or sender that waits */
    struct ipc_waiter waiter; /* first */
    struct message *message;
};

static int wait(struct ipc_waiter **list, struct partner *me, const struct file *file,
                uint64_t deadline)
{
    if (file->flags & OPEN_NONBLOCK)
        return -EAGAIN;
    int error = ipc_wait(list, &me->waiter, deadline);
    return error == -EAGAIN ? -ETIMEDOUT : error;
}

static void tell(struct mqueue *queue)
{
    struct process *process = process_find(queue->told);
    struct signal_info info = signal_from_me((uint32_t)queue->event.signal, CODE_MESSAGE);

    if (!queue->told_by)
        return;
    queue->told_by = NULL;
    info.data[2] = queue->event.value;
    if (process && queue->event.notify == NOTIFY_SIGNAL && queue->event.signal)
        signal_send_info(process, &info);
}

/* Into a queue with room; whether that was empty. */
static bool insert(struct mqueue *queue, struct message *message)
{
    struct message **link = &queue->first;

    while (*link && (*link)->priority >= message->priority)
        link = &(*link)->next;
    message->next = *link;
    *link = message;
    return ++queue->used == 1;
}

/* To who has waited longest for one, of which nobody is told; or into the queue, which has room. */
static void enter(struct mqueue *queue, struct message *message)
{
    if (queue->receivers) {
        ((struct partner *)queue->receivers)->message = message;
        ipc_complete(&queue->receivers, 0);
        return;
    }
    if (insert(queue, message))
        tell(queue);
    poll_changed(&queue->changes);
}

/* The first message; who waits to send puts his in. */
static struct message *take(struct mqueue *queue)
{
    struct message *message = queue->first;

    queue->first = message->next;
    queue->used--;
    if (queue->senders) {
        insert(queue, ((struct partner *)queue->senders)->message);
        ipc_complete(&queue->senders, 0);
    }
    poll_changed(&queue->changes);
    return message;
}

static int deadline_from(uint64_t *deadline, uint32_t address, bool wide)
{
    uint64_t value;

    *deadline = NO_DEADLINE;
    if (!address)
        return 0;
    int error = time_from_user(&value, address, wide);
    if (!error)
        *deadline = clock_deadline(0, value, true);
    return error;
}

static int send(uint32_t descriptor, uint32_t text, uint32_t bytes, uint32_t priority,
                uint64_t deadline)
{
    struct file *file;
    struct mqueue *queue = mqueue_of(descriptor, &file, file_writable);
    int error = 0;

    if (IS_ERR(queue))
        return PTR_ERR(queue);
    if (bytes > queue->most_bytes)
        return -EMSGSIZE;
    struct message *message = heap_allocate(sizeof(*message) + bytes);
    if (!message)
        return -ENOMEM;
    struct partner me = {.message = message};
    message->priority = priority;
    message->bytes = bytes;
    if (copy_from_user(message->text, (void *)text, bytes))
        error = -EFAULT;
    else if (queue->used == queue->slots)
        error = wait(&queue->senders, &me, file, deadline);
    else
        enter(queue, message);
    if (error)
        heap_free(message);
    return error;
}

static int receive(uint32_t descriptor, uint32_t text, uint32_t bytes, uint32_t priority,
                   uint64_t deadline)
{
    struct file *file;
    struct mqueue *queue = mqueue_of(descriptor, &file, file_readable);
    int error = 0;

    if (IS_ERR(queue))
        return PTR_ERR(queue);
    if (bytes < queue->most_bytes)
        return -EMSGSIZE;
    struct partner me = {0};
    if (queue->used)
        me.message = take(queue);
    else
        error = wait(&queue->receivers, &me, file, deadline);
    if (error)
        return error;
    struct message *message = me.message;
    if (copy_to_user((void *)text, message->text, message->bytes) ||
        (priority && give_user(priority, message->priority)))
        error = -EFAULT; /* the message is gone, as Linux has it */
    else
        error = (int)message->bytes;
    heap_free(message);
    return error;
}

static int timed_send(uint32_t descriptor, uint32_t text, uint32_t bytes, uint32_t priority,
                      uint32_t timeout, bool wide)
{
    uint64_t deadline;
    int error = deadline_from(&deadline, timeout, wide);

    if (!error && priority >= PRIORITIES)
        error = -EINVAL;
    return error ? error : send(descriptor, text, bytes, priority, deadline);
}

static int timed_receive(uint32_t descriptor, uint32_t text, uint32_t bytes, uint32_t priority,
                         uint32_t timeout, bool wide)
{
    uint64_t deadline;
    int error = deadline_from(&deadline, timeout, wide);

    return error ? error : receive(descriptor, text, bytes, priority, deadline);
}

int sys_mq_timedsend(uint32_t descriptor, uint32_t text, uint32_t bytes, uint32_t priority,
                     uint32_t timeout)
{
    return timed_send(descriptor, text, bytes, priority, timeout, false);
}

int sys_mq_timedsend_time64(uint32_t descriptor, uint32_t text, uint32_t bytes, uint32_t priority,
                            uint32_t timeout)
{
    return timed_send(descriptor, text, bytes, priority, timeout, true);
}

int sys_mq_timedreceive(uint32_t descriptor, uint32_t text, uint32_t bytes, uint32_t priority,
                        uint32_t timeout)
{
    return timed_receive(descriptor, text, bytes, priority, timeout, false);
}

int sys_mq_timedreceive_time64(uint32_t descriptor, uint32_t text, uint32_t bytes,
                               uint32_t priority, uint32_t timeout)
{
    return timed_receive(descriptor, text, bytes, priority, timeout, true);
}
