/* SPDX-License-Identifier: GPL-2.0-only */
/* sys_socket.c - the system calls of sockets, by their own numbers and through socketcall() */
#include "guestos/kernel/lib.h"
#include "guestos/fs/permission.h"
#include "guestos/sys/syscall.h"
#include "guestos/sys/user.h"
#include "guestos/mm/heap.h"
#include "guestos/net/net.h"
#include "guestos/net/options.h"
#include "guestos/net/transfer.h"

#define TYPE_MASK    0xfu
#define ANY_PROTOCOL 0xffffu
#define PARTS_LIMIT  1024u                          /* UIO_MAXIOV */
#define OPTION_FLAGS (OPEN_NONBLOCK | OPEN_CLOEXEC) /* SOCK_NONBLOCK, SOCK_CLOEXEC */

struct user_message { /* struct msghdr */
    uint32_t name, name_bytes, parts, parts_count, control, control_bytes, flags;
};

/* A held file and its socket, for the time of a call. */
struct target {
    struct file *file;
    struct socket *socket;
};

static int enter(struct target *target, uint32_t descriptor)
{
    target->socket = socket_of(descriptor, &target->file);
    if (IS_ERR(target->socket))
        return PTR_ERR(target->socket);
    file_hold(target->file);
    return 0;
}

static int leave(struct target *target, int result)
{
    net_run();
    file_release(target->file);
    return result;
}

static bool waits(const struct target *target)
{
    return !(target->file->flags & OPEN_NONBLOCK);
}

static int take_address(struct address *address, uint32_t user, uint32_t bytes)
{
    *address = (struct address){.bytes = bytes};
    if (bytes > ADDRESS_LIMIT)
        return -EINVAL;
    return copy_from_user(address->data, (void *)user, bytes) ? -EFAULT : 0;
}

/* As much as fits, and how long it really is. */
static int give_address(const struct address *address, uint32_t user, uint32_t room,
                        uint32_t length_at)
{
    if (!user)
        return 0;
    if ((int32_t)room < 0)
        return -EINVAL;
    if (copy_to_user((void *)user, address->data, MIN(room, address->bytes)))
        return -EFAULT;
    return give_user(length_at, address->bytes);
}

/* ---- making sockets -------------------------------------------------------------------------- */

static const struct {
    uint16_t family, type, protocol;
    const struct socket_ops *ops;
} kinds[] = {
    {AF_UNIX, SOCK_STREAM, 0, &unix_stream_ops},
    {AF_UNIX, SOCK_DGRAM, 0, &unix_datagram_ops},
    {AF_INET, SOCK_STREAM, PROTOCOL_TCP, &tcp_socket_ops},
    {AF_INET, SOCK_DGRAM, PROTOCOL_UDP, &udp_socket_ops},
    {AF_INET, SOCK_DGRAM, PROTOCOL_ICMP, &ping_socket_ops},
    {AF_INET, SOCK_RAW, ANY_PROTOCOL, &raw_socket_ops},
    {AF_PACKET, SOCK_RAW, ANY_PROTOCOL, &packet_socket_ops},
    {AF_PACKET, SOCK_DGRAM, ANY_PROTOCOL, &packet_socket_ops},
};

static bool fits(uint32_t kind, uint32_t family, uint32_t protocol)
{
    return kinds[kind].protocol == ANY_PROTOCOL || protocol == kinds[kind].protocol || !protocol ||
           (family == AF_UNIX && protocol == AF_UNIX);
}

static struct socket *make_kind(uint32_t kind, uint32_t protocol)
{
    bool any = kinds[kind].protocol == ANY_PROTOCOL;

    if (any && !is_privileged())
        return ERR_PTR(-EPERM);
    if (kinds[kind].family == AF_INET && any && (!protocol || protocol > 255))
        return ERR_PTR(-EPROTONOSUPPORT);
    struct socket *socket = socket_create(kinds[kind].ops, kinds[kind].family, kinds[kind].type,
                                          (uint16_t)(any ? protocol : kinds[kind].protocol));
    return socket ? socket : ERR_PTR(-ENOBUFS);
}

