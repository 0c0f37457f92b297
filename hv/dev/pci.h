/* SPDX-License-Identifier: GPL-2.0-only */
/* pci.h - configuration space of PCI functions on bus 0 (PCI 2.3, 3.2.2.3, 6) */
#ifndef HV_PCI_H
#define HV_PCI_H

#include "hv/include/types.h"

#define PCI_COMMAND        0x04 /* offsets of dwords */
#define PCI_CLASS          0x08
#define PCI_BAR(n)         (0x10 + 4 * (n))
#define PCI_INTERRUPT      0x3c
#define PCI_COMMAND_IO     0x1u
#define PCI_COMMAND_MEMORY 0x2u
#define PCI_COMMAND_MASTER 0x4u

/* The first function of a class (class << 8 | subclass), as an address; 0: there is none. */
uint32_t pci_find(uint16_t class);
uint32_t pci_read(uint32_t function, uint32_t offset);
void pci_write(uint32_t function, uint32_t offset, uint32_t value);

#endif
