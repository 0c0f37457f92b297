/* SPDX-License-Identifier: GPL-2.0-only */
/* inet.c - addresses and ports of TCP and UDP sockets (ip(7)) */
#include "guestos/net/inet.h"
#include "guestos/fs/permission.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "include/tcp/checksum.h"

#define ADDRESS_BYTES     16u    /* struct sockaddr_in */
#define PORT_FIRST        32768u /* Linux's ip_local_port_range */
#define PORT_LAST         60999u
#define PORT_UNPRIVILEGED 1024u /* ports below are for the privileged to bind */

struct inet_socket *inet_bound;

int inet_take(struct inet_end *end, const struct address *address)
{
    if (address->bytes < ADDRESS_BYTES)
        return -EINVAL;
    if (address->family != AF_INET)
        return -EAFNOSUPPORT;
    end->port = get16(address->data + 2);
    end->address = get32(address->data + 4);
    return 0;
}

void inet_give(struct address *address, const struct inet_end *end)
{
    *address = (struct address){.bytes = ADDRESS_BYTES};
    address->family = AF_INET;
    put16(address->data + 2, end->port);
    put32(address->data + 4, end->address);
}

static bool overlap(uint32_t a, uint32_t b)
{
    return a == b || a == ADDRESS_ANY || b == ADDRESS_ANY;
}

int inet_path(const struct inet_socket *socket, struct path *path, uint32_t destination)
{
    struct interface *interface = NULL;

    if (socket->socket.device) {
        interface = interface_numbered(socket->socket.device);
        if (!interface)
            return -ENODEV;
    }
    return route_find(path, destination, interface);
}

struct ip_settings inet_settings(const struct inet_socket *socket)
{
    return (struct ip_settings){
        .ttl = socket->ttl,
        .tos = socket->tos,
        .broadcast = socket->socket.broadcast,
        .interface = socket->socket.device ? interface_numbered(socket->socket.device) : NULL,
    };
}

bool inet_may_bind(uint32_t address)
{
    bool may = address == ADDRESS_ANY || ip_is_own(address);

    for (const struct interface *i = interfaces; i && !may; i = i->next)
        may = ip_is_broadcast(i, address);
    return may;
}

/*
 * Two may share a port if both say SO_REUSEADDR and, for TCP, nobody listens there; or if both say
 * SO_REUSEPORT and are one user's, who then shares what comes among them.
 */
bool inet_may_share(const struct inet_socket *a, const struct inet_socket *b)
{
    const struct socket *x = &a->socket, *y = &b->socket;

    return (x->reuse_address && y->reuse_address && !y->listening) ||
           (x->reuse_port && y->reuse_port && a->user == b->user);
}

struct inet_socket *inet_choose(struct inet_socket *first, const struct inet_end *local,
                                const struct inet_end *remote, inet_fits *fits)
{
    uint32_t members = 0;

    if (!first || !first->socket.reuse_port)
        return first;
    for (const struct inet_socket *s = first; s; s = s->next)
        members += s->socket.reuse_port && fits(s, local);
    uint32_t which = (remote->address ^ remote->port) % members;
    struct inet_socket *s = first;
    while (!(s->socket.reuse_port && fits(s, local)) || which--)
        s = s->next;
    return s;
}

static bool taken(const struct inet_socket *socket, const struct inet_end *end)
{
    bool stream = socket->socket.type == SOCK_STREAM, reuse = socket->socket.reuse_address;

    for (const struct inet_socket *s = inet_bound; s; s = s->next)
        if (s->socket.type == socket->socket.type && s->local.port == end->port &&
            overlap(s->local.address, end->address) && !inet_may_share(socket, s))
            return true;
    return stream && !reuse && tcp_port_used(end);
}

static void enter(struct inet_socket *socket, const struct inet_end *end)
{
    socket->local = *end;
    socket->has_port = true;
    socket->next = inet_bound;
    inet_bound = socket;
}

int inet_bind_any(struct inet_socket *socket)
{
    static uint32_t last = PORT_LAST;
    struct inet_end end = {.address = socket->local.address};

    for (uint32_t tries = PORT_FIRST; !socket->local.port && tries <= PORT_LAST; tries++) {
        last = last < PORT_LAST ? last + 1 : PORT_FIRST;
        end.port = (uint16_t)last;
        if (!taken(socket, &end) && !(socket->socket.type == SOCK_STREAM && tcp_port_used(&end)))
            enter(socket, &end);
    }
    return socket->local.port ? 0 : -EADDRINUSE;
}

int inet_bind(struct socket *socket, const struct address *address)
{
    struct inet_socket *me = inet_self(socket);
    struct inet_end end;
    int error = inet_take(&end, address);

    if (error)
        return error;
    if (me->local.port)
        return -EINVAL;
    if (!inet_may_bind(end.address))
        return -EADDRNOTAVAIL;
    if (!end.port) {
        me->local.address = end.address;
        return inet_bind_any(me);
    }
    if (end.port < PORT_UNPRIVILEGED && !is_privileged())
        return -EACCES;
    me->user = current_process()->identity.user[1];
    if (taken(me, &end))
        return -EADDRINUSE;
    enter(me, &end);
    return 0;
}

void inet_unbind(struct inet_socket *socket)
{
    struct inet_socket **link = &inet_bound;

    if (!socket->has_port)
        return;
    while (*link != socket)
        link = &(*link)->next;
    *link = socket->next;
    socket->has_port = false;
}

int inet_name(struct socket *socket, bool peer, struct address *address)
{
    const struct inet_socket *me = inet_self(socket);

    if (peer && !me->remote.port)
        return -ENOTCONN;
    inet_give(address, peer ? &me->remote : &me->local);
    return 0;
}
