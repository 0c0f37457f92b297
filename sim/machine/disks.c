/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/machine/disks.h"

#include "sim/machine/wiring.h"

#include <stdio.h>
#include <stdlib.h>

#define CLASS_HOST_BRIDGE 0x06000002
#define CLASS_ISA_BRIDGE  0x06010000
#define ISA_LINE          14 /* of the first channel */

static void failed(void *owner, const char *sentence)
{
    machine_end_run(owner, MACHINE_REFUSED, sentence);
}

static void open_pci(struct machine *machine, const struct device_world *world,
                     void (*set)(void *owner, unsigned line, bool level))
{
    struct disks *disks = &machine->disks;
    struct pci *pci = &disks->pci;

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
    disks->host = (struct pci_function){
        .name = "host bridge", .vendor = 0x8086, .id = 0x1237, .class_revision = CLASS_HOST_BRIDGE};
    disks->isa = (struct pci_function){.name = "ISA bridge",
                                       .device = 1,
                                       .many = true,
                                       .vendor = 0x8086,
                                       .id = 0x7000,
                                       .class_revision = CLASS_ISA_BRIDGE};
    pci_add(pci, &disks->host);
    pci_add(pci, &disks->isa);
}

bool disks_present(const struct machine *machine)
{
    return machine->config.disk[0] != NULL;
}

bool disks_busy(const struct machine *machine)
{
    for (unsigned i = 0; i < IDE_CHANNELS; i++)
        if (event_pending(&machine->disks.ide.channel[i].done))
            return true;
    return false;
}

uint32_t disks_pci_devices(const struct machine *machine)
{
    uint32_t devices = 0;

    for (unsigned i = 0; i < machine->disks.pci.count; i++)
        devices |= UINT32_C(1) << machine->disks.pci.function[i]->device;
    return devices;
}

void disks_open(struct machine *machine, const struct device_world *world,
                void (*set)(void *owner, unsigned line, bool level))
{
    struct ide *ide = &machine->disks.ide;

    if (!disks_present(machine))
        return;
    open_pci(machine, world, set);
    ide->world = *world;
    ide->failed = failed;
    for (unsigned i = 0; i < IDE_CHANNELS; i++)
        ide->channel[i].irq = (struct irq_line){set, machine, ISA_LINE + i};
    for (unsigned i = 0; i < DISKS_MAX; i++) {
        ide->channel[0].disk[i].image = machine->config.disk[i];
        ide->channel[0].disk[i].mechanics =
            (struct mechanics){.costs = &machine->config.devices, .hz = world->hz};
    }
    ide_open(ide, &machine->disks.pci, 1, 1);
}
