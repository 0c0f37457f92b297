/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * unix.c - AF_UNIX: stream and datagram sockets of one machine (unix(7))
 *
 * A stream is two sockets that refer to each other; each has the ring of what it will read. A name
 * is an inode in the file system or, with a NUL first, just bytes. Closing cuts the reference of the peer,
 * which then sees the end of file, or EPIPE. Open files and credentials go with messages: parcel.h.
 * Peeking at a message does not show them.
 */
#include "guestos/fs/inode.h"
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/kernel/process.h"
#include "guestos/mm/heap.h"
#include "guestos/net/socket.h"

#define RING       16384u /* power of two */
#define NAME_START 2u     /* of sun_path in struct sockaddr_un */

struct unix_socket {
    struct socket socket;
    struct unix_socket *next; /* in `bound` */
    struct address name;      /* bytes 0: none */
    struct inode *inode;      /* that the name stands for; NULL: abstract or none */

    struct unix_socket *peer; /* held */
    struct address peer_name;
    bool connected; /* once, at least */
    bool reset;     /* the peer closed with unread data of ours */
    u8 *ring;
    u32 produced, consumed;
    struct parcel *parcels, **last_parcel; /* of a stream, in order */
    struct credentials owner, other;       /* who connected or listens here, and at the other end */

    struct unix_socket *waiting, *next_waiting; /* listening: connections to be accepted, held */
    u32 waiting_count, backlog;
};

static struct unix_socket *bound;

static struct unix_socket *self(struct socket *socket)
{
    return (struct unix_socket *)socket;
}

/* ---- names --------------------------------------------------------------------------------------- */

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
    u32 n = MIN(address->bytes - NAME_START, (u32)ADDRESS_LIMIT - 1);
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

/* Who is bound to an address; ERR_PTR(-ECONNREFUSED, -ENOENT ...). */
static struct unix_socket *find(const struct address *address, u16 type)
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
        struct inode *inode = path_lookup(current_process()->fs->cwd, path, 0);
        if (IS_ERR(inode))
            return ERR_PTR(PTR_ERR(inode));
        for (u = bound; u && u->inode != inode;)
            u = u->next;
        inode_release(inode);
    }
    if (!u)
        return ERR_PTR(-ECONNREFUSED);
    return u->socket.type == type ? u : ERR_PTR(-EPROTOTYPE);
}

