/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/machine/slots.h"

#include "sim/machine/machine.h"

#include <stdio.h>
#include <stdlib.h>

#define CLASS_HOST_BRIDGE 0x06000002
#define CLASS_ISA_BRIDGE  0x06010000

void slots_open(struct machine *machine, const struct device_world *world,
                void (*set)(void *owner, unsigned line, bool level))
{
    struct slots *slots = &machine->slots;
    struct pci *pci = &slots->pci;

    *pci = (struct pci){.world = *world, .bus = &machine->bus};
    for (unsigned i = 0; i < PCI_LINES; i++)
        pci->line[i].line = (struct irq_line){set, machine, PCI_FIRST_PIN + i};
    if (!bus_claim(&machine->bus, BUS_PORT,
                   &(struct bus_range){"PCI address", PCI_ADDRESS_PORT, PCI_ADDRESS_PORT + 3,
                                       BUS_DWORDS, pci_address_read, pci_address_write, pci}) ||
        !bus_claim(&machine->bus, BUS_PORT,
                   &(struct bus_range){"PCI data", PCI_DATA_PORT, PCI_DATA_PORT + 3, BUS_ANY_WIDTH,
                                       pci_data_read, pci_data_write, pci})) {
        fprintf(stderr, "xenolith: somebody else has the ports of PCI\n");
        abort();
    }
    slots->host = (struct pci_function){
        .name = "host bridge", .vendor = 0x8086, .id = 0x1237, .class_revision = CLASS_HOST_BRIDGE};
    slots->isa = (struct pci_function){.name = "ISA bridge",
                                       .device = 1,
                                       .many = true,
                                       .vendor = 0x8086,
                                       .id = 0x7000,
                                       .class_revision = CLASS_ISA_BRIDGE};
    pci_add(pci, &slots->host);
    pci_add(pci, &slots->isa);
}

uint32_t slots_devices(const struct machine *machine)
{
    uint32_t devices = 0;

    for (unsigned i = 0; i < machine->slots.pci.count; i++)
        devices |= UINT32_C(1) << machine->slots.pci.function[i]->device;
    return devices;
}
