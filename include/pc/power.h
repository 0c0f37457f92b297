/* SPDX-License-Identifier: GPL-2.0-only */
/* power.h - switching a PC off, and starting it again */
#ifndef XENOLITH_PC_POWER_H
#define XENOLITH_PC_POWER_H

#include "include/pc/access.h"

/*
 * What ACPI's tables say (ACPI 6.4: RSDP 5.2.5, FADT 5.2.9, \_S5 7.4.2). Ports are 0 if absent.
 */
struct acpi_power {
    uint16_t pm1a, pm1b;  /* PM1 control registers */
    uint16_t smi_command; /* writing `enable` to it hands the registers to us */
    uint8_t enable;
    uint8_t s5a, s5b; /* SLP_TYP of soft off */
    uint16_t reset;   /* a port; writing `reset_value` starts the machine again */
    uint8_t reset_value;
};

/* False: there are no tables, or they do not say how. A table whose sum is wrong is none. */
bool acpi_find(const struct pc_access *pc, struct acpi_power *power);

/*
 * Ends the machine: by QEMU's isa-debug-exit at port F4, which gets `value` and which the simulator
 * has too, by Bochs's port, by ACPI. Returns if none of them is there.
 */
void pc_power_off(const struct pc_access *pc, unsigned value);

/*
 * The same by port F4, so that a machine that is watched ends; else starts it again, by ACPI's
 * reset register, the keyboard controller or the chip set. Returns if none is there.
 */
void pc_restart(const struct pc_access *pc);

#endif
