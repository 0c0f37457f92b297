/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * connection.h - TCP's connections, for the sockets above (inet_tcp.c) and packets below
 *
 * A connection belongs to a socket, or to a listening socket that has not accepted it yet, or,
 * after close(), to nobody: then it lives on by itself until the state machine is done. A
 * connection in TIME-WAIT that nobody owns keeps no rings.
 *
 * connection.c: life, the table, the clock. arrive.c: what comes from the network.
 *
 * Lock: the kernel's, at every call. Nothing here sleeps.
 */
#ifndef GUESTOS_CONNECTION_H
#define GUESTOS_CONNECTION_H

#include "guestos/net/inet.h"
#include "include/tcp/tcp.h"

struct connection {
    struct connection *next, **link; /* of all; link: what leads here */
    struct connection *same_hash;
    struct tcp tcp;
    struct inet_end local, remote;
    struct ip_settings settings;
    struct inet_socket *owner, *listener;
    struct connection *pending_next, **pending_link; /* of its listener's */
    bool announced;                                  /* to the listener: it can be accepted */
    uint64_t defer_at; /* TCP_NEVER, or when it is announced without data (TCP_DEFER_ACCEPT) */
};

extern struct connection *connections; /* the newest first */

/* A closed one, whose path says how large segments may be. NULL: no memory. */
struct connection *connection_create(const struct inet_end *local, const struct inet_end *remote,
                                     const struct path *path, const struct ip_settings *settings);
void connection_destroy(struct connection *c);
/* NULL: there is none. */
struct connection *connection_find(const struct inet_end *local, const struct inet_end *remote);

/* It is a listener's, until it is accepted; and no longer. */
void connection_wait(struct connection *c, struct inet_socket *listener);
void connection_wait_no_more(struct connection *c);

/* Makes the ring of what is to be sent larger, if more than it has room for is to be written. */
void connection_make_room(struct connection *c, uint32_t bytes);
/* Bytes of its rings. */
uint32_t connection_memory(const struct connection *c);

/*
 * After a call of tcp.h: its deadline may be nearer now. settle() tells who must know besides that
 * something has happened; the connection may be gone afterwards.
 */
void connection_watch(struct connection *c);
void connection_settle(struct connection *c);

/* Where the next one's sequence numbers begin (RFC 9293, 3.4.1). */
uint32_t connection_sequence(void);
/* Sends a segment, or it is lost. */
void segment_send(const struct tcp_segment *segment, const struct inet_end *local,
                  const struct inet_end *remote, const struct ip_settings *settings);

#endif