static struct socket *make(uint32_t family, uint32_t type_and_flags, uint32_t protocol)
{
    uint32_t type = type_and_flags & TYPE_MASK;
    int error = -EAFNOSUPPORT;

    if (type_and_flags & ~(TYPE_MASK | OPTION_FLAGS))
        return ERR_PTR(-EINVAL);
    for (uint32_t i = 0; i < ARRAY_LENGTH(kinds); i++) {
        if (kinds[i].family != family)
            continue;
        if (kinds[i].type == type && fits(i, family, protocol))
            return make_kind(i, protocol);
        error = kinds[i].type == type       ? -EPROTONOSUPPORT
                : error == -EPROTONOSUPPORT ? error
                                            : -ESOCKTNOSUPPORT;
    }
    return ERR_PTR(error);
}

/* A descriptor for a socket, whose reference is taken over. */
static int install(struct socket *socket, uint32_t flags)
{
    struct file *file = socket_file(socket, flags & OPEN_NONBLOCK);

    if (IS_ERR(file))
        return PTR_ERR(file);
    return files_give(file, flags & OPEN_CLOEXEC);
}

int sys_socket(uint32_t family, uint32_t type, uint32_t protocol)
{
    struct socket *socket = make(family, type, protocol);

    return IS_ERR(socket) ? PTR_ERR(socket) : install(socket, type);
}

int sys_socketpair(uint32_t family, uint32_t type, uint32_t protocol, uint32_t address)
{
    if (family == AF_INET)
        return -EOPNOTSUPP;
    struct socket *a = make(family, type, protocol);
    if (IS_ERR(a))
        return PTR_ERR(a);
    struct socket *b = make(family, type, protocol);
    if (IS_ERR(b) || unix_pair(a, b)) {
        a->ops->close(a);
        socket_release(a);
        if (!IS_ERR(b)) {
            b->ops->close(b);
            socket_release(b);
        }
        return -ENOBUFS;
    }
    int pair[2] = {install(a, type), install(b, type)};
    int error = pair[0] < 0 ? pair[0] : pair[1] < 0 ? pair[1] : give_user(address, pair);
    for (int i = 0; i < 2 && error; i++)
        if (pair[i] >= 0)
            files_close(pair[i]);
    return error;
}

/* ---- names and connections ------------------------------------------------------------------- */

int sys_bind(uint32_t descriptor, uint32_t user, uint32_t bytes)
{
    struct target target;
    struct address address;
    int error = enter(&target, descriptor);

    if (error)
        return error;
    error = take_address(&address, user, bytes);
    return leave(&target, error ? error : target.socket->ops->bind(target.socket, &address));
}

int sys_connect(uint32_t descriptor, uint32_t user, uint32_t bytes)
{
    struct target target;
    struct address address;
    int error = enter(&target, descriptor);

    if (error)
        return error;
    error = take_address(&address, user, bytes);
    if (!error)
        error = socket_connect(target.socket, &address, waits(&target));
    return leave(&target, error);
}

int sys_listen(uint32_t descriptor, uint32_t backlog)
{
    struct target target;
    int error = enter(&target, descriptor);

    if (error)
        return error;
    const struct socket_ops *ops = target.socket->ops;
    return leave(&target, ops->listen ? ops->listen(target.socket, backlog) : -EOPNOTSUPP);
}

static int accept_one(struct target *target, uint32_t user, uint32_t length_at, uint32_t flags)
{
    struct socket *accepted;
    struct address address;
    uint32_t room = 0;

    if (user && take_user(room, length_at))
        return -EFAULT;
    int error = socket_accept(target->socket, &accepted, waits(target));
    if (error)
        return error;
    accepted->ops->name(accepted, true, &address);
    int descriptor = install(accepted, flags);
    if (descriptor < 0)
        return descriptor;
    error = give_address(&address, user, room, length_at);
    if (error)
        files_close(descriptor);
    return error ? error : descriptor;
}

int sys_accept4(uint32_t descriptor, uint32_t user, uint32_t length_at, uint32_t flags)
{
    struct target target;
    int error = flags & ~OPTION_FLAGS ? -EINVAL : enter(&target, descriptor);

    return error ? error : leave(&target, accept_one(&target, user, length_at, flags));
}

