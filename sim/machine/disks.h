/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * disks.h - what a machine with disks has beside the others: a PCI bus, its bridges, the controller
 *
 * The functions are those of a PC of its time: an 82441FX as host bridge (00:00.0), an 82371SB's
 * bridge to ISA (00:01.0) and its IDE controller (00:01.1). A machine without disks has none.
 */
#ifndef XENOLITH_SIM_DISKS_H
#define XENOLITH_SIM_DISKS_H

#include "sim/dev/ide/ide.h"

#define DISKS_MAX IDE_DISKS

struct machine;

struct disks {
    struct pci pci;
    struct pci_function host, isa;
    struct ide ide;
};

/* Puts the disks of the machine's configuration, if there are any, on its bus; `set` drives lines
 * of the interrupt controllers, with the machine as owner. */
void disks_open(struct machine *machine, const struct device_world *world,
                void (*set)(void *owner, unsigned line, bool level));

/* Whether a disk will end a command, which may interrupt somebody. */
bool disks_busy(const struct machine *machine);

/* Whether the machine has a disk; and its PCI devices, bit N for number N. */
bool disks_present(const struct machine *machine);
uint32_t disks_pci_devices(const struct machine *machine);

#endif
