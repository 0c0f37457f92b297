/* SPDX-License-Identifier: GPL-2.0-only */
/* pci.h - configuration space of the functions on PCI bus 0 (PCI 2.3, 3.2.2.3 and 6) */
#ifndef XENOLITH_PC_PCI_H
#define XENOLITH_PC_PCI_H

#include "include/freestanding/types.h"

#define PCI_COMMAND        0x04 /* offsets of dwords */
#define PCI_CLASS          0x08
#define PCI_BAR(n)         (0x10 + 4 * (n))
#define PCI_INTERRUPT      0x3c
#define PCI_COMMAND_IO     0x1u
#define PCI_COMMAND_MEMORY 0x2u
#define PCI_COMMAND_MASTER 0x4u

/*
 * The first function of a class (class << 8 | subclass) behind another, by its address in
 * configuration space; 0 begins, and ends. A PC's own devices are all on bus 0.
 */
uint32_t pci_next(uint32_t after, uint16_t class);

/* A register, by the offset of its dword. */
uint32_t pci_read(uint32_t function, uint32_t offset);
void pci_write(uint32_t function, uint32_t offset, uint32_t value);

/* Lets a function answer as these bits of its command register say, and leaves its status alone. */
void pci_enable(uint32_t function, uint32_t commands);

#endif
