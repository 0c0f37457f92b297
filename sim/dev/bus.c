/* SPDX-License-Identifier: GPL-2.0-only */
/* bus.c - see bus.h; ranges of a space are an array by address, searched by halving */
#include "sim/dev/bus.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void device_refuse(const struct device_world *world, const char *format, ...)
{
    char sentence[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(sentence, sizeof(sentence), format, arguments);
    va_end(arguments);
    if (world->refuse)
        world->refuse(world->machine, sentence);
}

/* ---- claims ---------------------------------------------------------------------------------- */

/* The index of the first range that ends at `address` or above. */
static unsigned search(const struct bus_ranges *ranges, uint32_t address)
{
    unsigned low = 0, high = ranges->count;

    while (low < high) {
        unsigned middle = (low + high) / 2;

        if (ranges->range[middle].last < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool makes_sense(const struct bus *bus, enum bus_space space, const struct bus_range *range)
{
    bool within = space == BUS_PORT ? range->last < BUS_PORTS : range->first >= bus->memory_first;

    return within && range->first <= range->last && range->read && range->write && range->widths &&
           !(range->widths & ~(unsigned)BUS_ANY_WIDTH);
}

static void make_room(struct bus_ranges *ranges)
{
    unsigned room = ranges->room ? 2 * ranges->room : 16;
    struct bus_range *grown;

    if (ranges->count < ranges->room)
        return;
    grown = realloc(ranges->range, room * sizeof(*grown));
    if (!grown) {
        fprintf(stderr, "xenolith: no memory for the ranges of the bus\n");
        abort();
    }
    ranges->range = grown;
    ranges->room = room;
}

bool bus_claim(struct bus *bus, enum bus_space space, const struct bus_range *range)
{
    struct bus_ranges *ranges = &bus->space[space];
    unsigned at;

    if (!makes_sense(bus, space, range))
        return false;
    at = search(ranges, range->first);
    if (at < ranges->count && ranges->range[at].first <= range->last)
        return false;
    make_room(ranges);
    memmove(&ranges->range[at + 1], &ranges->range[at],
            (ranges->count - at) * sizeof(*ranges->range));
    ranges->range[at] = *range;
    ranges->count++;
    return true;
}

bool bus_release(struct bus *bus, enum bus_space space, uint32_t first, const void *device)
{
    struct bus_ranges *ranges = &bus->space[space];
    unsigned at = search(ranges, first);

    if (at == ranges->count || ranges->range[at].first != first ||
        ranges->range[at].device != device)
        return false;
    ranges->count--;
    memmove(&ranges->range[at], &ranges->range[at + 1],
            (ranges->count - at) * sizeof(*ranges->range));
    return true;
}

void bus_close(struct bus *bus)
{
    for (unsigned space = 0; space < BUS_SPACES; space++)
        free(bus->space[space].range);
}

/* ---- nobody ---------------------------------------------------------------------------------- */

static void unclaimed(struct bus *bus, enum bus_space space, uint32_t address, bool is_write)
{
    struct bus_unclaimed *entry = bus->unclaimed;
    bool memory = space == BUS_MEMORY;

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

/* ---- accesses -------------------------------------------------------------------------------- */

static uint32_t ones(unsigned bytes)
{
    return UINT32_MAX >> (32 - 8 * bytes);
}

/* Copies the range that takes an access whole: a device may give it back while it answers. */
static bool find(const struct bus *bus, enum bus_space space, const struct access *access,
                 struct bus_range *found)
{
    const struct bus_ranges *ranges = &bus->space[space];
    unsigned at = search(ranges, access->address);
    uint64_t last = (uint64_t)access->address + access->bytes - 1;

    if (at == ranges->count || ranges->range[at].first > access->address ||
        ranges->range[at].last < last || !(ranges->range[at].widths & access->bytes) ||
        (space == BUS_PORT && access->address % access->bytes))
        return false;
    *found = ranges->range[at];
    return true;
}

/* Whether any range has a byte of an access: where none has, memory is not split. */
static bool touches(const struct bus *bus, enum bus_space space, const struct access *access)
{
    const struct bus_ranges *ranges = &bus->space[space];
    unsigned at = search(ranges, access->address);

    return at < ranges->count &&
           ranges->range[at].first <= (uint64_t)access->address + access->bytes - 1;
}

/* One half of an access; port numbers have 16 bits. */
static struct access half(enum bus_space space, const struct access *access, unsigned number)
{
    struct access part = *access;

    part.bytes /= 2;
    part.address += number * part.bytes;
    if (space == BUS_PORT)
        part.address %= BUS_PORTS;
    return part;
}

static uint32_t read_part(struct bus *bus, enum bus_space space, struct access *access)
{
    struct bus_range range;
    uint32_t value = 0;

    if (find(bus, space, access, &range)) {
        access->offset = access->address - range.first;
        return range.read(range.device, access) & ones(access->bytes);
    }
    if (access->bytes == 1 || (space == BUS_MEMORY && !touches(bus, space, access))) {
        unclaimed(bus, space, access->address, false);
        return ones(access->bytes);
    }
    for (unsigned i = 0; i < 2; i++) {
        struct access part = half(space, access, i);

        value |= read_part(bus, space, &part) << (8 * part.bytes * i);
    }
    return value;
}

static void write_part(struct bus *bus, enum bus_space space, struct access *access, uint32_t value)
{
    struct bus_range range;

    value &= ones(access->bytes);
    if (find(bus, space, access, &range)) {
        access->offset = access->address - range.first;
        range.write(range.device, access, value);
        return;
    }
    if (access->bytes == 1 || (space == BUS_MEMORY && !touches(bus, space, access))) {
        unclaimed(bus, space, access->address, true);
        return;
    }
    for (unsigned i = 0; i < 2; i++) {
        struct access part = half(space, access, i);

        write_part(bus, space, &part, value >> (8 * part.bytes * i));
    }
}

uint32_t bus_port_read(struct bus *bus, struct access *access)
{
    access->address %= BUS_PORTS;
    return read_part(bus, BUS_PORT, access);
}

void bus_port_write(struct bus *bus, struct access *access, uint32_t value)
{
    access->address %= BUS_PORTS;
    write_part(bus, BUS_PORT, access, value);
}

uint32_t bus_memory_read(struct bus *bus, struct access *access)
{
    return read_part(bus, BUS_MEMORY, access);
}

void bus_memory_write(struct bus *bus, struct access *access, uint32_t value)
{
    write_part(bus, BUS_MEMORY, access, value);
}
