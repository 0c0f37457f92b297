/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pit.h - the 8254 interval timer, and port 0x61 that gates its channel 2
 *
 * After Intel's 8254 data sheet. Channel 0 drives ISA line 0; channel 2 is what kernels measure
 * their clocks by. Present: modes 0, 2 and 3, latch and read-back commands, all byte orders. A new
 * count of a running periodic channel takes effect at once instead of at the end of the period.
 * Absent, and refused when used: modes 1, 4, 5, BCD, channel 1 (memory refresh).
 */
#ifndef XENOLITH_SIM_PIT_H
#define XENOLITH_SIM_PIT_H

#include "sim/dev/device.h"

#define PIT_HZ 1193182u

struct pit_channel {
    uint8_t mode;      /* 0, 2 or 3 */
    uint8_t order;     /* 1 low byte, 2 high byte, 3 low then high */
    uint8_t low;       /* first byte of two written */
    bool half_written; /* the low byte is there */
    bool half_read;
    bool counting; /* a count was loaded since the mode was set */
    bool gate;
    uint32_t reload;  /* 1..65536 */
    uint64_t start;   /* cycle at which the count began, or began again */
    uint64_t counted; /* ticks done before `start`, while the gate was open */
    bool latched, status_latched;
    uint16_t latch;
    uint8_t status;
};

struct pit {
    struct device_world world;
    struct irq_line irq;
    struct pit_channel channel[3];
    uint8_t speaker; /* port 0x61, writable bits */
    struct event tick;
};

/* As a PC's firmware leaves it, channel 0 at 18.2 Hz; the caller has set world and irq. */
void pit_open(struct pit *pit);

/* Ports 0x40-0x43. */
uint32_t pit_read(void *pit, const struct access *access);
void pit_write(void *pit, const struct access *access, uint32_t value);

/* Port 0x61: bit 0 gate of channel 2, bit 1 speaker, bit 4 refresh, bit 5 output of channel 2. */
uint32_t pit_port61_read(void *pit, const struct access *access);
void pit_port61_write(void *pit, const struct access *access, uint32_t value);

#endif
