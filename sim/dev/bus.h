/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * bus.h - who answers which port or physical address
 *
 * Ports are looked up in a table of one byte each, device memory by page. As on a PC, where nobody
 * answers a read gives all ones and a write is lost; each such address is counted, and the run
 * names it at its end, so that a driver that talks to nobody is noticed.
 */
#ifndef XENOLITH_SIM_BUS_H
#define XENOLITH_SIM_BUS_H

#include "sim/dev/device.h"

#define BUS_DEVICES_MAX   32
#define BUS_UNCLAIMED_MAX 16

struct bus_range {
    const char *name;
    uint32_t first, last; /* ports or physical addresses, inclusive */
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
    struct bus_range range[BUS_DEVICES_MAX];
    unsigned ranges;
    uint8_t port[65536]; /* 1 + index in range[], 0: nobody */
    struct bus_unclaimed unclaimed[BUS_UNCLAIMED_MAX];
    unsigned unclaimed_count;
    uint64_t unclaimed_more; /* accesses beyond what unclaimed[] can name */
};

/* Claims ports first..last. A port claimed twice is an error of the program and aborts. */
void bus_claim_ports(struct bus *bus, const char *name, uint32_t first, uint32_t last,
                     device_read *read, device_write *write, void *device);

/* Claims physical addresses. */
void bus_claim_memory(struct bus *bus, const char *name, uint32_t first, uint32_t last,
                      device_read *read, device_write *write, void *device);

/* `access->address` says where; offset is filled in. Wider port accesses to a device of byte
 * registers are split as the PC's bus splits them. */
uint32_t bus_port_read(struct bus *bus, struct access *access);
void bus_port_write(struct bus *bus, struct access *access, uint32_t value);
uint32_t bus_memory_read(struct bus *bus, struct access *access);
void bus_memory_write(struct bus *bus, struct access *access, uint32_t value);

#endif
