/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/dev/bus.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void device_refuse(const struct device_world *world, const char *format, ...)
{
    char sentence[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    if (world->refuse)
        world->refuse(world->machine, sentence);
}

static unsigned add_range(struct bus *bus, struct bus_range range)
{
    if (bus->ranges == BUS_DEVICES_MAX) {
        fprintf(stderr, "xenolith: no room on the bus for %s\n", range.name);
        abort();
    }
    bus->range[bus->ranges] = range;
    return ++bus->ranges;
}

void bus_claim_ports(struct bus *bus, const char *name, uint32_t first, uint32_t last,
                     device_read *read, device_write *write, void *device)
{
    unsigned number = add_range(bus, (struct bus_range){name, first, last, read, write, device});

    for (uint32_t port = first; port <= last; port++) {
        if (bus->port[port]) {
            fprintf(stderr, "xenolith: port 0x%x claimed twice, by %s\n", port, name);
            abort();
        }
        bus->port[port] = (uint8_t)number;
    }
}

void bus_claim_memory(struct bus *bus, const char *name, uint32_t first, uint32_t last,
                      device_read *read, device_write *write, void *device)
{
    add_range(bus, (struct bus_range){name, first, last, read, write, device});
}

static void unclaimed(struct bus *bus, uint32_t address, bool memory, bool is_write)
{
    struct bus_unclaimed *entry = bus->unclaimed;

    for (; entry < bus->unclaimed + bus->unclaimed_count; entry++)
        if (entry->address == address && entry->memory == memory)
            break;
    if (entry == bus->unclaimed + BUS_UNCLAIMED_MAX) {
        bus->unclaimed_more++;
        return;
    }
    if (entry == bus->unclaimed + bus->unclaimed_count) {
        *entry = (struct bus_unclaimed){.address = address, .memory = memory};
        bus->unclaimed_count++;
    }
    if (is_write)
        entry->writes++;
    else
        entry->reads++;
}

static uint32_t byte_read(struct bus *bus, struct access *access)
{
    unsigned number = bus->port[(uint16_t)access->address];
    const struct bus_range *range;

    if (!number) {
        unclaimed(bus, access->address, false, false);
        return 0xff;
    }
    range = &bus->range[number - 1];
    access->offset = access->address - range->first;
    return range->read(range->device, access) & 0xff;
}

static void byte_write(struct bus *bus, struct access *access, uint32_t value)
{
    unsigned number = bus->port[(uint16_t)access->address];
    const struct bus_range *range;

    if (!number) {
        unclaimed(bus, access->address, false, true);
        return;
    }
    range = &bus->range[number - 1];
    access->offset = access->address - range->first;
    range->write(range->device, access, value & 0xff);
}

/* Every device of this machine has byte ports, so a wide access is its bytes in ascending order. */
uint32_t bus_port_read(struct bus *bus, struct access *access)
{
    struct access part = *access;
    uint32_t value = 0;

    part.bytes = 1;
    for (unsigned i = 0; i < access->bytes; i++) {
        part.address = (uint16_t)(access->address + i);
        value |= byte_read(bus, &part) << (8 * i);
    }
    return value;
}

void bus_port_write(struct bus *bus, struct access *access, uint32_t value)
{
    struct access part = *access;

    part.bytes = 1;
    for (unsigned i = 0; i < access->bytes; i++) {
        part.address = (uint16_t)(access->address + i);
        byte_write(bus, &part, value >> (8 * i));
    }
}

static const struct bus_range *memory_range(const struct bus *bus, uint32_t address)
{
    for (unsigned i = 0; i < bus->ranges; i++) {
        const struct bus_range *range = &bus->range[i];

        if (range->first > 0xffff && address >= range->first && address <= range->last)
            return range;
    }
    return NULL;
}

uint32_t bus_memory_read(struct bus *bus, struct access *access)
{
    const struct bus_range *range = memory_range(bus, access->address);

    if (!range) {
        unclaimed(bus, access->address, true, false);
        return 0xffffffff >> (32 - 8 * access->bytes);
    }
    access->offset = access->address - range->first;
    return range->read(range->device, access);
}

void bus_memory_write(struct bus *bus, struct access *access, uint32_t value)
{
    const struct bus_range *range = memory_range(bus, access->address);

    if (!range) {
        unclaimed(bus, access->address, true, true);
        return;
    }
    access->offset = access->address - range->first;
    range->write(range->device, access, value);
}
