/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * transfer.c - between programs and sockets
 *
 * The families' operations work on kernel memory and never wait. Here is the loop around them: copy
 * a piece, try, let the network run, and if nothing goes, sleep until socket_changed(), the timeout
 * or a signal. What has been transferred before trouble is what the call returns.
 */
#include "guestos/net/transfer.h"
#include "guestos/kernel/lib.h"
#include "guestos/sys/user.h"
#include "guestos/mm/heap.h"
#include "guestos/net/ip/ioctl.h"
#include "guestos/net/net.h"

#define PIECE          16384u
#define DATAGRAM_LIMIT 65507u /* UDP's; the larger of the families' */
#define FIONREAD       0x541bu

static uint32_t total_of(const struct message *message)
{
    uint32_t total = 0;

    for (uint32_t i = 0; i < message->parts; i++)
        total = MIN(total + message->part[i].bytes, 0x7ffff000u);
    return total;
}

/* Copies between `buffer` and the program's parts from byte `offset` of them on. 0 or -EFAULT. */
static int copy_parts(const struct message *message, uint32_t offset, uint8_t *buffer,
                      uint32_t bytes, bool to_program)
{
    for (uint32_t i = 0; i < message->parts && bytes; i++) {
        const struct io_part *part = &message->part[i];

        if (offset >= part->bytes) {
            offset -= part->bytes;
            continue;
        }
        uint32_t n = MIN(bytes, part->bytes - offset);
        void *user = (void *)(part->base + offset);
        if (to_program ? copy_to_user(user, buffer, n) : copy_from_user(buffer, user, n))
            return -EFAULT;
        buffer += n;
        bytes -= n;
        offset = 0;
    }
    return 0;
}

static uint64_t deadline_after(uint64_t timeout)
{
    return timeout ? arch_clock() + timeout : NO_DEADLINE;
}

static int pause(struct wait_queue *queue, bool wait, uint64_t deadline)
{
    return wait ? wait_in(queue, deadline) : -EAGAIN;
}

/* ---- sending --------------------------------------------------------------------------------- */

static int send_piece(struct socket *socket, const uint8_t *data, uint32_t bytes,
                      struct message *message, bool wait, uint64_t deadline)
{
    for (;;) {
        int n = socket->ops->send(socket, data, bytes, message->address, &message->parcel);

        net_run();
        if (n != -EAGAIN)
            return n;
        bool elsewhere = socket->type == SOCK_DGRAM;
        int error = pause(elsewhere ? &socket_room : &socket->changed, wait, deadline);
        if (error)
            return error;
    }
}

static int send_stream(struct socket *socket, struct message *message, uint8_t *buffer,
                       uint32_t total, bool wait)
{
    uint64_t deadline = deadline_after(socket->send_timeout);
    uint32_t done = 0;
    int n = 0;

    while (done < total) {
        uint32_t piece = MIN(total - done, PIECE), sent = 0;

        n = copy_parts(message, done, buffer, piece, false);
        while (n >= 0 && sent < piece) {
            n = send_piece(socket, buffer + sent, piece - sent, message, wait, deadline);
            sent += n > 0 ? (uint32_t)n : 0;
        }
        done += sent;
        if (n < 0)
            break;
    }
    return done ? (int)done : n;
}

static int send_datagram(struct socket *socket, struct message *message, uint8_t *buffer,
                         uint32_t total, bool wait)
{
    int error = copy_parts(message, 0, buffer, total, false);

    return error ? error
                 : send_piece(socket, buffer, total, message, wait,
                              deadline_after(socket->send_timeout));
}

static int send_all(struct socket *socket, struct message *message)
{
    bool stream = socket->type == SOCK_STREAM;
    bool wait = message->wait && !(message->flags & MESSAGE_DONT_WAIT);
    uint32_t total = total_of(message);

    if (!stream && total > DATAGRAM_LIMIT)
        return -EMSGSIZE;
    uint8_t *buffer = heap_allocate(MAX(stream ? MIN(total, PIECE) : total, 1u));
    if (!buffer)
        return -ENOBUFS;
    socket->references++; /* it may be closed while this waits */
    int n = (stream ? send_stream : send_datagram)(socket, message, buffer, total, wait);
    heap_free(buffer);
    if (n == -EPIPE && stream && !(message->flags & MESSAGE_NO_SIGNAL))
        signal_send(current_process(), SIGPIPE);
    socket_release(socket);
    return n;
}

