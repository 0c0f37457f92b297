/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * inet_options.c - options of IP (ip(7)) and of raw sockets (raw(7)); numbers of linux/in.h
 *
 * IP_RECVERR and IP_MTU_DISCOVER may be said, as programs do that can go without: nothing is ever
 * put into a queue of errors, and packets are never cut in pieces.
 */
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/net/inet.h"
#include "guestos/net/options.h"

enum { IP_TOS = 1, IP_TTL, IP_MTU_DISCOVER = 10, IP_RECVERR, IP_MTU = 14 };
enum { ICMP_FILTER = 1 };

#define NEVER_CUT 2u /* IP_PMTUDISC_DO */
#define TTL_USUAL 64u

static int set_ttl(struct inet_socket *me, uint32_t value)
{
    if (value != ~0u && (value < 1 || value > 255))
        return -EINVAL;
    me->ttl = (uint8_t)(value == ~0u ? 0 : value);
    return 0;
}

int inet_option_set(struct socket *socket, uint32_t level, uint32_t option, uint32_t value)
{
    struct inet_socket *me = inet_self(socket);

    if (level == LEVEL_RAW && option == ICMP_FILTER && socket->type == SOCK_RAW) {
        me->icmp_filter = value;
        return 0;
    }
    switch (level == LEVEL_IP ? option : 0) {
    case IP_TOS:
        me->tos = (uint8_t)value;
        return 0;
    case IP_TTL:
        return set_ttl(me, value);
    case IP_MTU_DISCOVER:
        return value <= NEVER_CUT ? 0 : -EINVAL;
    case IP_RECVERR:
        return 0;
    default:
        return -ENOPROTOOPT;
    }
}

int inet_option_get(struct socket *socket, uint32_t level, uint32_t option, uint32_t *value)
{
    const struct inet_socket *me = inet_self(socket);
    struct path path;

    if (level == LEVEL_RAW && option == ICMP_FILTER && socket->type == SOCK_RAW) {
        *value = me->icmp_filter;
        return 0;
    }
    switch (level == LEVEL_IP ? option : 0) {
    case IP_TOS:
        *value = me->tos;
        return 0;
    case IP_TTL:
        *value = me->ttl ? me->ttl : TTL_USUAL;
        return 0;
    case IP_MTU_DISCOVER:
        *value = NEVER_CUT;
        return 0;
    case IP_RECVERR:
        *value = 0;
        return 0;
    case IP_MTU:
        if (!me->remote.address || inet_path(me, &path, me->remote.address))
            return -ENOTCONN;
        *value = path.interface->mtu;
        return 0;
    default:
        return -ENOPROTOOPT;
    }
}
