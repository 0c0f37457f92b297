/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * pci.c - configuration space by mechanism 1 (PCI 2.3, 3.2.2.3): an address to one port, data
 * through another
 */
#include "guestos/arch/native/native.h"

#define ADDRESS_PORT 0xcf8
#define DATA_PORT    0xcfc
#define ENABLE       0x80000000u
#define NOBODY       0xffffffffu
#define CLASS        8
#define HEADER       12
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

/* Bus 0 alone: a PC's own devices are on it. */
uint32_t pci_next(uint32_t after, uint16_t class)
{
    uint32_t number = after ? (after >> 8 & 0xff) + 1 : 0;

    for (; number < 256; number++) {
        uint32_t function = ENABLE | number << 8, first = function & ~0x700u;

        if (pci_read(first, 0) == NOBODY ||
            (function != first && !(pci_read(first, HEADER) & MANY)))
            number |= 7; /* the next device */
        else if (pci_read(function, 0) != NOBODY && pci_read(function, CLASS) >> 16 == class)
            return function;
    }
    return 0;
}
