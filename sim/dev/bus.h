/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bus.h - who answers which port or physical address
 *
 * Devices claim ranges of ports or of memory and give them back, also while the machine runs: the
 * addresses of PCI devices are the guest's to choose. Two ranges never overlap; who comes second is
 * refused. Where nobody answers, as on a PC, a read gives all ones and a write is lost; each such
 * address is counted, and the run names it at its end, so that a driver that talks to nobody is
 * noticed.
 */
#ifndef XENOLITH_SIM_BUS_H
#define XENOLITH_SIM_BUS_H

#include "sim/dev/device.h"

#define BUS_PORTS         0x10000u
#define BUS_UNCLAIMED_MAX 16

enum bus_space { BUS_PORT, BUS_MEMORY, BUS_SPACES };

/* Widths of access that a device takes whole, as a sum of 1, 2 and 4. */
enum { BUS_BYTES = 1, BUS_WORDS = 2, BUS_DWORDS = 4, BUS_ANY_WIDTH = 7 };

struct bus_range {
    const char *name;
    uint32_t first, last; /* ports or physical addresses, inclusive */
    unsigned widths;
    device_read *read;
    device_write *write;
    void *device;
};

struct bus_unclaimed {
    uint32_t address;
    bool memory; /* device memory, not a port */
    uint64_t reads, writes;
};

struct bus {
    struct bus_ranges {
        struct bus_range *range; /* by address */
        unsigned count, room;
    } space[BUS_SPACES];
    uint32_t memory_first; /* devices' memory lies from here to 4 GB; RAM below */
    struct bus_unclaimed unclaimed[BUS_UNCLAIMED_MAX];
    unsigned unclaimed_count;
    uint64_t unclaimed_more; /* accesses beyond what unclaimed[] can name */
};

/*
 * Claims a range, which is copied; its name must last. False, and nothing changes: it overlaps one
 * that is claimed, ends before it begins, lies outside of the space (ports above 0xffff, memory
 * below memory_first), or takes no width.
 */
bool bus_claim(struct bus *bus, enum bus_space space, const struct bus_range *range);

/* Gives back the range of `device` that begins at `first`. False: it has none there. Allowed from
 * within the range's own functions. */
bool bus_release(struct bus *bus, enum bus_space space, uint32_t first, const void *device);

void bus_close(struct bus *bus);

/*
 * Accesses of a processor; `access->address` says where, `access->bytes` is 1, 2 or 4, and offset
 * is filled in. A device gets an access whole if it lies within its range, its width is one that
 * the device takes and, for ports, it is aligned. Any other is split into halves, the lower first,
 * down to bytes, as a PC's bridges split it.
 */
uint32_t bus_port_read(struct bus *bus, struct access *access);
void bus_port_write(struct bus *bus, struct access *access, uint32_t value);
uint32_t bus_memory_read(struct bus *bus, struct access *access);
void bus_memory_write(struct bus *bus, struct access *access, uint32_t value);

#endif
