/* SPDX-License-Identifier: GPL-2.0-only */
/* mptable.h - what firmware leaves in memory: the Intel MP tables and the BIOS data area */
#ifndef XENOLITH_SIM_MPTABLE_H
#define XENOLITH_SIM_MPTABLE_H

#include <stdint.h>

#define FIRMWARE_EBDA 0x9fc00u /* extended BIOS data area, the last kB below 640 kB */
#define FIRMWARE_BIOS 0xf0000u

/*
 * Writes the tables for `processors` processors into guest memory. Bit N of `pci_devices`: device N
 * of PCI bus 0 is there, and its four lines are listed; 0: there is no such bus.
 */
void mptable_write(uint8_t *ram, unsigned processors, uint32_t pci_devices);

#endif
