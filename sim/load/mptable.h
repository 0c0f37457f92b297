/* SPDX-License-Identifier: GPL-2.0-only */
/* mptable.h - what firmware leaves in memory: the Intel MP tables and the BIOS data area */
#ifndef XENOLITH_SIM_MPTABLE_H
#define XENOLITH_SIM_MPTABLE_H

#include <stdint.h>

#define FIRMWARE_EBDA 0x9fc00u /* extended BIOS data area, the last kB below 640 kB */
#define FIRMWARE_BIOS 0xf0000u

/* Writes the tables for `processors` processors into guest memory. */
void mptable_write(uint8_t *ram, unsigned processors);

#endif
