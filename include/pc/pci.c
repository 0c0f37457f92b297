/* SPDX-License-Identifier: GPL-2.0-only */
/* pci.c - mechanism 1: an address to one port, data through another */
#include "include/pc/pci.h"

#include "include/pc/port.h"

#define ADDRESS_PORT 0xcf8
#define DATA_PORT    0xcfc
#define ENABLE       0x80000000u
#define NOBODY       0xffffffffu
#define HEADER       0x0c
#define MANY         0x00800000u /* a device of several functions */

uint32_t pci_read(uint32_t function, uint32_t offset)
{
    out32(ADDRESS_PORT, function | offset);
    return in32(DATA_PORT);
}

void pci_write(uint32_t function, uint32_t offset, uint32_t value)
{
    out32(ADDRESS_PORT, function | offset);
    out32(DATA_PORT, value);
}

uint32_t pci_next(uint32_t after, uint16_t class)
{
    uint32_t number = after ? (after >> 8 & 0xff) + 1 : 0;

    for (; number < 256; number++) {
        uint32_t function = ENABLE | number << 8, first = function & ~0x700u;

        if (pci_read(first, 0) == NOBODY ||
            (function != first && !(pci_read(first, HEADER) & MANY)))
            number |= 7; /* the next device */
        else if (pci_read(function, 0) != NOBODY && pci_read(function, PCI_CLASS) >> 16 == class)
            return function;
    }
    return 0;
}

/* Ones of the status half would clear its bits. */
void pci_enable(uint32_t function, uint32_t commands)
{
    pci_write(function, PCI_COMMAND, (pci_read(function, PCI_COMMAND) & 0xffff) | commands);
}