/* Urgent data is absent, and nothing is ever put into a queue of errors. 0 or -Exxx. */
static int check_flags(const struct socket *socket, uint32_t flags, bool sends)
{
    if (flags & MESSAGE_URGENT)
        return !sends && socket->ops == &tcp_socket_ops ? -EINVAL : -EOPNOTSUPP;
    return flags & MESSAGE_ERROR_QUEUE && !sends && socket->family == AF_INET ? -EAGAIN : 0;
}

int socket_send(struct socket *socket, struct message *message)
{
    int n = check_flags(socket, message->flags, true);

    if (!n && message->parcel && socket->family != AF_UNIX)
        n = -EOPNOTSUPP;
    if (!n)
        n = send_all(socket, message);
    parcel_free(message->parcel); /* what did not go with it */
    message->parcel = NULL;
    return n;
}

/* ---- receiving ------------------------------------------------------------------------------- */

static int receive_stream(struct socket *socket, struct message *message, uint8_t *buffer,
                          uint32_t total, bool wait)
{
    uint64_t deadline = deadline_after(socket->receive_timeout);
    uint32_t done = 0;

    while (done < total) {
        struct parcel *parcel = NULL;
        int n =
            socket->ops->receive(socket, buffer, MIN(total - done, PIECE), message->flags, &parcel);

        net_run();
        if (message->wants_parcel)
            message->parcel = parcel;
        else
            parcel_free(parcel);
        if (n == -EAGAIN && (!done || message->flags & MESSAGE_WAIT_ALL)) {
            n = pause(&socket->changed, wait, deadline);
            if (!n)
                continue;
        }
        if (n > 0 && copy_parts(message, done, buffer, (uint32_t)n, true))
            n = -EFAULT;
        if (n <= 0)
            return done ? (int)done : n;
        done += (uint32_t)n;
        if (message->flags & MESSAGE_PEEK || message->parcel)
            break;
    }
    return (int)done;
}

/* Waits until a datagram has come: 1; 0: the end; -Exxx. */
static int wait_for_datagram(struct socket *socket, bool wait)
{
    uint64_t deadline = deadline_after(socket->receive_timeout);

    while (!socket->first) {
        int error = -socket->error;

        socket->error = 0;
        if (error)
            return error;
        if (socket->shut_read)
            return 0;
        error = pause(&socket->changed, wait, deadline);
        if (error)
            return error;
    }
    return 1;
}

static int receive_datagram(struct socket *socket, struct message *message, uint32_t total,
                            bool wait)
{
    uint32_t asked = message->flags;
    int n = wait_for_datagram(socket, wait);

    if (n <= 0)
        return n;
    struct datagram *datagram = asked & MESSAGE_PEEK ? socket->first : datagram_take(socket);
    uint32_t bytes = MIN(datagram->bytes, total);
    message->flags = datagram->bytes > total ? MESSAGE_TRUNCATED : 0;
    n = copy_parts(message, 0, datagram->data, bytes, true);
    if (message->address)
        *message->address = datagram->from;
    if (!n)
        n = (int)(asked & MESSAGE_TRUNCATED ? datagram->bytes : bytes);
    if (!(asked & MESSAGE_PEEK)) {
        if (message->wants_parcel) {
            message->parcel = datagram->parcel;
            datagram->parcel = NULL;
        }
        datagram_free(datagram);
    }
    wake_all(&socket_room);
    poll_changed(NULL);
    return n;
}

int socket_receive(struct socket *socket, struct message *message)
{
    bool wait = message->wait && !(message->flags & MESSAGE_DONT_WAIT);
    uint32_t total = total_of(message);
    int n = check_flags(socket, message->flags, false);

    if (n)
        return n;
    socket->references++;
    if (message->address)
        message->address->bytes = 0;
    if (socket->type == SOCK_STREAM) {
        uint8_t *buffer = heap_allocate(MAX(MIN(total, PIECE), 1u));

        n = buffer ? receive_stream(socket, message, buffer, total, wait) : -ENOBUFS;
        heap_free(buffer);
        message->flags = 0;
    } else {
        n = receive_datagram(socket, message, total, wait);
    }
    socket_release(socket);
    return n;
}

/* ---- connections ----------------------------------------------------------------------------- */

