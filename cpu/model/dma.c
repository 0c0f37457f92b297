/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * dma.c - devices that read and write memory, as the caches see it
 *
 * The bus is snooped: the caches see a device's accesses as they see those of another processor.
 * What the device reads is written back first where it is dirty and stays, clean; what it writes
 * leaves every cache, that of code too, dirty lines by way of memory, for a device may write a part
 * of a line. (PCI has a command that promises whole lines, Memory Write and Invalidate, which need
 * no write-back; it is not modelled.)
 *
 * A transfer holds the bus for as long as a processor's line does. Each processor has a bus of its
 * own here (l2.c) whose time is the processor's clock: a transfer is put on each, behind what waits
 * there. Nobody's clock moves; who misses next waits. A device that wants its transfers spread over
 * the time they take on the wire moves them in pieces.
 */
#include "cpu/model/hierarchy.h"

static void snoop(struct timing *t, uint32_t line, bool write, struct cpu_device_lines *lines)
{
    bool in_l2 = false, in_l1i = false, dirty;

    if (write) {
        dirty = l2_drop(t, line, &in_l2);
        in_l1i = fetch_invalidate(t, line);
    } else {
        dirty = l2_share(t, line);
    }
    lines->written_back += dirty;
    lines->dropped += in_l2 || in_l1i;
}

void timing_device(struct timing *t, uint32_t physical, uint32_t bytes, bool write,
                   struct cpu_device_lines *lines)
{
    uint32_t first = physical >> COSTS_LINE_BITS;
    uint32_t count;
    struct timing *at = t;

    if (!bytes)
        return;
    count = (uint32_t)(((uint64_t)physical + bytes - 1) >> COSTS_LINE_BITS) - first + 1;
    lines->moved += count;
    do {
        if (at->costs->memory_coherent)
            for (uint32_t i = 0; i < count; i++)
                snoop(at, first + i, write, lines);
        if (at->costs->l2_enabled)
            l2_occupy(at, count);
        at = at->next;
    } while (at != t);
}
