/* SPDX-License-Identifier: GPL-2.0-only */
/* ioctl.c - requests to interfaces (netdevice(7)); numbers of linux/sockios.h */
#include "guestos/net/ip/ioctl.h"
#include "guestos/fs/permission.h"
#include "guestos/kernel/lib.h"
#include "guestos/net/inet.h"
#include "include/tcp/checksum.h"
#include "guestos/net/ip/configure.h"
#include "guestos/sys/user.h"

enum {
    GET_NAME = 0x8910, /* SIOCGIF..., SIOCSIF... */
    GET_LIST = 0x8912,
    GET_FLAGS,
    SET_FLAGS,
    GET_ADDRESS,
    SET_ADDRESS,
    GET_PEER,
    GET_BROADCAST = 0x8919,
    SET_BROADCAST,
    GET_MASK,
    SET_MASK,
    GET_METRIC,
    GET_MTU = 0x8921,
    SET_MTU,
    SET_MAC = 0x8924,
    GET_MAC = 0x8927,
    GET_INDEX = 0x8933,
    GET_QUEUE = 0x8942,
    GET_MAP = 0x8970,
};

#define SETTABLE  (INTERFACE_UP | INTERFACE_ALL | INTERFACE_NO_ARP)
#define MTU_LEAST 68u /* RFC 791, 3.2 */

struct interface_request { /* struct ifreq */
    char name[INTERFACE_NAME];
    union {
        uint8_t address[16]; /* struct sockaddr */
        uint32_t number;
        uint16_t flags;
    };
};

static void put_address(struct interface_request *r, uint32_t address)
{
    memset(r->address, 0, sizeof(r->address));
    r->address[0] = AF_INET;
    put32(r->address + 4, address);
}

static void put_mac(struct interface_request *r, const struct interface *interface)
{
    memset(r->address, 0, sizeof(r->address));
    r->address[0] = (uint8_t)interface->kind;
    r->address[1] = (uint8_t)(interface->kind >> 8);
    memcpy(r->address + 2, interface->mac, MAC_BYTES);
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* Answers in place. */
static int get(uint32_t request, const struct interface *interface, struct interface_request *r)
{
    switch (request) {
    case GET_FLAGS:
        r->flags = (uint16_t)interface->flags;
        return 0;
    case GET_ADDRESS:
    case GET_PEER:
        put_address(r, interface->address);
        return interface->address ? 0 : -EADDRNOTAVAIL;
    case GET_BROADCAST:
        put_address(r, interface->flags & INTERFACE_BROADCAST ? interface->broadcast : 0);
        return interface->address ? 0 : -EADDRNOTAVAIL;
    case GET_MASK:
        put_address(r, interface->mask);
        return interface->address ? 0 : -EADDRNOTAVAIL;
    case GET_METRIC:
    case GET_MAP:
        memset(r->address, 0, sizeof(r->address));
        return 0;
    case GET_MTU:
        r->number = interface->mtu;
        return 0;
    case GET_MAC:
        put_mac(r, interface);
        return 0;
    case GET_INDEX:
        r->number = interface->index;
        return 0;
    case GET_QUEUE:
        r->number = INTERFACE_QUEUE;
        return 0;
    default:
        return -ENOTTY;
    }
}

/* Those that have an address, as many as fit; without room, how many bytes all would be. */
static int list(uint32_t argument)
{
    struct {
        int32_t bytes;
        uint32_t at;
    } room; /* struct ifconf */
    uint32_t used = 0;

    if (take_user(room, argument))
        return -EFAULT;
    for (const struct interface *i = interfaces; i; i = i->next) {
        struct interface_request r = {.name = ""};

        if (!i->address)
            continue;
        copy_string(r.name, i->name, sizeof(r.name));
        put_address(&r, i->address);
        if (room.at && (int32_t)(used + sizeof(r)) > room.bytes)
            break;
        if (room.at && give_user(room.at + used, r))
            return -EFAULT;
        used += sizeof(r);
    }
    room.bytes = (int32_t)used;
    return give_user(argument, room);
}

static int name(uint32_t argument)
{
    struct interface_request r;

    if (take_user(r, argument))
        return -EFAULT;
    const struct interface *interface = interface_numbered(r.number);
    if (!interface)
        return -ENODEV;
    copy_string(r.name, interface->name, sizeof(r.name));
    return give_user(argument, r);
}

/* ---- changing -------------------------------------------------------------------------------- */

static int set_flags(struct interface *interface, uint32_t wanted)
{
    bool changes = (interface->flags ^ wanted) & INTERFACE_ALL;

    interface->flags =
        (interface->flags & ~(SETTABLE & ~INTERFACE_UP)) | (wanted & SETTABLE & ~INTERFACE_UP);
    if (!(wanted & INTERFACE_UP)) {
        interface_down(interface);
        return 0;
    }
    if (changes && interface_is_up(interface) && interface->ops->filter)
        interface->ops->filter(interface);
    return interface_up(interface);
}

static int set_mac(struct interface *interface, const struct interface_request *r)
{
    if (interface->kind != KIND_ETHERNET)
        return -EOPNOTSUPP;
    if ((r->address[0] | (uint32_t)r->address[1] << 8) != KIND_ETHERNET || r->address[2] & 1)
        return -EINVAL;
    memcpy(interface->mac, r->address + 2, MAC_BYTES);
    if (interface_is_up(interface) && interface->ops->filter)
        interface->ops->filter(interface);
    return 0;
}

static int set_address(uint32_t request, struct interface *interface,
                       const struct interface_request *r)
{
    uint32_t value = get32(r->address + 4);

    if ((r->address[0] | r->address[1] << 8) != AF_INET)
        return -EINVAL;
    if (request == SET_ADDRESS) {
        interface_set_address(interface, value, class_mask(value));
        return 0;
    }
    if (!interface->address)
        return -EADDRNOTAVAIL;
    if (request == SET_BROADCAST)
        interface->broadcast = value;
    else if (~value & (~value + 1)) /* a mask with holes */
        return -EINVAL;
    else
        interface_set_address(interface, interface->address, value);
    return 0;
}

static int set(uint32_t request, struct interface *interface, const struct interface_request *r)
{
    if (!is_privileged())
        return -EPERM;
    switch (request) {
    case SET_FLAGS:
        return set_flags(interface, r->flags);
    case SET_ADDRESS:
    case SET_BROADCAST:
    case SET_MASK:
        return set_address(request, interface, r);
    case SET_MTU:
        if (r->number < MTU_LEAST || r->number > interface->mtu_limit)
            return -EINVAL;
        interface->mtu = r->number;
        return 0;
    default:
        return set_mac(interface, r);
    }
}

int interface_ioctl(uint32_t request, uint32_t argument)
{
    struct interface_request r;

    if (request == GET_LIST)
        return list(argument);
    if (request == GET_NAME)
        return name(argument);
    bool sets = request == SET_FLAGS || request == SET_ADDRESS || request == SET_BROADCAST ||
                request == SET_MASK || request == SET_MTU || request == SET_MAC;
    struct interface *interface = NULL;
    int error = get(request, &loopback, &r);
    if (!sets && error == -ENOTTY)
        return route_ioctl(request, argument);
    if (take_user(r, argument))
        return -EFAULT;
    r.name[INTERFACE_NAME - 1] = '\0';
    interface = interface_named(r.name);
    if (!interface)
        return -ENODEV;
    if (sets)
        return set(request, interface, &r);
    error = get(request, interface, &r);
    return error ? error : give_user(argument, r);
}
