/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dma.c - a device as master of the bus
 *
 * Addresses come from descriptors that the guest wrote, so any is possible. Only RAM is reached: a
 * transfer that leaves it is refused as a whole, as a bridge ends it by master abort, and the
 * device says so in its status. Transfers from device to device do not exist.
 */
#include "sim/machine/dma.h"

#include "sim/machine/machine.h"

#include <string.h>

static bool reach(struct machine *machine, uint32_t physical, uint32_t bytes, bool write)
{
    if ((uint64_t)physical + bytes > machine->config.ram_bytes) {
        machine->dma.refused++;
        return false;
    }
    if (bytes)
        cpu_device_access(machine->engine, physical, bytes, write, &machine->dma.lines);
    return true;
}

bool dma_read(void *owner, uint32_t physical, void *to, uint32_t bytes)
{
    struct machine *machine = owner;

    if (!reach(machine, physical, bytes, false))
        return false;
    memcpy(to, machine->ram + physical, bytes);
    machine->dma.bytes_read += bytes;
    return true;
}

bool dma_write(void *owner, uint32_t physical, const void *from, uint32_t bytes)
{
    struct machine *machine = owner;

    if (!reach(machine, physical, bytes, true))
        return false;
    memcpy(machine->ram + physical, from, bytes);
    machine->dma.bytes_written += bytes;
    return true;
}
