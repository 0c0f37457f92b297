/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * transfer.h - data between programs and sockets, with all the waiting; and sockets as files
 *
 * Lock: the kernel's, at every call. socket_send(), socket_receive(), socket_connect() and
 * socket_accept() sleep; nothing else does.
 */
#ifndef GUESTOS_TRANSFER_H
#define GUESTOS_TRANSFER_H

#include "guestos/net/socket.h"

#define MESSAGE_URGENT        0x0001u /* MSG_* */
#define MESSAGE_CONTROL_CUT   0x0008u
#define MESSAGE_TRUNCATED     0x0020u
#define MESSAGE_DONT_WAIT     0x0040u
#define MESSAGE_WAIT_ALL      0x0100u
#define MESSAGE_ERROR_QUEUE   0x2000u
#define MESSAGE_NO_SIGNAL     0x4000u
#define MESSAGE_CLOSE_ON_EXEC 0x40000000u

struct io_part { /* struct iovec */
    uint32_t base, bytes;
};

struct message {
    const struct io_part *part;
    uint32_t parts;
    uint32_t flags;          /* in: MSG_*; out, of receiving: MSG_TRUNC */
    bool wait;               /* the file is a blocking one */
    struct address *address; /* to, or from; NULL */
    struct parcel *parcel;   /* sent with it: taken over; received: the caller's then */
    bool wants_parcel;       /* receiving: else what comes with it is thrown away */
};

/* Bytes, or -Exxx. SIGPIPE has been sent if need be. */
int socket_send(struct socket *socket, struct message *message);
int socket_receive(struct socket *socket, struct message *message);
int socket_connect(struct socket *socket, const struct address *address, bool wait);
/* The new connection in *accepted, which the caller owns. 0 or -Exxx. */
int socket_accept(struct socket *socket, struct socket **accepted, bool wait);

/* A file for a socket, taking over its reference; flags: OPEN_NONBLOCK. ERR_PTR: it is closed. */
struct file *socket_file(struct socket *socket, uint32_t flags);
/* The socket of a descriptor: -EBADF, -ENOTSOCK. Its file in *file. */
struct socket *socket_of(uint32_t descriptor, struct file **file);

#endif
