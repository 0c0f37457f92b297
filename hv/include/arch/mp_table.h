/* SPDX-License-Identifier: GPL-2.0-only */
/* mp_table.h - what the MP tables say of processors and interrupts (arch/mp_table.c) */
#ifndef HV_MP_TABLE_H
#define HV_MP_TABLE_H

#include "hv/include/types.h"

/* APIC ids of enabled processors but `without`, in the tables' order: how many, at most `most`. */
unsigned mp_processors(unsigned without, uint8_t *ids, unsigned most);

/* The physical address of the first I/O APIC that may be used, and its id. False: there is none. */
bool mp_ioapic(uint32_t *address, uint8_t *id);

/* An interrupt of a bus at a pin of that I/O APIC. */
struct mp_interrupt {
    uint8_t pin;
    bool level; /* triggered by level, not by edge */
    bool low;   /* active low */
};

/*
 * Line 0..15 of the ISA bus; a line of a PCI bus, which is the device's number times 4 and 0..3 for
 * INTA# to INTD#. `bus` counts PCI buses as PCI does. False: the tables do not say where it goes.
 */
bool mp_isa_interrupt(unsigned line, struct mp_interrupt *result);
bool mp_pci_interrupt(unsigned bus, unsigned device, unsigned intx, struct mp_interrupt *result);

/* Whether the tables name a PCI bus. */
bool mp_has_pci(void);

#endif
