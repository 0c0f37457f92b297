/* SPDX-License-Identifier: GPL-2.0-only */
/* configure.c - see configure.h */
#include "guestos/net/ip/configure.h"
#include "guestos/kernel/lib.h"
#include "guestos/kernel/options.h"
#include "guestos/net/net.h"

enum { CLIENT, SERVER, GATEWAY, NETMASK, HOST, DEVICE, AUTOCONF, FIELDS };

#define FIELD_BYTES 64

uint32_t class_mask(uint32_t address)
{
    return !(address >> 31) ? 0xff000000u : !(address >> 30 & 1) ? 0xffff0000u : 0xffffff00u;
}

/* Cuts at colons. False: a field is too long, or there are too many. */
static bool split(const char *value, char field[FIELDS][FIELD_BYTES])
{
    uint32_t n = 0, length = 0;

    for (; *value && *value != ' '; value++) {
        if (*value == ':') {
            n++;
            length = 0;
        } else if (n < FIELDS && length < FIELD_BYTES - 1) {
            field[n][length++] = *value;
        } else {
            return false;
        }
    }
    return true;
}

/* Four numbers with points between; "" is 0. */
static bool read_address(const char *text, uint32_t *address)
{
    *address = 0;
    if (!*text)
        return true;
    for (int part = 0; part < 4; part++) {
        uint32_t number = 0, digits = 0;

        for (; *text >= '0' && *text <= '9' && digits < 3; digits++)
            number = number * 10 + (uint32_t)(*text++ - '0');
        if (!digits || number > 255 || *text != (part < 3 ? '.' : '\0'))
            return false;
        *address = *address << 8 | number;
        text++;
    }
    return true;
}

static struct interface *choose(const char *name)
{
    struct interface *interface = interfaces;

    if (*name)
        return interface_named(name);
    while (interface && interface->kind != KIND_ETHERNET)
        interface = interface->next;
    return interface;
}

static const char *configure(char field[FIELDS][FIELD_BYTES])
{
    uint32_t client, gateway, mask;
    struct interface *interface = choose(field[DEVICE]);

    if (*field[AUTOCONF] && strcmp(field[AUTOCONF], "off") && strcmp(field[AUTOCONF], "none"))
        return "only off: an address by DHCP is a program's matter";
    if (!read_address(field[CLIENT], &client) || !read_address(field[GATEWAY], &gateway) ||
        !read_address(field[NETMASK], &mask))
        return "an address is four numbers with points between";
    if (!client)
        return NULL;
    if (!interface)
        return "there is no such interface";
    interface_set_address(interface, client, mask ? mask : class_mask(client));
    if (interface_up(interface))
        return "the interface does not go up";
    struct route route = {.gateway = gateway};
    if (gateway && route_add(&route))
        return "the gateway is not on the interface's network";
    return NULL;
}

void configure_by_command_line(const char *command_line)
{
    char field[FIELDS][FIELD_BYTES] = {{0}};
    const char *value = option_value(command_line, "ip");

    if (!value)
        return;
    const char *wrong = split(value, field) ? configure(field) : "it has too many parts";
    if (wrong)
        kprintf("ip=: %s\n", wrong);
}
