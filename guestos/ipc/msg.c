/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * msg.c - System V's message queues (msgget(2), msgop(2), msgctl(2))
 *
 * A message that somebody waits for goes to him, who waited longest first, and never into the
 * queue. Whoever makes room puts in what senders wait to send (ipc.h says why it is not left to
 * those who wait).
 */
#include "guestos/ipc/ipc.h"
#include "guestos/kernel/lib.h"
#include "guestos/sys/syscall.h"
#include "guestos/time/time.h"
#include "guestos/sys/user.h"
#include "guestos/mm/heap.h"

#define MESSAGE_LARGEST 8192u   /* linux/msg.h: MSGMAX, MSGMNB */
#define QUEUE_BYTES     16384u  /* more is for the privileged to set */
#define CUT             010000u /* MSG_NOERROR */
#define EXCEPT          020000u
#define COPY            040000u
#define LEAST           (-0x7fffffff - 1) /* has no positive counterpart: any type will do */

enum { MSG_STAT = 11, MSG_INFO, MSG_STAT_ANY };

struct ipc_message {
    struct ipc_message *next;
    int32_t type;
    uint32_t bytes;
    uint8_t data[];
};

struct queue {
    struct ipc_object object;
    struct ipc_message *first, **last;
    uint32_t bytes, count, limit;
    uint64_t sent, received;
    uint32_t sender, receiver;
    struct ipc_waiter *receivers, *senders; /* that wait */
};

struct receiver {
    struct ipc_waiter waiter; /* first */
    int32_t type;
    uint32_t bytes, flags;
    struct ipc_message *message;
};

struct sender {
    struct ipc_waiter waiter; /* first */
    struct ipc_message *message;
};

struct msqid64 { /* struct msqid64_ds */
    struct ipc_rights rights;
    uint32_t sent[2], received[2], changed[2], bytes, count, limit, sender, receiver, unused[2];
};

static struct ipc_table queues;

static struct queue *self(struct ipc_object *object)
{
    return (struct queue *)object;
}

int sys_msgget(uint32_t key, uint32_t flags)
{
    struct ipc_object *object = ipc_by_key(&queues, key, flags);

    if (object)
        return IS_ERR(object) ? PTR_ERR(object) : (int)object->id;
    struct queue *queue = heap_allocate(sizeof(*queue));
    if (!queue)
        return -ENOMEM;
    queue->last = &queue->first;
    queue->limit = QUEUE_BYTES;
    int id = ipc_enter(&queues, &queue->object, key, flags);
    if (id < 0)
        heap_free(queue);
    return id;
}

/* ---- sending --------------------------------------------------------------------------------- */

/* Whether a message is one that msgrcv() with this type and these flags asks for. */
static bool is_wanted(const struct ipc_message *message, int32_t type, uint32_t flags)
{
    if (type < 0)
        return type == LEAST || message->type <= -type;
    return !type || (message->type == type) != !!(flags & EXCEPT);
}

static void note_received(struct queue *queue, const struct process *receiver)
{
    queue->received = time_wall();
    queue->receiver = receiver->pid;
}

/*
 * Gives a message to the first who waits for it; it is too long for those before him. False: to
 * nobody.
 */
static bool hand_over(struct queue *queue, struct ipc_message *message)
{
    for (struct ipc_waiter **link = &queue->receivers; *link;) {
        struct receiver *r = (struct receiver *)*link;

        if (!is_wanted(message, r->type, r->flags)) {
            link = &(*link)->next;
        } else if (message->bytes > r->bytes && !(r->flags & CUT)) {
            ipc_complete(link, -E2BIG);
        } else {
            r->message = message;
            note_received(queue, r->waiter.thread->process);
            ipc_complete(link, 0);
            return true;
        }
    }
    return false;
}

static bool has_room(const struct queue *queue, const struct ipc_message *message)
{
    return queue->bytes + message->bytes <= queue->limit && queue->count + 1 <= queue->limit;
}

