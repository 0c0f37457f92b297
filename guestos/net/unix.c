/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unix.c - AF_UNIX: sockets of one machine (unix(7)): their names, and who refers to whom
 *
 * A connection is two sockets that refer to each other. A name is an inode in the file system or,
 * with a NUL first, just bytes. Closing cuts the reference of the peer, which then sees the end of
 * file, or EPIPE.
 */
#include "guestos/fs/inode.h"
#include "guestos/fs/permission.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/mm/heap.h"
#include "guestos/net/unix_internal.h"

#define NAME_START 2u /* of sun_path in struct sockaddr_un */

static struct unix_socket *bound;

/* ---- names ----------------------------------------------------------------------------------- */

static bool is_abstract(const struct address *address)
{
    return address->bytes > NAME_START && !address->data[NAME_START];
}

static int check_address(const struct address *address)
{
    if (address->bytes < NAME_START || address->family != AF_UNIX)
        return -EINVAL;
    return address->bytes > NAME_START + 108 ? -EINVAL : 0;
}

/* The path as a string; the buffer's end cuts it. */
static void path_of_address(char path[ADDRESS_LIMIT], const struct address *address)
{
    uint32_t n = MIN(address->bytes - NAME_START, (uint32_t)ADDRESS_LIMIT - 1);

    memcpy(path, address->data + NAME_START, n);
    path[n] = '\0';
}

static struct unix_socket *find_abstract(const struct address *address)
{
    struct unix_socket *u = bound;

    while (u && (u->inode || u->name.bytes != address->bytes ||
                 memcmp(u->name.data, address->data, address->bytes)))
        u = u->next;
    return u;
}

struct unix_socket *unix_find(const struct address *address, uint16_t type)
{
    struct unix_socket *u;
    int error = check_address(address);

    if (error || address->bytes == NAME_START)
        return ERR_PTR(error ? error : -EINVAL);
    if (is_abstract(address)) {
        u = find_abstract(address);
    } else {
        char path[ADDRESS_LIMIT];

        path_of_address(path, address);
        struct inode *inode = path_lookup(current_thread()->fs->cwd, path, 0);
        if (IS_ERR(inode))
            return ERR_PTR(PTR_ERR(inode));
        error = inode_allow(inode, MAY_WRITE);
        for (u = bound; u && u->inode != inode;)
            u = u->next;
        inode_release(inode);
        if (error)
            return ERR_PTR(error);
    }
    if (!u)
        return ERR_PTR(-ECONNREFUSED);
    return u->socket.type == type ? u : ERR_PTR(-EPROTOTYPE);
}

int unix_bind(struct socket *socket, const struct address *address)
{
    static uint32_t automatic;
    struct unix_socket *me = unix_self(socket);
    struct address name = *address;
    int error = check_address(address);

    if (error || me->name.bytes)
        return error ? error : -EINVAL;
    if (name.bytes == NAME_START) /* any abstract name of the kernel's choice */
        name.bytes = NAME_START + 1 +
                     (uint32_t)format((char *)name.data + NAME_START + 1, 8, "%05x", ++automatic);
    if (is_abstract(&name)) {
        if (find_abstract(&name))
            return -EADDRINUSE;
    } else {
        char path[ADDRESS_LIMIT];
        const struct thread *process = current_thread();

        path_of_address(path, &name);
        struct inode *inode =
            path_create(process->fs->cwd, path, MODE_SOCKET | (0777 & ~process->fs->umask));
        if (IS_ERR(inode))
            return PTR_ERR(inode) == -EEXIST ? -EADDRINUSE : PTR_ERR(inode);
        me->inode = inode;
    }
    me->name = name;
    me->next = bound;
    bound = me;
    return 0;
}

int unix_name(struct socket *socket, bool peer, struct address *address)
{
    const struct unix_socket *me = unix_self(socket);

    if (peer && !me->connected)
        return -ENOTCONN;
    *address = peer ? me->peer_name : me->name;
    if (!address->bytes) {
        address->bytes = NAME_START;
        address->family = AF_UNIX;
    }
    return 0;
}

/* ---- who refers to whom ---------------------------------------------------------------------- */

void unix_join(struct unix_socket *me, struct unix_socket *peer)
{
    peer->socket.references++;
    me->peer = peer;
    me->peer_name = peer->name;
    me->connected = true;
    me->other = peer->owner;
}

void unix_part(struct unix_socket *me)
{
    struct unix_socket *peer = me->peer;

    me->peer = NULL;
    if (peer)
        socket_release(&peer->socket);
}

void unix_set_owner(struct unix_socket *me)
{
    me->owner = credentials_effective();
}

int unix_peer(struct socket *socket, struct credentials *credentials)
{
    *credentials = unix_self(socket)->other;
    return 0;
}

/* ---- ends ------------------------------------------------------------------------------------ */

int unix_shutdown(struct socket *socket, bool read, bool write)
{
    struct unix_socket *me = unix_self(socket);

    if (!me->connected)
        return -ENOTCONN;
    socket->shut_read = socket->shut_read || read;
    socket->shut_write = socket->shut_write || write;
    socket_changed(socket);
    if (me->peer)
        socket_changed(&me->peer->socket);
    return 0;
}

void unix_close(struct socket *socket)
{
    struct unix_socket *me = unix_self(socket);

    for (struct unix_socket **link = &bound; *link; link = &(*link)->next)
        if (*link == me) {
            *link = me->next;
            break;
        }
    if (me->inode)
        inode_release(me->inode);
    me->inode = NULL;
    socket->listening = false;
    wake_all(&socket_room); /* who waited to connect or send hears that it is gone */
    while (me->waiting) {   /* connected, but nobody will accept them */
        struct unix_socket *child = me->waiting;
        me->waiting = child->next_waiting;
        child->socket.ops->close(&child->socket);
        socket_release(&child->socket);
    }
    struct unix_socket *peer = me->peer;
    if (peer && socket->type == SOCK_STREAM && peer->peer == me) {
        peer->reset = unix_filled(me) != 0;
        unix_part(peer);
        socket_changed(&peer->socket);
    }
    socket->shut_read = socket->shut_write = true;
    unix_part(me);
    heap_free(me->ring);
    me->ring = NULL;
    me->produced = me->consumed = 0;
    while (me->parcels) {
        struct parcel *parcel = me->parcels;

        me->parcels = parcel->next;
        parcel_free(parcel);
    }
}