static int name_of(uint32_t descriptor, uint32_t user, uint32_t length_at, bool peer)
{
    struct target target;
    struct address address;
    uint32_t room;
    int error = enter(&target, descriptor);

    if (error)
        return error;
    error = take_user(room, length_at);
    if (!error)
        error = target.socket->ops->name(target.socket, peer, &address);
    return leave(&target, error ? error : give_address(&address, user, room, length_at));
}

int sys_getsockname(uint32_t descriptor, uint32_t user, uint32_t length_at)
{
    return name_of(descriptor, user, length_at, false);
}

int sys_getpeername(uint32_t descriptor, uint32_t user, uint32_t length_at)
{
    return name_of(descriptor, user, length_at, true);
}

int sys_shutdown(uint32_t descriptor, uint32_t how)
{
    struct target target;
    int error = how > 2 ? -EINVAL : enter(&target, descriptor);

    if (error)
        return error;
    return leave(&target, target.socket->ops->shutdown(target.socket, how != 1, how != 0));
}

int sys_setsockopt(uint32_t descriptor, uint32_t level, uint32_t option, uint32_t user,
                   uint32_t bytes)
{
    struct target target;
    int error = enter(&target, descriptor);

    return error ? error : leave(&target, option_set(target.socket, level, option, user, bytes));
}

int sys_getsockopt(uint32_t descriptor, uint32_t level, uint32_t option, uint32_t user,
                   uint32_t length_at)
{
    struct target target;
    int error = enter(&target, descriptor);

    return error ? error
                 : leave(&target, option_get(target.socket, level, option, user, length_at));
}

/* ---- data ------------------------------------------------------------------------------------ */

int sys_sendto(uint32_t descriptor, uint32_t buffer, uint32_t bytes, uint32_t flags, uint32_t user,
               uint32_t name_bytes)
{
    struct target target;
    struct address address;
    struct io_part part = {buffer, bytes};
    int result = enter(&target, descriptor);

    if (result)
        return result;
    struct message message = {.part = &part, .parts = 1, .flags = flags, .wait = waits(&target)};
    if (user && name_bytes) {
        message.address = &address;
        result = take_address(&address, user, name_bytes);
    }
    return leave(&target, result ? result : socket_send(target.socket, &message));
}

int sys_recvfrom(uint32_t descriptor, uint32_t buffer, uint32_t bytes, uint32_t flags,
                 uint32_t user, uint32_t length_at)
{
    struct target target;
    struct address address;
    struct io_part part = {buffer, bytes};
    uint32_t room = 0;
    int result = enter(&target, descriptor);

    if (result)
        return result;
    struct message message = {
        .part = &part, .parts = 1, .flags = flags, .wait = waits(&target), .address = &address};
    result = user ? take_user(room, length_at) : 0;
    if (!result)
        result = socket_receive(target.socket, &message);
    if (result >= 0 && user) {
        int error = give_address(&address, user, room, length_at);

        result = error ? error : result;
    }
    return leave(&target, result);
}

/* A msghdr and its vector, which the caller frees. 0 or -Exxx. */
static int take_message(struct user_message *user, struct io_part **parts, uint32_t at)
{
    *parts = NULL;
    if (take_user(*user, at))
        return -EFAULT;
    if (user->parts_count > PARTS_LIMIT)
        return -EMSGSIZE;
    uint32_t bytes = user->parts_count * sizeof(**parts);
    *parts = heap_allocate(MAX(bytes, 1u));
    if (!*parts)
        return -ENOBUFS;
    return copy_from_user(*parts, (void *)user->parts, bytes) ? -EFAULT : 0;
}

static int send_message(struct target *target, uint32_t at, uint32_t flags)
{
    struct user_message user;
    struct address address;
    struct io_part *parts;
    int result = take_message(&user, &parts, at);
    struct parcel *parcel = NULL;

    if (!result && user.control)
        result = parcel_take(&parcel, user.control, user.control_bytes);
    if (!result && user.name && user.name_bytes)
        result = take_address(&address, user.name, user.name_bytes);
    if (!result) {
        struct message message = {.part = parts,
                                  .parts = user.parts_count,
                                  .flags = flags,
                                  .wait = waits(target),
                                  .address = user.name && user.name_bytes ? &address : NULL,
                                  .parcel = parcel};

        result = socket_send(target->socket, &message);
    } else {
        parcel_free(parcel);
    }
    heap_free(parts);
    return result;
}

