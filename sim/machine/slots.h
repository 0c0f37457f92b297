/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * slots.h - the PCI bus of a machine that has cards, and its bridges
 *
 * The functions are those of a PC of its time: an 82441FX as host bridge (00:00.0) and an 82371SB's
 * bridge to ISA (00:01.0). A machine without a disk and without a network has no such bus.
 */
#ifndef XENOLITH_SIM_SLOTS_H
#define XENOLITH_SIM_SLOTS_H

#include "sim/dev/pci/pci.h"

struct machine;

struct slots {
    struct pci pci;
    struct pci_function host, isa;
};

/* Puts the bus on the machine's; `set` drives lines of the interrupt controllers, with the machine
 * as owner. */
void slots_open(struct machine *machine, const struct device_world *world,
                void (*set)(void *owner, unsigned line, bool level));

/* The devices on it, bit N for number N. */
uint32_t slots_devices(const struct machine *machine);

#endif
