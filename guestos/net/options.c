/* SPDX-License-Identifier: GPL-2.0-only */
/* options.c - socket options (socket(7), tcp(7)); numbers of asm-generic/socket.h */
#include "guestos/net/options.h"
#include "guestos/fs/permission.h"
#include "guestos/kernel/lib.h"
#include "guestos/time/time.h"
#include "guestos/sys/user.h"
#include "guestos/net/inet.h"

#define LEVEL_SOCKET 1
#define LEVEL_TCP    6

enum {
    REUSE_ADDRESS = 2,
    TYPE,
    ERROR,
    BROADCAST = 6,
    SEND_BUFFER,
    RECEIVE_BUFFER,
    KEEP_ALIVE,
    LINGER = 13,
    REUSE_PORT = 15,
    PASS_CREDENTIALS = 16,
    PEER_CREDENTIALS,
    RECEIVE_TIMEOUT = 20,
    SEND_TIMEOUT,
    BIND_TO_DEVICE = 25,
    ACCEPTS = 30,
    PROTOCOL = 38,
    DOMAIN,
    RECEIVE_TIMEOUT_64 = 66,
    SEND_TIMEOUT_64,
};

enum { TCP_NODELAY = 1, TCP_MAXSEG, TCP_CORK, TCP_DEFER_ACCEPT = 9 }; /* linux/tcp.h */

/* Options that are one truth value. NULL: it is not one of them. */
static bool *switch_of(struct socket *socket, uint32_t level, uint32_t option)
{
    if (level == LEVEL_TCP)
        return socket->ops != &tcp_socket_ops ? NULL
               : option == TCP_NODELAY        ? &socket->no_delay
               : option == TCP_CORK           ? &socket->cork
                                              : NULL;
    switch (level == LEVEL_SOCKET ? option : 0) {
    case REUSE_ADDRESS:
        return &socket->reuse_address;
    case REUSE_PORT:
        return socket->family == AF_INET ? &socket->reuse_port : NULL;
    case BROADCAST:
        return &socket->broadcast;
    case PASS_CREDENTIALS:
        return socket->family == AF_UNIX ? &socket->pass_credentials : NULL;
    case KEEP_ALIVE:
        return &socket->keep_alive;
    default:
        return NULL;
    }
}

/* A struct timeval, in either width, as nanoseconds. */
static int take_time(uint64_t *timeout, uint32_t user, uint32_t bytes, bool wide)
{
    int32_t t[4];

    if (bytes < (wide ? 16 : 8))
        return -EINVAL;
    if (copy_from_user(t, (void *)user, wide ? 16 : 8))
        return -EFAULT;
    uint32_t microseconds = (uint32_t)(wide ? t[2] : t[1]);
    if (microseconds >= 1000000)
        return -EDOM;
    *timeout =
        t[0] < 0 ? 1 : (uint64_t)(uint32_t)t[0] * NANOSECONDS + (uint64_t)microseconds * 1000;
    return 0;
}

/* By name; "" is any. */
static int bind_to_device(struct socket *socket, uint32_t user, uint32_t bytes)
{
    char name[INTERFACE_NAME] = "";

    if (!is_privileged())
        return -EPERM;
    if (copy_from_user(name, (void *)user, MIN(bytes, sizeof(name) - 1)))
        return -EFAULT;
    const struct interface *interface = interface_named(name);
    if (*name && !interface)
        return -ENODEV;
    socket->device = interface ? interface->index : 0;
    return 0;
}

static bool is_inet(const struct socket *socket, uint32_t level)
{
    return socket->family == AF_INET && (level == LEVEL_IP || level == LEVEL_RAW);
}

/* Such options may be a byte, too. */
static int set_inet(struct socket *socket, uint32_t level, uint32_t option, uint32_t user,
                    uint32_t bytes)
{
    uint32_t value = 0;

    if (!bytes)
        return -EINVAL;
    if (copy_from_user(&value, (void *)user, bytes < sizeof(value) ? 1 : sizeof(value)))
        return -EFAULT;
    return inet_option_set(socket, level, option, value);
}

/* A struct linger. */
static int set_linger(struct socket *socket, uint32_t user, uint32_t bytes)
{
    int32_t value[2];

    if (bytes < sizeof(value))
        return -EINVAL;
    if (take_user(value, user))
        return -EFAULT;
    socket->lingers = value[0] != 0;
    socket->linger_seconds = value[1] < 0 ? ~0u : (uint32_t)value[1];
    return 0;
}

