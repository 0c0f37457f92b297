/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * device.h - what every device may ask of the machine around it
 *
 * A device is a plain structure with functions; it sees the machine only through a struct
 * device_world, so that it can be tested on its own. Every access carries the clock of the
 * processor that makes it: a device computes its state from that and keeps no time of its own.
 */
#ifndef XENOLITH_SIM_DEVICE_H
#define XENOLITH_SIM_DEVICE_H

#include "sim/machine/event.h"

#include <stdbool.h>
#include <stdint.h>

struct device_world {
    struct event_queue *events;
    uint64_t hz; /* cycles a second */
    /* A guest used something that the device does not implement; the sentence is copied. */
    void (*refuse)(void *machine, const char *sentence);
    void *machine;
    /* Whether the access under way comes from rings 1-3. NULL: none does. */
    bool (*outer_ring)(void *machine);
    /* The device, as master of the bus, reads or writes RAM, past the caches as they see it. May be
     * called from events and from the device's access functions. False, and nothing is moved: the
     * range is not RAM from end to end. */
    bool (*memory_read)(void *machine, uint32_t physical, void *to, uint32_t bytes);
    bool (*memory_write)(void *machine, uint32_t physical, const void *from, uint32_t bytes);
};

/* An interrupt line from a device to the interrupt controllers. */
struct irq_line {
    void (*set)(void *owner, unsigned line, bool level);
    void *owner;
    unsigned line; /* 0..15: ISA; up to 23: of the I/O APIC alone */
};

static inline void irq_set(const struct irq_line *irq, bool level)
{
    if (irq->set)
        irq->set(irq->owner, irq->line, level);
}

/* What the access functions of a device look like; `offset` counts from its first port or byte. */
struct access {
    uint64_t now;     /* cycles */
    unsigned cpu;     /* which processor asks */
    unsigned bytes;   /* 1, 2 or 4 */
    uint32_t address; /* the port, or the physical address */
    uint32_t offset;
};

typedef uint32_t device_read(void *device, const struct access *access);
typedef void device_write(void *device, const struct access *access, uint32_t value);

/* amount * to / from without overflow in between, rounded down. */
static inline uint64_t scale(uint64_t amount, uint64_t to, uint64_t from)
{
    return (uint64_t)((unsigned __int128)amount * to / from);
}

/* The same, rounded up: the first cycle at which `amount` ticks are complete. */
static inline uint64_t scale_up(uint64_t amount, uint64_t to, uint64_t from)
{
    return (uint64_t)(((unsigned __int128)amount * to + from - 1) / from);
}

/*
 * Whether what an access asks for is to be ignored, since the device has it not and rings 1-3 ask:
 * for what would be refused only later, when nobody asks any more.
 */
static inline bool device_ignores(const struct device_world *world, bool implemented)
{
    return !implemented && world->outer_ring && world->outer_ring(world->machine);
}

/* Says through world->refuse what was asked for, printf-like. */
__attribute__((format(printf, 2, 3))) void device_refuse(const struct device_world *world,
                                                         const char *format, ...);

#endif
