/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ioapic.h - the 82093AA I/O interrupt controller: 24 pins, each with a redirection entry
 *
 * ISA line 0 (the timer) is wired to pin 2, the others to the pin of their number; the MP tables
 * say so. Message modes that the local APIC refuses are refused there, when the message is sent; an
 * entry that rings 1-3 would unmask with one stays as it was.
 */
#ifndef XENOLITH_SIM_IOAPIC_H
#define XENOLITH_SIM_IOAPIC_H

#include "sim/dev/lapic.h"

#define IOAPIC_BASE  0xfec00000u
#define IOAPIC_BYTES 0x1000u
#define IOAPIC_PINS  24

struct ioapic {
    struct device_world world;
    struct lapic_system *lapics;
    uint8_t select;
    uint32_t id;
    uint32_t lines;
    uint64_t entry[IOAPIC_PINS];
};

/* As after reset, all pins masked; the caller has set world and lapics. */
void ioapic_open(struct ioapic *ioapic);
/* Its registers: select at offset 0, data at 0x10. */
uint32_t ioapic_read(void *ioapic, const struct access *access);
void ioapic_write(void *ioapic, const struct access *access, uint32_t value);

/* Level of a line: 0..15 are those of ISA, the others pins 16..23. */
void ioapic_line(struct ioapic *ioapic, unsigned line, bool level);

/* The I/O APIC's id on a machine of so many processors: local APICs have the ids below it. */
static inline uint8_t ioapic_id(unsigned processors)
{
    return (uint8_t)(processors < 2 ? 2 : processors);
}

/* Whether an edge on that line would be heard. */
bool ioapic_listens(const struct ioapic *ioapic, unsigned line);

/* A processor ended the service of a level-triggered vector. */
void ioapic_end(struct ioapic *ioapic, uint8_t vector);

#endif
