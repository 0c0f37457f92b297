/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * socket.h - sockets as files
 *
 * socket.c has what all sockets share: user memory, waiting, options, poll. A family provides
 * struct socket_ops, whose operations work on kernel memory and never wait: they answer -EAGAIN
 * when they cannot go on, and socket_changed() says that it may be otherwise now. Families: unix.c
 * inet.c,
 * raw.c and packet_socket.c.
 *
 * Lock: the kernel's, at every call. An operation may not sleep: it answers -EAGAIN, and
 * transfer.c waits.
 */
#ifndef GUESTOS_SOCKET_H
#define GUESTOS_SOCKET_H

#include "guestos/fs/file.h"
#include "guestos/sys/poll.h"
#include "guestos/process/process.h"
#include "guestos/net/parcel.h"

#define AF_UNIX     1
#define AF_INET     2
#define AF_PACKET   17
#define SOCK_STREAM 1
#define SOCK_DGRAM  2
#define SOCK_RAW    3

#define MESSAGE_PEEK 0x02u /* MSG_* */

#define MODE_SOCKET 0140000

#define ADDRESS_LIMIT 128 /* struct sockaddr_storage */

struct address {
    uint32_t bytes; /* 0: none */
    union {
        uint16_t family;
        uint8_t data[ADDRESS_LIMIT];
    };
};

/* A datagram that waits to be received. */
struct datagram {
    struct datagram *next;
    struct address from;
    struct parcel *parcel; /* NULL: none */
    uint32_t bytes;
    uint8_t data[];
};

struct socket {
    const struct socket_ops *ops;
    uint16_t family, type, protocol;
    uint32_t device;     /* SO_BINDTODEVICE: an interface's number; 0: any */
    uint32_t references; /* the file's, and others beside it */
    struct wait_queue changed;
    uint32_t changes;                       /* file_ops.changes */
    uint64_t receive_timeout, send_timeout; /* nanoseconds; 0: none */
    int error;                              /* positive, for SO_ERROR and the next call */
    bool reuse_address, reuse_port, keep_alive, broadcast, no_delay, cork;
    bool lingers; /* SO_LINGER, for so many seconds; 0: close() resets a connection */
    uint32_t linger_seconds;
    bool pass_credentials; /* who sent a message is told with it */
    bool shut_read, shut_write, listening;
    uint32_t receive_bytes, send_bytes; /* SO_RCVBUF, SO_SNDBUF as they were asked for */

    struct datagram *first, **last; /* of all but SOCK_STREAM: what has come */
    uint32_t queued;                /* its bytes */
};

struct socket_ops {
    uint32_t bytes; /* of the family's structure, which begins with struct socket */
    void (*open)(struct socket *socket); /* it has been made; NULL: nothing to do */
    int (*bind)(struct socket *socket, const struct address *address);
    int (*listen)(struct socket *socket, uint32_t backlog);
    /* -EINPROGRESS: it has begun; again later: 0 or how it ended. */
    int (*connect)(struct socket *socket, const struct address *address);
    int (*accept)(struct socket *socket, struct socket **accepted);
    /* Bytes sent, at least one (of a stream); `to` may be NULL. *parcel goes with them: NULL, or
     * then made NULL (AF_UNIX; other families leave it). */
    int (*send)(struct socket *socket, const uint8_t *data, uint32_t bytes,
                const struct address *to, struct parcel **parcel);
    /* Streams: bytes, 0 at the end. What came with them goes to *parcel, the caller's then. */
    int (*receive)(struct socket *socket, uint8_t *data, uint32_t bytes, uint32_t flags,
                   struct parcel **parcel);
    int (*shutdown)(struct socket *socket, bool read, bool write);
    int (*name)(struct socket *socket, bool peer, struct address *address);
    uint32_t (*poll)(struct socket *socket);
    uint32_t (*available)(struct socket *socket); /* FIONREAD */
    uint32_t (*memory)(
        const struct socket *socket); /* bytes, beside queued datagrams; NULL: hardly any */
    /* AF_UNIX: who is at the other end; NULL: nobody can say. */
    int (*peer)(struct socket *socket, struct credentials *credentials);
    int (*take_error)(struct socket *socket); /* SO_ERROR: positive; NULL: only socket->error */
    void (*close)(struct socket *socket);
};

extern const struct socket_ops unix_stream_ops, unix_datagram_ops, tcp_socket_ops, udp_socket_ops,
    raw_socket_ops, ping_socket_ops, packet_socket_ops;

/* A new socket with one reference; NULL: no memory. */
struct socket *socket_create(const struct socket_ops *ops, uint16_t family, uint16_t type,
                             uint16_t protocol);
void socket_release(struct socket *socket);
/* Who waits for it looks again. */
void socket_changed(struct socket *socket);
#define BACKLOG_LIMIT 4096u /* of connections that wait: Linux's net.core.somaxconn, since 5.4 */

/* Who waits for room in somebody else's queue: full datagram queues and backlogs of AF_UNIX. */
extern struct wait_queue socket_room;

/*
 * Puts a datagram in a socket's queue: 0, -EAGAIN (full) or -ENOBUFS. If 0, *parcel went with it.
 */
int datagram_queue(struct socket *socket, const uint8_t *data, uint32_t bytes,
                   const struct address *from, struct parcel **parcel);
/* Takes the first one out; NULL: none. datagram_free() it, after its parcel has been taken out. */
struct datagram *datagram_take(struct socket *socket);
void datagram_free(struct datagram *datagram);

/* unix.c: 0, or -ETOOMANYREFS if these files must not be sent to this socket (parcel.h). */
int unix_may_hold(const struct socket *socket, const struct parcel *parcel);
/* unix.c: connects two fresh stream or datagram sockets. 0 or -ENOMEM. */
int unix_pair(struct socket *a, struct socket *b);

#endif