static void enter(struct queue *queue, struct ipc_message *message, const struct process *sender)
{
    queue->sent = time_wall();
    queue->sender = sender->pid;
    if (hand_over(queue, message))
        return;
    *queue->last = message;
    queue->last = &message->next;
    queue->bytes += message->bytes;
    queue->count++;
}

/* There is more room: who waits for it sends. */
static void admit_senders(struct queue *queue)
{
    for (struct ipc_waiter **link = &queue->senders; *link;) {
        struct ipc_message *message = ((struct sender *)*link)->message;

        if (!has_room(queue, message)) {
            link = &(*link)->next;
            continue;
        }
        enter(queue, message, (*link)->thread->process);
        ipc_complete(link, 0);
    }
}

static int enqueue(struct queue *queue, struct ipc_message *message, uint32_t flags)
{
    struct sender me = {.message = message};
    int error = ipc_allow(&queue->object, IPC_WRITE);

    if (error)
        return error;
    if (!has_room(queue, message))
        return flags & IPC_NO_WAIT ? -EAGAIN : ipc_wait(&queue->senders, &me.waiter, NO_DEADLINE);
    enter(queue, message, current_process());
    return 0;
}

int sys_msgsnd(uint32_t id, uint32_t address, uint32_t bytes, uint32_t flags)
{
    int32_t type;

    if (take_user(type, address))
        return -EFAULT;
    if (bytes > MESSAGE_LARGEST || (int32_t)id < 0 || type < 1)
        return -EINVAL;
    struct ipc_message *message = heap_allocate(sizeof(*message) + bytes);
    if (!message)
        return -ENOMEM;
    message->type = type;
    message->bytes = bytes;
    int error =
        copy_from_user(message->data, (void *)(address + sizeof(type)), bytes) ? -EFAULT : 0;
    struct ipc_object *object = error ? NULL : ipc_by_id(&queues, id);
    if (!error)
        error = IS_ERR(object) ? PTR_ERR(object) : enqueue(self(object), message, flags);
    if (error)
        heap_free(message);
    return error;
}

/* ---- receiving ------------------------------------------------------------------------------- */

/* Where the message is linked that is wanted; where NULL is: there is none. */
static struct ipc_message **find(struct queue *queue, int32_t type, uint32_t flags)
{
    struct ipc_message **link = &queue->first, **best = NULL;

    for (; *link; link = &(*link)->next) {
        if (!is_wanted(*link, type, flags))
            continue;
        if (type >= 0)
            return link;
        if (!best || (*link)->type < (*best)->type)
            best = link;
    }
    return best ? best : link;
}

static struct ipc_message *unlink_message(struct queue *queue, struct ipc_message **link)
{
    struct ipc_message *message = *link;

    *link = message->next;
    if (!*link && queue->last == &message->next)
        queue->last = link;
    queue->bytes -= message->bytes;
    queue->count--;
    return message;
}

static int dequeue(struct queue *queue, uint32_t bytes, int32_t type, uint32_t flags,
                   struct ipc_message **taken)
{
    struct receiver me = {.type = type, .bytes = bytes, .flags = flags};
    struct ipc_message **link = find(queue, type, flags);
    int error = ipc_allow(&queue->object, IPC_READ);

    if (error)
        return error;
    if (!*link) {
        error =
            flags & IPC_NO_WAIT ? -ENOMSG : ipc_wait(&queue->receivers, &me.waiter, NO_DEADLINE);
        *taken = me.message;
        return error;
    }
    if ((*link)->bytes > bytes && !(flags & CUT))
        return -E2BIG;
    *taken = unlink_message(queue, link);
    note_received(queue, current_process());
    admit_senders(queue);
    return 0;
}