int socket_connect(struct socket *socket, const struct address *address, bool wait)
{
    uint64_t deadline = deadline_after(socket->send_timeout);

    if (!socket->ops->connect)
        return -EOPNOTSUPP;
    int result = socket->ops->connect(socket, address);
    net_run();
    if (!wait)
        return result;
    bool begun = result == -EINPROGRESS || result == -EALREADY;
    while (result == -EINPROGRESS || result == -EALREADY || result == -EAGAIN) {
        if (begun) { /* the handshake may be over already */
            result = socket->ops->connect(socket, address);
            if (result == -EISCONN)
                return 0;
            if (result != -EALREADY)
                return result;
        }
        int error = pause(begun ? &socket->changed : &socket_room, true, deadline);
        if (error)
            return error == -EAGAIN && begun ? -EINPROGRESS : error;
        if (!begun)
            result = socket->ops->connect(socket, address);
    }
    return result;
}

int socket_accept(struct socket *socket, struct socket **accepted, bool wait)
{
    uint64_t deadline = deadline_after(socket->receive_timeout);

    if (!socket->ops->accept)
        return -EOPNOTSUPP;
    if (!socket->listening)
        return -EINVAL;
    for (;;) {
        int error = socket->ops->accept(socket, accepted);

        if (error == -EAGAIN)
            error = pause(&socket->changed, wait, deadline);
        else
            return error;
        if (error)
            return error;
    }
}

/* ---- as files -------------------------------------------------------------------------------- */

static struct socket *file_socket(const struct file *file)
{
    return file->inode->socket;
}

static int file_read(struct file *file, void *to, uint32_t bytes, uint32_t *position)
{
    (void)position;
    struct io_part part = {(uint32_t)to, bytes};
    struct message message = {.part = &part, .parts = 1, .wait = !(file->flags & OPEN_NONBLOCK)};
    return socket_receive(file_socket(file), &message);
}

static int file_write(struct file *file, const void *from, uint32_t bytes, uint32_t *position)
{
    (void)position;
    struct io_part part = {(uint32_t)from, bytes};
    struct message message = {.part = &part, .parts = 1, .wait = !(file->flags & OPEN_NONBLOCK)};
    return socket_send(file_socket(file), &message);
}

static int file_ioctl(struct file *file, uint32_t request, uint32_t argument)
{
    struct socket *socket = file_socket(file);
    uint32_t value;

    switch (request) {
    case FIONREAD:
        value = socket->ops->available ? socket->ops->available(socket)
                : socket->first        ? socket->first->bytes
                                       : 0;
        return give_user(argument, value);
    default:
        value = (uint32_t)interface_ioctl(request, argument);
        net_run();
        return (int)value;
    }
}

static uint32_t file_poll(struct file *file)
{
    struct socket *socket = file_socket(file);

    return socket->ops->poll(socket) | (socket->error ? POLLERR : 0);
}

static uint32_t *file_changes(struct file *file)
{
    return &file_socket(file)->changes;
}

static uint32_t file_memory(const struct file *file)
{
    const struct socket *socket = file_socket(file);

    return socket->queued + (socket->ops->memory ? socket->ops->memory(socket) : 0);
}

static void file_close(struct file *file)
{
    struct socket *socket = file_socket(file);

    socket->ops->close(socket);
    net_run();
    socket_changed(socket);
    socket_release(socket);
}

static const struct file_ops socket_file_ops = {
    .read = file_read,
    .write = file_write,
    .ioctl = file_ioctl,
    .poll = file_poll,
    .changes = file_changes,
    .memory = file_memory,
    .close = file_close,
    .stream = true,
};

struct file *socket_file(struct socket *socket, uint32_t flags)
{
    struct inode *inode = inode_create(MODE_SOCKET | 0777);
    struct file *file = ERR_PTR(-ENOMEM);

    if (inode) {
        inode->socket = socket;
        file = file_create(inode, &socket_file_ops, OPEN_BOTH | flags);
        inode_release(inode);
    }
    if (IS_ERR(file)) {
        socket->ops->close(socket);
        socket_release(socket);
    }
    return file;
}

struct socket *socket_of(uint32_t descriptor, struct file **file)
{
    *file = files_get((int)descriptor);
    if (!*file)
        return ERR_PTR(-EBADF);
    return (*file)->ops == &socket_file_ops ? file_socket(*file) : ERR_PTR(-ENOTSOCK);
}