static int unix_bind(struct socket *socket, const struct address *address)
{
    static u32 automatic;
    struct unix_socket *me = self(socket);
    struct address name = *address;
    int error = check_address(address);
    if (error || me->name.bytes)
        return error ? error : -EINVAL;
    if (name.bytes == NAME_START) /* any abstract name of the kernel's choice */
        name.bytes = NAME_START + 1 +
                     (u32)format((char *)name.data + NAME_START + 1, 8, "%05x", ++automatic);
    if (is_abstract(&name)) {
        if (find_abstract(&name))
            return -EADDRINUSE;
    } else {
        char path[ADDRESS_LIMIT];
        const struct process *process = current_process();
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

static int unix_name(struct socket *socket, bool peer, struct address *address)
{
    const struct unix_socket *me = self(socket);
    if (peer && !me->connected)
        return -ENOTCONN;
    *address = peer ? me->peer_name : me->name;
    if (!address->bytes) {
        address->bytes = NAME_START;
        address->family = AF_UNIX;
    }
    return 0;
}

/* ---- connections ------------------------------------------------------------------------------------ */

static void join(struct unix_socket *me, struct unix_socket *peer)
{
    peer->socket.references++;
    me->peer = peer;
    me->peer_name = peer->name;
    me->connected = true;
    me->other = peer->owner;
}

static void part(struct unix_socket *me)
{
    struct unix_socket *peer = me->peer;
    me->peer = NULL;
    if (peer)
        socket_release(&peer->socket);
}

static int make_ring(struct unix_socket *me)
{
    if (!me->ring)
        me->ring = heap_allocate(RING);
    return me->ring ? 0 : -ENOMEM;
}

static void set_owner(struct unix_socket *me)
{
    me->owner = (struct credentials){.pid = current_process()->leader->pid};
}

int unix_pair(struct socket *a, struct socket *b)
{
    if (a->type == SOCK_STREAM && (make_ring(self(a)) || make_ring(self(b))))
        return -ENOMEM;
    if (!self(a)->owner.pid)
        set_owner(self(a));
    if (!self(b)->owner.pid)
        set_owner(self(b));
    join(self(a), self(b));
    join(self(b), self(a));
    return 0;
}

static int unix_listen(struct socket *socket, u32 backlog)
{
    struct unix_socket *me = self(socket);
    if (!me->name.bytes || me->connected)
        return -EINVAL;
    socket->listening = true;
    set_owner(me);
    me->backlog = MAX(MIN(backlog, 128u), 1u);
    return 0;
}

static int stream_connect(struct socket *socket, const struct address *address)
{
    struct unix_socket *me = self(socket), *server = find(address, SOCK_STREAM);
    if (me->connected)
        return -EISCONN;
    if (IS_ERR(server))
        return PTR_ERR(server);
    if (!server->socket.listening || socket->listening)
        return socket->listening ? -EINVAL : -ECONNREFUSED;
    if (server->waiting_count >= server->backlog)
        return -EAGAIN;
    struct socket *accepted = socket_create(&unix_stream_ops, AF_UNIX, SOCK_STREAM);
    if (!accepted || make_ring(me) || make_ring(self(accepted))) {
        if (accepted)
            socket_release(accepted);
        return -ENOMEM;
    }
    self(accepted)->name = server->name;
    self(accepted)->owner = server->owner;
    self(accepted)->socket.pass_credentials = server->socket.pass_credentials;
    set_owner(me);
    unix_pair(socket, accepted);
    struct unix_socket **link = &server->waiting;
    while (*link)
        link = &(*link)->next_waiting;
    *link = self(accepted);
    server->waiting_count++;
    socket_changed(&server->socket);
    return 0;
}

static int unix_accept(struct socket *socket, struct socket **accepted)
{
    struct unix_socket *me = self(socket), *first = me->waiting;
    if (!first)
        return -EAGAIN;
    me->waiting = first->next_waiting;
    first->next_waiting = NULL;
    me->waiting_count--;
    *accepted = &first->socket;
    wake_all(&socket_room);
    return 0;
}

/* ---- streams ------------------------------------------------------------------------------------------ */

static u32 filled(const struct unix_socket *me)
{
    return me->produced - me->consumed;
}

/* What goes with these bytes: what the sender says, or who he is if the receiver wants to know. */
static int attach(struct unix_socket *peer, u32 bytes, struct parcel **parcel)
{
    struct parcel *p = *parcel;
    if (!p && peer->socket.pass_credentials && !(p = parcel_create(0)))
        return -ENOBUFS;
    if (!p)
        return 0;
    *parcel = NULL;
    p->from = peer->produced;
    p->to = peer->produced + bytes;
    if (!peer->parcels)
        peer->last_parcel = &peer->parcels;
    *peer->last_parcel = p;
    peer->last_parcel = &p->next;
    return 0;
}

static int stream_send(struct socket *socket, const u8 *data, u32 bytes, const struct address *to,
                       struct parcel **parcel)
{
    struct unix_socket *me = self(socket), *peer = me->peer;
    if (to)
        return me->connected ? -EISCONN : -EOPNOTSUPP;
    if (!me->connected)
        return -ENOTCONN;
    if (!peer || socket->shut_write || peer->socket.shut_read)
        return -EPIPE;
    u32 at = peer->produced % RING, n = MIN(bytes, RING - filled(peer)), first = MIN(n, RING - at);
    if (!n)
        return -EAGAIN;
    int error = unix_may_hold(&peer->socket, *parcel);
    if (!error)
        error = attach(peer, n, parcel);
    if (error)
        return error;
    memcpy(peer->ring + at, data, first);
    memcpy(peer->ring, data + first, n - first);
    peer->produced += n;
    socket_changed(&peer->socket);
    return (int)n;
}

/* Takes the parcel out that comes with the next byte, and says how far a receive may go. */
static u32 take_parcel(struct unix_socket *me, u32 bytes, struct parcel **parcel)
{
    struct parcel *p = me->parcels;
    if (p && p->from == me->consumed) {
        me->parcels = p->next;
        p->next = NULL;
        *parcel = p;
        return MIN(bytes, p->to - me->consumed);
    }
    return p ? MIN(bytes, p->from - me->consumed) : bytes;
}

static int stream_receive(struct socket *socket, u8 *data, u32 bytes, u32 flags,
                          struct parcel **parcel)
{
    struct unix_socket *me = self(socket);
    if (!me->connected)
        return -EINVAL; /* Linux's answer for this family */
    u32 at = me->consumed % RING, n = MIN(bytes, filled(me));
    if (!n && me->reset) {
        me->reset = false;
        return -ECONNRESET;
    }
    if (!n)
        return !me->peer || socket->shut_read || me->peer->socket.shut_write ? 0 : -EAGAIN;
    if (!(flags & MESSAGE_PEEK))
        n = take_parcel(me, n, parcel);
    u32 first = MIN(n, RING - at);
    memcpy(data, me->ring + at, first);
    memcpy(data + first, me->ring, n - first);
    if (!(flags & MESSAGE_PEEK)) {
        me->consumed += n;
        if (me->peer)
            socket_changed(&me->peer->socket);
    }
    return (int)n;
}

static u32 stream_available(struct socket *socket)
{
    return filled(self(socket));
}

static u32 stream_poll(struct socket *socket)
{
    const struct unix_socket *me = self(socket), *peer = me->peer;
    if (socket->listening)
        return me->waiting ? POLLIN : 0;
    if (!me->connected)
        return POLLOUT | POLLHUP;
    bool ended = !peer || peer->socket.shut_write || socket->shut_read;
    return (filled(me) || ended || me->reset ? POLLIN : 0) | (peer ? 0 : POLLHUP) |
           (!peer || filled(peer) < RING ? POLLOUT : 0);
}

/* ---- datagrams ------------------------------------------------------------------------------------------ */

static int datagram_connect(struct socket *socket, const struct address *address)
{
    struct unix_socket *me = self(socket), *peer = find(address, SOCK_DGRAM);
    if (IS_ERR(peer))
        return PTR_ERR(peer);
    part(me);
    join(me, peer);
    return 0;
}

static int datagram_send(struct socket *socket, const u8 *data, u32 bytes, const struct address *to,
                         struct parcel **parcel)
{
    struct unix_socket *me = self(socket), *peer = to ? find(to, SOCK_DGRAM) : me->peer;
    if (IS_ERR(peer))
        return PTR_ERR(peer);
    if (!peer)
        return me->connected ? -ECONNREFUSED : -ENOTCONN;
    if (socket->shut_write || peer->socket.shut_read)
        return -EPIPE;
    struct address from = me->name;
    if (!from.bytes)
        from.family = AF_UNIX;
    int error = unix_may_hold(&peer->socket, *parcel);
    if (!error && !*parcel && peer->socket.pass_credentials && !(*parcel = parcel_create(0)))
        error = -ENOBUFS;
    if (!error)
        error = datagram_queue(&peer->socket, data, bytes, &from, parcel);
    return error ? error : (int)bytes;
}

static u32 datagram_poll(struct socket *socket)
{
    return (socket->first || socket->shut_read ? POLLIN : 0) | POLLOUT;
}

/* ---- ends ------------------------------------------------------------------------------------------------- */

static int unix_shutdown(struct socket *socket, bool read, bool write)
{
    struct unix_socket *me = self(socket);
    if (!me->connected)
        return -ENOTCONN;
    socket->shut_read = socket->shut_read || read;
    socket->shut_write = socket->shut_write || write;
    socket_changed(socket);
    if (me->peer)
        socket_changed(&me->peer->socket);
    return 0;
}

static void unix_close(struct socket *socket)
{
    struct unix_socket *me = self(socket);
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
        peer->reset = filled(me) != 0;
        part(peer);
        socket_changed(&peer->socket);
    }
    socket->shut_read = socket->shut_write = true;
    part(me);
    heap_free(me->ring);
    me->ring = NULL;
    me->produced = me->consumed = 0;
    while (me->parcels) {
        struct parcel *parcel = me->parcels;
        me->parcels = parcel->next;
        parcel_free(parcel);
    }
}

static int unix_peer(struct socket *socket, struct credentials *credentials)
{
    *credentials = self(socket)->other;
    return 0;
}

/* ---- sockets within sockets ---------------------------------------------------------------------------- */

static bool parcel_leads_to(const struct parcel *parcel, const struct socket *target, u32 depth);

/* Whether what waits in a socket leads to `target`, or too deep to tell. */
static bool leads_to(const struct socket *socket, const struct socket *target, u32 depth)
{
    if (socket == target || depth > PARCEL_NESTING)
        return true;
    if (socket->family != AF_UNIX)
        return false;
    const struct unix_socket *u = (const struct unix_socket *)socket;
    for (const struct parcel *p = u->parcels; p; p = p->next)
        if (parcel_leads_to(p, target, depth))
            return true;
    for (const struct datagram *d = socket->first; d; d = d->next)
        if (d->parcel && parcel_leads_to(d->parcel, target, depth))
            return true;
    for (const struct unix_socket *w = u->waiting; w; w = w->next_waiting)
        if (leads_to(&w->socket, target, depth + 1))
            return true;
    return false;
}

static bool parcel_leads_to(const struct parcel *parcel, const struct socket *target, u32 depth)
{
    for (u32 i = 0; i < parcel->count; i++) {
        const struct inode *inode = parcel->file[i]->inode;
        if ((inode->mode & MODE_TYPE) == MODE_SOCKET && inode->socket &&
            leads_to(inode->socket, target, depth + 1))
            return true;
    }
    return false;
}

int unix_may_hold(const struct socket *socket, const struct parcel *parcel)
{
    return parcel && parcel_leads_to(parcel, socket, 0) ? -ETOOMANYREFS : 0;
}

const struct socket_ops unix_stream_ops = {
    .bytes = sizeof(struct unix_socket),
    .bind = unix_bind,
    .listen = unix_listen,
    .connect = stream_connect,
    .accept = unix_accept,
    .send = stream_send,
    .receive = stream_receive,
    .shutdown = unix_shutdown,
    .name = unix_name,
    .poll = stream_poll,
    .available = stream_available,
    .peer = unix_peer,
    .close = unix_close,
};

const struct socket_ops unix_datagram_ops = {
    .bytes = sizeof(struct unix_socket),
    .bind = unix_bind,
    .connect = datagram_connect,
    .send = datagram_send,
    .peer = unix_peer,
    .shutdown = unix_shutdown,
    .name = unix_name,
    .poll = datagram_poll,
    .close = unix_close,
};