int sys_sendmsg(uint32_t descriptor, uint32_t at, uint32_t flags)
{
    struct target target;
    int error = enter(&target, descriptor);

    return error ? error : leave(&target, send_message(&target, at, flags));
}

static int receive_message(struct target *target, uint32_t at, uint32_t flags)
{
    struct user_message user;
    struct address address;
    struct io_part *parts;
    struct parcel *parcel = NULL;
    int result = take_message(&user, &parts, at);

    if (!result) {
        struct message message = {.part = parts,
                                  .parts = user.parts_count,
                                  .flags = flags,
                                  .wait = waits(target),
                                  .address = &address,
                                  .wants_parcel = true};

        result = socket_receive(target->socket, &message);
        user.flags = message.flags;
        parcel = message.parcel;
    }
    heap_free(parts);
    if (result < 0) {
        parcel_free(parcel);
        return result;
    }
    bool cut;
    user.control_bytes = (uint32_t)parcel_give(
        parcel, user.control, user.control ? user.control_bytes : 0,
        target->socket->pass_credentials, flags & MESSAGE_CLOSE_ON_EXEC, &cut);
    user.flags |= cut ? MESSAGE_CONTROL_CUT : 0;
    if (user.name &&
        copy_to_user((void *)user.name, address.data, MIN(user.name_bytes, address.bytes)))
        return -EFAULT;
    user.name_bytes = user.name ? address.bytes : user.name_bytes;
    return give_user(at, user) ? -EFAULT : result;
}

int sys_recvmsg(uint32_t descriptor, uint32_t at, uint32_t flags)
{
    struct target target;
    int error = enter(&target, descriptor);

    return error ? error : leave(&target, receive_message(&target, at, flags));
}

/* ---- the multiplexer (linux/net.h: SYS_SOCKET ...) ------------------------------------------- */

int sys_socketcall(uint32_t call, uint32_t address)
{
    static const uint8_t arguments[] = {0, 3, 3, 3, 2, 3, 3, 3, 4, 4, 4, 6, 6, 2, 5, 5, 3, 3, 4};
    uint32_t a[6] = {0};

    if (call < 1 || call >= ARRAY_LENGTH(arguments))
        return -EINVAL;
    if (copy_from_user(a, (void *)address, arguments[call] * sizeof(a[0])))
        return -EFAULT;
    switch (call) {
    case 1:
        return sys_socket(a[0], a[1], a[2]);
    case 2:
        return sys_bind(a[0], a[1], a[2]);
    case 3:
        return sys_connect(a[0], a[1], a[2]);
    case 4:
        return sys_listen(a[0], a[1]);
    case 5:
        return sys_accept4(a[0], a[1], a[2], 0);
    case 6:
        return sys_getsockname(a[0], a[1], a[2]);
    case 7:
        return sys_getpeername(a[0], a[1], a[2]);
    case 8:
        return sys_socketpair(a[0], a[1], a[2], a[3]);
    case 9:
        return sys_sendto(a[0], a[1], a[2], a[3], 0, 0);
    case 10:
        return sys_recvfrom(a[0], a[1], a[2], a[3], 0, 0);
    case 11:
        return sys_sendto(a[0], a[1], a[2], a[3], a[4], a[5]);
    case 12:
        return sys_recvfrom(a[0], a[1], a[2], a[3], a[4], a[5]);
    case 13:
        return sys_shutdown(a[0], a[1]);
    case 14:
        return sys_setsockopt(a[0], a[1], a[2], a[3], a[4]);
    case 15:
        return sys_getsockopt(a[0], a[1], a[2], a[3], a[4]);
    case 16:
        return sys_sendmsg(a[0], a[1], a[2]);
    case 17:
        return sys_recvmsg(a[0], a[1], a[2]);
    default:
        return sys_accept4(a[0], a[1], a[2], a[3]);
    }
}
