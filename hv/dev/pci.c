/* SPDX-License-Identifier: GPL-2.0-only */
/* pci.c - mechanism 1: an address to one port, data through another */
#include "hv/dev/pci.h"
#include "hv/include/arch/x86.h"

#define ADDRESS_PORT 0xcf8
#define DATA_PORT    0xcfc
#define ENABLE       0x80000000u
#define NOBODY       0xffffffffu
#define HEADER       0x0c
#define MANY         0x00800000u /* a device of several functions */

uint32_t pci_read(uint32_t function, uint32_t offset)
{
    outl(ADDRESS_PORT, function | offset);
    return inl(DATA_PORT);
}

void pci_write(uint32_t function, uint32_t offset, uint32_t value)
{
    outl(ADDRESS_PORT, function | offset);
    outl(DATA_PORT, value);
}

uint32_t pci_find(uint16_t class)
{
    for (uint32_t device = 0; device < 32; device++) {
        uint32_t first = ENABLE | device << 11, functions;

        if (pci_read(first, 0) == NOBODY)
            continue;
        functions = pci_read(first, HEADER) & MANY ? 8 : 1;
        for (uint32_t i = 0; i < functions; i++) {
            uint32_t function = first | i << 8;

            if (pci_read(function, 0) != NOBODY && pci_read(function, PCI_CLASS) >> 16 == class)
                return function;
        }
    }
    return 0;
}