int option_set(struct socket *socket, uint32_t level, uint32_t option, uint32_t user,
               uint32_t bytes)
{
    bool *on = switch_of(socket, level, option);
    int32_t value;

    if (level == LEVEL_SOCKET && (option == RECEIVE_TIMEOUT || option == RECEIVE_TIMEOUT_64))
        return take_time(&socket->receive_timeout, user, bytes, option == RECEIVE_TIMEOUT_64);
    if (level == LEVEL_SOCKET && (option == SEND_TIMEOUT || option == SEND_TIMEOUT_64))
        return take_time(&socket->send_timeout, user, bytes, option == SEND_TIMEOUT_64);
    if (is_inet(socket, level))
        return set_inet(socket, level, option, user, bytes);
    if (level == LEVEL_SOCKET && option == LINGER)
        return set_linger(socket, user, bytes);
    bool defers =
        level == LEVEL_TCP && option == TCP_DEFER_ACCEPT && socket->ops == &tcp_socket_ops;
    if (level == LEVEL_SOCKET && option == BIND_TO_DEVICE && socket->family != AF_UNIX)
        return bind_to_device(socket, user, bytes);
    bool buffer = level == LEVEL_SOCKET && (option == SEND_BUFFER || option == RECEIVE_BUFFER);
    if (!on && !buffer && !defers)
        return -ENOPROTOOPT;
    if (bytes < sizeof(value))
        return -EINVAL;
    if (take_user(value, user))
        return -EFAULT;
    if (defers)
        inet_self(socket)->defer_seconds = (uint32_t)MIN(MAX(value, 0), 3600);
    else if (on)
        *on = value != 0;
    else /* noted, as Linux does it, doubled; rings and queues have the sizes they have */
        *(option == SEND_BUFFER ? &socket->send_bytes : &socket->receive_bytes) =
            MIN(MAX((uint32_t)value, 2304u), 212992u) * 2;
    if (on && level == LEVEL_TCP)
        tcp_socket_uncork(socket);
    return 0;
}

static int number_of(struct socket *socket, uint32_t level, uint32_t option, uint32_t *value)
{
    const bool *on = switch_of(socket, level, option);

    if (on) {
        *value = *on;
        return 0;
    }
    if (is_inet(socket, level))
        return inet_option_get(socket, level, option, value);
    if (level == LEVEL_TCP && socket->ops == &tcp_socket_ops) {
        *value =
            option == TCP_MAXSEG ? tcp_socket_segment(socket) : inet_self(socket)->defer_seconds;
        return option == TCP_MAXSEG || option == TCP_DEFER_ACCEPT ? 0 : -ENOPROTOOPT;
    }
    switch (level == LEVEL_SOCKET ? option : 0) {
    case TYPE:
        *value = socket->type;
        return 0;
    case ERROR:
        *value = (uint32_t)socket->error;
        socket->error = 0;
        if (!*value && socket->ops->take_error)
            *value = (uint32_t)socket->ops->take_error(socket);
        return 0;
    case SEND_BUFFER:
        *value = socket->send_bytes;
        return 0;
    case RECEIVE_BUFFER:
        *value = socket->receive_bytes;
        return 0;
    case ACCEPTS:
        *value = socket->listening;
        return 0;
    case PROTOCOL:
        *value = socket->protocol;
        return 0;
    case DOMAIN:
        *value = socket->family;
        return 0;
    default:
        return -ENOPROTOOPT;
    }
}

static int give(const void *value, uint32_t bytes, uint32_t user, uint32_t length_at)
{
    uint32_t room;

    if (take_user(room, length_at))
        return -EFAULT;
    if ((int32_t)room < 0)
        return -EINVAL;
    room = MIN(room, bytes);
    return copy_to_user((void *)user, value, room) ? -EFAULT : give_user(length_at, room);
}

int option_get(struct socket *socket, uint32_t level, uint32_t option, uint32_t user,
               uint32_t length_at)
{
    bool receives = option == RECEIVE_TIMEOUT || option == RECEIVE_TIMEOUT_64;
    bool wide = option == RECEIVE_TIMEOUT_64 || option == SEND_TIMEOUT_64;
    uint32_t number;

    if (level == LEVEL_SOCKET && (receives || option == SEND_TIMEOUT || wide)) {
        uint32_t rest;
        uint32_t seconds = (uint32_t)divide(
            receives ? socket->receive_timeout : socket->send_timeout, NANOSECONDS, &rest);
        uint32_t narrow_time[2] = {seconds, rest / 1000},
                 wide_time[4] = {seconds, 0, rest / 1000, 0};

        return wide ? give(wide_time, sizeof(wide_time), user, length_at)
                    : give(narrow_time, sizeof(narrow_time), user, length_at);
    }
    if (level == LEVEL_SOCKET && option == PEER_CREDENTIALS && socket->ops->peer) {
        struct credentials peer;
        int failed = socket->ops->peer(socket, &peer);

        return failed ? failed : give(&peer, sizeof(peer), user, length_at);
    }
    if (level == LEVEL_SOCKET && option == LINGER) {
        uint32_t value[2] = {socket->lingers, socket->linger_seconds};

        return give(value, sizeof(value), user, length_at);
    }
    int error = number_of(socket, level, option, &number);
    return error ? error : give(&number, sizeof(number), user, length_at);
}
