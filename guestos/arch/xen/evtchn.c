/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * evtchn.c - /dev/xen/evtchn: event channels for Domain 0's programs
 *
 * The requests are those of Linux's device (linux/evtchn.h). A port that was bound through an open
 * file is that file's: its events are read from it, as 32-bit port numbers. A port is masked when
 * its event is taken, and stays so until the program writes the number back, so each port waits in
 * the file's queue once at most.
 */
#include "guestos/arch/xen/domain.h"
#include "guestos/fs/file.h"
#include "guestos/kernel/errno.h"
#include "guestos/sys/poll.h"
#include "guestos/process/process.h"
#include "guestos/sys/user.h"
#include "guestos/mm/heap.h"

#define REQUEST(number) ('E' << 8 | (number)) /* type and number; the size field is not compared */
#define REQUEST_MASK    0xffffu

enum {
    BIND_VIRQ,
    BIND_INTERDOMAIN,
    BIND_UNBOUND_PORT,
    UNBIND,
    NOTIFY,
    RESET,
};

struct queue {
    struct wait_queue readers;
    uint32_t first, count;
    uint16_t port[EVENT_PORTS];
};

static struct file *owner[EVENT_PORTS]; /* of each port; NULL: not bound through the device */

static struct queue *queue_of(struct file *file)
{
    if (!file->data && (file->data = heap_allocate(sizeof(struct queue))))
        memset(file->data, 0, sizeof(struct queue));
    return file->data;
}

static void happened(evtchn_port_t port)
{
    struct queue *queue = owner[port]->data;

    event_mask(port);
    queue->port[(queue->first + queue->count++) % EVENT_PORTS] = (uint16_t)port;
    wake_all(&queue->readers);
    poll_changed(NULL);
}

/* ---- binding --------------------------------------------------------------------------------- */

static int own(struct file *file, evtchn_port_t port)
{
    owner[port] = file;
    event_bind(port, happened);
    event_unmask(port);
    return (int)port;
}

static void disown(evtchn_port_t port)
{
    struct evtchn_close close = {.port = port};
    struct queue *queue = owner[port]->data;
    uint32_t kept = 0;

    event_mask(port);
    event_bind(port, NULL);
    owner[port] = NULL;
    HYPERCALL_2(event_channel_op, EVTCHNOP_close, &close);
    for (uint32_t i = 0; i < queue->count; i++) {
        uint16_t waiting = queue->port[(queue->first + i) % EVENT_PORTS];

        if (waiting != port)
            queue->port[(queue->first + kept++) % EVENT_PORTS] = waiting;
    }
    queue->count = kept;
}

static int bind_virq(struct file *file, uint32_t argument)
{
    uint32_t virq;

    if (take_user(virq, argument))
        return -EFAULT;
    struct evtchn_bind_virq op = {.virq = virq};
    int error = HYPERCALL_2(event_channel_op, EVTCHNOP_bind_virq, &op);
    return error ? error : own(file, op.port);
}

static int bind_interdomain(struct file *file, uint32_t argument)
{
    uint32_t remote[2]; /* domain, port */

    if (take_user(remote, argument))
        return -EFAULT;
    struct evtchn_bind_interdomain op = {.remote_dom = (domid_t)remote[0],
                                         .remote_port = remote[1]};
    int error = HYPERCALL_2(event_channel_op, EVTCHNOP_bind_interdomain, &op);
    return error ? error : own(file, op.local_port);
}

static int bind_unbound_port(struct file *file, uint32_t argument)
{
    uint32_t remote;

    if (take_user(remote, argument))
        return -EFAULT;
    struct evtchn_alloc_unbound op = {.dom = DOMID_SELF, .remote_dom = (domid_t)remote};
    int error = HYPERCALL_2(event_channel_op, EVTCHNOP_alloc_unbound, &op);
    return error ? error : own(file, op.port);
}

/* ---- the file -------------------------------------------------------------------------------- */

static bool is_mine(const struct file *file, uint32_t port)
{
    return port < EVENT_PORTS && owner[port] == file;
}

static int evtchn_ioctl(struct file *file, uint32_t request, uint32_t argument)
{
    uint32_t port;

    if (!queue_of(file))
        return -ENOMEM;
    switch (request & REQUEST_MASK) {
    case REQUEST(BIND_VIRQ):
        return bind_virq(file, argument);
    case REQUEST(BIND_INTERDOMAIN):
        return bind_interdomain(file, argument);
    case REQUEST(BIND_UNBOUND_PORT):
        return bind_unbound_port(file, argument);
    case REQUEST(UNBIND):
        if (take_user(port, argument))
            return -EFAULT;
        if (!is_mine(file, port))
            return port < EVENT_PORTS ? -ENOTCONN : -EINVAL;
        disown(port);
        return 0;
    case REQUEST(NOTIFY):
        if (take_user(port, argument))
            return -EFAULT;
        if (!is_mine(file, port))
            return -ENOTCONN;
        event_send(port);
        return 0;
    case REQUEST(RESET):
        queue_of(file)->count = 0;
        return 0;
    default:
        return -ENOTTY;
    }
}

static int evtchn_read(struct file *file, void *to, uint32_t bytes, uint32_t *position)
{
    (void)position;
    struct queue *queue = queue_of(file);
    uint32_t *ports = to, done = 0;
    if (!queue)
        return -ENOMEM;
    while (!queue->count) {
        int error = file->flags & OPEN_NONBLOCK ? -EAGAIN : wait_in(&queue->readers, NO_DEADLINE);

        if (error)
            return error;
    }
    for (; queue->count && (done + 1) * sizeof(*ports) <= bytes; done++) {
        uint32_t port = queue->port[queue->first];

        if (copy_to_user(&ports[done], &port, sizeof(port)))
            return done ? (int)(done * sizeof(*ports)) : -EFAULT;
        queue->first = (queue->first + 1) % EVENT_PORTS;
        queue->count--;
    }
    return (int)(done * sizeof(*ports));
}

static int evtchn_write(struct file *file, const void *from, uint32_t bytes, uint32_t *position)
{
    (void)position;
    const uint32_t *ports = from;
    for (uint32_t i = 0; i < bytes / sizeof(*ports); i++) {
        uint32_t port;

        if (copy_from_user(&port, &ports[i], sizeof(port)))
            return -EFAULT;
        if (is_mine(file, port))
            event_unmask(port);
    }
    return (int)(bytes & ~(uint32_t)(sizeof(*ports) - 1));
}

static uint32_t evtchn_poll(struct file *file)
{
    const struct queue *queue = file->data;

    return POLLOUT | (queue && queue->count ? POLLIN : 0);
}

static void evtchn_close(struct file *file)
{
    for (uint32_t port = 0; port < EVENT_PORTS; port++)
        if (owner[port] == file)
            disown(port);
    heap_free(file->data);
}

static const struct file_ops evtchn_ops = {
    .read = evtchn_read,
    .write = evtchn_write,
    .ioctl = evtchn_ioctl,
    .poll = evtchn_poll,
    .close = evtchn_close,
    .stream = true,
};

void evtchn_init(void)
{
    device_add("/dev/xen/evtchn", 0600, 10 << 8 | 62, &evtchn_ops);
}