int sys_msgrcv(uint32_t id, uint32_t address, uint32_t bytes, uint32_t type, uint32_t flags)
{
    if ((int32_t)bytes < 0 || (int32_t)id < 0)
        return -EINVAL;
    if (flags & COPY) /* as on a Linux without checkpoints */
        return -ENOSYS;
    struct ipc_object *object = ipc_by_id(&queues, id);
    struct ipc_message *message;
    int result = IS_ERR(object) ? PTR_ERR(object)
                                : dequeue(self(object), bytes, (int32_t)type, flags, &message);
    if (result)
        return result;
    result = (int)MIN(bytes, message->bytes);
    if (give_user(address, message->type) ||
        copy_to_user((void *)(address + sizeof(message->type)), message->data, (uint32_t)result))
        result = -EFAULT;
    heap_free(message);
    return result;
}

/* ---- control --------------------------------------------------------------------------------- */

static int remove(struct queue *queue)
{
    int error = ipc_owned(&queue->object);

    if (error)
        return error;
    ipc_leave(&queues, &queue->object);
    while (queue->first)
        heap_free(unlink_message(queue, &queue->first));
    ipc_complete_all(&queue->receivers, -EIDRM);
    ipc_complete_all(&queue->senders, -EIDRM);
    heap_free(queue);
    return 0;
}

static int set(struct queue *queue, const struct msqid64 *wanted)
{
    int error = ipc_owned(&queue->object);

    if (!error && wanted->limit > QUEUE_BYTES && current_process()->identity.user[1])
        error = -EPERM;
    if (!error)
        error = ipc_set_rights(&queue->object, &wanted->rights);
    if (error)
        return error;
    queue->limit = wanted->limit;
    admit_senders(queue);
    return 0;
}

static int status(struct queue *queue, uint32_t address)
{
    struct msqid64 s = {.rights = ipc_rights(&queue->object),
                        .bytes = queue->bytes,
                        .count = queue->count,
                        .limit = queue->limit,
                        .sender = queue->sender,
                        .receiver = queue->receiver};

    ipc_time(s.sent, queue->sent);
    ipc_time(s.received, queue->received);
    ipc_time(s.changed, queue->object.changed);
    return give_user(address, s);
}

static int system_info(uint32_t command, uint32_t address)
{
    uint32_t messages = 0, bytes = 0;

    for (uint32_t i = 0; i < IPC_PLACES; i++)
        if (queues.object[i]) {
            messages += self(queues.object[i])->count;
            bytes += self(queues.object[i])->bytes;
        }
    bool usage = command == MSG_INFO;
    const struct { /* struct msginfo */
        uint32_t pool, map, largest, limit, ids, segment_size, headers;
        uint16_t segments;
    } info = {usage ? queues.used : IPC_PLACES * QUEUE_BYTES / 1024,
              usage ? messages : QUEUE_BYTES,
              MESSAGE_LARGEST,
              QUEUE_BYTES,
              IPC_PLACES,
              16,
              usage ? bytes : QUEUE_BYTES,
              0xffff};
    return give_user(address, info) ? -EFAULT : ipc_highest(&queues);
}

int sys_msgctl(uint32_t id, uint32_t command, uint32_t address)
{
    struct msqid64 wanted;
    bool by_place = command == MSG_STAT || command == MSG_STAT_ANY;

    if ((int32_t)id < 0)
        return -EINVAL;
    if (command == IPC_INFO || command == MSG_INFO)
        return system_info(command, address);
    if (command == IPC_SET && take_user(wanted, address))
        return -EFAULT;
    struct ipc_object *object = by_place ? ipc_by_place(&queues, id) : ipc_by_id(&queues, id);
    if (IS_ERR(object))
        return PTR_ERR(object);
    int error;
    switch (command) {
    case IPC_REMOVE:
        return remove(self(object));
    case IPC_SET:
        return set(self(object), &wanted);
    case IPC_STAT:
    case MSG_STAT:
    case MSG_STAT_ANY:
        error = command == MSG_STAT_ANY ? 0 : ipc_allow(object, IPC_READ);
        if (!error)
            error = status(self(object), address);
        return error || !by_place ? error : (int)object->id;
    default:
        return -EINVAL;
    }
}
