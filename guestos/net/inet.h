/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * inet.h - what the sockets of IP share: ports and names (inet.c)
 *
 * Lock: the kernel's, at every call. Nothing here sleeps.
 */
#ifndef GUESTOS_INET_H
#define GUESTOS_INET_H

#include "guestos/net/net.h"
#include "guestos/net/socket.h"

struct connection;

struct inet_end {
    uint32_t address;
    uint16_t port; /* 0: none */
};

struct inet_socket {
    struct socket socket;
    struct inet_socket *next; /* among those with a port of their own */
    struct inet_end local, remote;
    uint32_t user; /* who bound it: SO_REUSEPORT is among sockets of one user */
    bool has_port;
    uint8_t ttl, tos;              /* IP_TTL, IP_TOS; ttl 0: the usual one */
    struct connection *connection; /* TCP */
    uint32_t icmp_filter;          /* raw sockets: bits of types that they do not want */
    /* Listening: connections that nobody has accepted yet, the newest first. */
    struct connection *pending;
    uint32_t pending_count, backlog;
    uint32_t defer_seconds; /* TCP_DEFER_ACCEPT; 0: at once */
};

extern struct inet_socket *inet_bound;
const struct inet_socket *inet_raw_first(void); /* raw.c: of those without ports; NULL: none */

static inline struct inet_socket *inet_self(struct socket *socket)
{
    return (struct inet_socket *)socket;
}

/* A program's struct sockaddr_in: 0, -EINVAL or -EAFNOSUPPORT. And back. */
int inet_take(struct inet_end *end, const struct address *address);
void inet_give(struct address *address, const struct inet_end *end);

/* How a socket reaches an address, and with which settings. route_find()'s errors, -ENODEV. */
int inet_path(const struct inet_socket *socket, struct path *path, uint32_t destination);
struct ip_settings inet_settings(const struct inet_socket *socket);

int inet_bind(struct socket *socket, const struct address *address);
/* Whether an address is one to bind to: this machine's, or a broadcast's. */
bool inet_may_bind(uint32_t address);
/* Gives it a free port if it has none: 0 or -EADDRINUSE. */
int inet_bind_any(struct inet_socket *socket);
/*
 * What comes from `remote` to a port that several have by SO_REUSEPORT: of those from `first` on
 * that fit, one; the same for each segment of a connection. `first` fits, or is NULL.
 */
typedef bool inet_fits(const struct inet_socket *socket, const struct inet_end *local);
struct inet_socket *inet_choose(struct inet_socket *first, const struct inet_end *local,
                                const struct inet_end *remote, inet_fits *fits);
/* Whether two sockets may have the same port: `b` has it. */
bool inet_may_share(const struct inet_socket *a, const struct inet_socket *b);
void inet_unbind(struct inet_socket *socket);
int inet_name(struct socket *socket, bool peer, struct address *address);

/* connection.c: whether a connection uses a local port. */
bool tcp_port_used(const struct inet_end *local);

#endif
