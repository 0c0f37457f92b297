/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unix_internal.h - what streams and datagrams of AF_UNIX share
 *
 * Lock: the kernel's, at every call. Nothing here sleeps.
 */
#ifndef GUESTOS_UNIX_INTERNAL_H
#define GUESTOS_UNIX_INTERNAL_H

#include "guestos/net/socket.h"

struct unix_socket {
    struct socket socket;
    struct unix_socket *next; /* in `bound` */
    struct address name;      /* bytes 0: none */
    struct inode *inode;      /* that the name stands for; NULL: abstract or none */

    struct unix_socket *peer; /* held */
    struct address peer_name;
    bool connected; /* once, at least */
    bool reset;     /* the peer closed with unread data of ours */
    uint8_t *ring;
    uint32_t produced, consumed;
    struct parcel *parcels, **last_parcel; /* of a stream, in order */
    struct credentials owner, other;       /* who connected or listens here, and at the other end */

    struct unix_socket *waiting, *next_waiting; /* listening: connections to be accepted, held */
    uint32_t waiting_count, backlog;

    uint32_t search,
        search_depth; /* unix_nesting.c: the last search that came here, and how deep it was */
};

static inline struct unix_socket *unix_self(struct socket *socket)
{
    return (struct unix_socket *)socket;
}

/* How many bytes of a stream wait to be read. */
static inline uint32_t unix_filled(const struct unix_socket *me)
{
    return me->produced - me->consumed;
}

/* Who is bound to an address, with this type of socket. Not held; ERR_PTR(-ECONNREFUSED: nobody,
 * -EPROTOTYPE: another type, -EINVAL, or what looking the path up gave). */
struct unix_socket *unix_find(const struct address *address, uint16_t type);

/* `me` refers to `peer` from now on, and holds it; or no longer to anybody. */
void unix_join(struct unix_socket *me, struct unix_socket *peer);
void unix_part(struct unix_socket *me);
/* The running process is who connected or listens here. */
void unix_set_owner(struct unix_socket *me);

/* Operations of both kinds (struct socket_ops). */
int unix_bind(struct socket *socket, const struct address *address);
int unix_name(struct socket *socket, bool peer, struct address *address);
int unix_shutdown(struct socket *socket, bool read, bool write);
void unix_close(struct socket *socket);
int unix_peer(struct socket *socket, struct credentials *credentials);

#endif
