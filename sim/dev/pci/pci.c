/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/dev/pci/pci.h"

#include <assert.h>
#include <string.h>

#define ADDRESS_ENABLE   0x80000000u
#define ADDRESS_WRITABLE 0x80fffffcu
#define STATUS_HIGH      (PCI_STATUS + 1)
#define STATUS_CLEARED   0xf9 /* of its high byte: bits that a one clears */
#define BAR_PORTS        1u   /* bit 0: ports, not memory */
#define HEADER_TYPE      0x0e
#define HEADER_MANY      0x80

/* ---- registers ------------------------------------------------------------------------------- */

uint16_t pci_get16(const struct pci_function *function, unsigned offset)
{
    return (uint16_t)(function->config[offset] | function->config[offset + 1] << 8);
}

uint32_t pci_get32(const struct pci_function *function, unsigned offset)
{
    return pci_get16(function, offset) | (uint32_t)pci_get16(function, offset + 2) << 16;
}

static void put(uint8_t *bytes, unsigned count, uint32_t value)
{
    for (unsigned i = 0; i < count; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
}

void pci_set16(struct pci_function *function, unsigned offset, uint16_t value)
{
    put(function->config + offset, 2, value);
}

void pci_set32(struct pci_function *function, unsigned offset, uint32_t value)
{
    put(function->config + offset, 4, value);
}

static uint16_t command(const struct pci_function *function)
{
    return pci_get16(function, PCI_COMMAND);
}

/* ---- base addresses -------------------------------------------------------------------------- */

static void unclaim(struct pci_function *function, struct pci_bar *bar)
{
    if (bar->claimed)
        bus_release(function->pci->bus, bar->space, bar->at, function->owner);
    bar->claimed = false;
}

static bool claim(struct pci_function *function, struct pci_bar *bar)
{
    return bus_claim(function->pci->bus, bar->space,
                     &(struct bus_range){function->name, bar->at, bar->at + (bar->bytes - 1),
                                         bar->widths, bar->read, bar->write, function->owner});
}

void pci_release(struct pci_function *function)
{
    for (unsigned i = 0; i < PCI_BARS; i++)
        unclaim(function, &function->bar[i]);
}

bool pci_claim_again(struct pci_function *function)
{
    for (unsigned i = 0; i < PCI_BARS; i++) {
        struct pci_bar *bar = &function->bar[i];
        bool wanted = bar->claimed;

        bar->claimed = false;
        if (!wanted)
            continue;
        bar->claimed = bar->bytes && !(bar->at & (bar->bytes - 1)) && claim(function, bar);
        if (!bar->claimed)
            return false;
    }
    return true;
}

static void apply_bar(struct pci_function *function, unsigned index)
{
    struct pci_bar *bar = &function->bar[index];
    uint32_t at = pci_get32(function, PCI_BAR + 4 * index) & ~(bar->bytes - 1);
    uint16_t enable = bar->space == BUS_PORT ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY;
    bool wanted = bar->bytes && command(function) & enable && at != 0;

    if (bar->claimed && (!wanted || bar->at != at))
        unclaim(function, bar);
    if (!wanted || bar->claimed)
        return;
    bar->at = at;
    bar->claimed = claim(function, bar);
}

void pci_apply(struct pci_function *function)
{
    for (unsigned i = 0; i < PCI_BARS; i++)
        apply_bar(function, i);
}

/* ---- interrupts ------------------------------------------------------------------------------ */

static unsigned line_of(unsigned device, unsigned pin)
{
    return (device + pin - 1) % PCI_LINES;
}

unsigned pci_ioapic_pin(unsigned device, unsigned pin)
{
    return PCI_FIRST_PIN + line_of(device, pin);
}

static void pull(struct pci_function *function)
{
    struct pci *pci = function->pci;
    unsigned source = 0;
    bool level = function->config[PCI_STATUS] & PCI_STATUS_INTERRUPT &&
                 !(command(function) & PCI_COMMAND_QUIET);

    while (pci->function[source] != function)
        source++;
    if (function->pin)
        irq_shared_set(&pci->line[line_of(function->device, function->pin)], source, level);
}

void pci_interrupt(struct pci_function *function, bool level)
{
    uint8_t *status = &function->config[PCI_STATUS];

    *status = (uint8_t)(level ? *status | PCI_STATUS_INTERRUPT : *status & ~PCI_STATUS_INTERRUPT);
    pull(function);
}

/* ---- masters --------------------------------------------------------------------------------- */

/* An address at which nobody answers ends the transfer, and the master's status says so. */
static bool answered(struct pci_function *function, bool done)
{
    if (!done)
        function->config[STATUS_HIGH] |= PCI_STATUS_MASTER_ABORT >> 8;
    return done;
}

bool pci_master_read(struct pci_function *function, uint32_t physical, void *to, uint32_t bytes)
{
    const struct device_world *world = &function->pci->world;

    return command(function) & PCI_COMMAND_MASTER &&
           answered(function, world->memory_read(world->machine, physical, to, bytes));
}

bool pci_master_write(struct pci_function *function, uint32_t physical, const void *from,
                      uint32_t bytes)
{
    const struct device_world *world = &function->pci->world;

    return command(function) & PCI_COMMAND_MASTER &&
           answered(function, world->memory_write(world->machine, physical, from, bytes));
}

/* ---- configuration --------------------------------------------------------------------------- */

static struct pci_function *selected(const struct pci *pci)
{
    uint32_t bus_device_function = pci->address >> 8 & 0xffff;

    for (unsigned i = 0; pci->address & ADDRESS_ENABLE && i < pci->count; i++)
        if (bus_device_function ==
            (uint32_t)(pci->function[i]->device << 3 | pci->function[i]->function))
            return pci->function[i];
    return NULL;
}

uint32_t pci_address_read(void *device, const struct access *access)
{
    const struct pci *pci = device;

    (void)access;
    return pci->address;
}

void pci_address_write(void *device, const struct access *access, uint32_t value)
{
    struct pci *pci = device;

    (void)access;
    pci->address = value & ADDRESS_WRITABLE;
}

uint32_t pci_data_read(void *device, const struct access *access)
{
    const struct pci *pci = device;
    const struct pci_function *function = selected(pci);
    unsigned offset = (pci->address & 0xfc) + access->offset;
    uint32_t value = 0;

    if (!function)
        return UINT32_MAX;
    for (unsigned i = 0; i < access->bytes; i++)
        value |= (uint32_t)function->config[offset + i] << 8 * i;
    return value;
}

void pci_data_write(void *device, const struct access *access, uint32_t value)
{
    struct pci *pci = device;
    struct pci_function *function = selected(pci);
    unsigned offset = (pci->address & 0xfc) + access->offset;

    if (!function)
        return;
    for (unsigned i = 0; i < access->bytes; i++) {
        uint8_t *byte = &function->config[offset + i], mask = function->writable[offset + i];
        uint8_t written = (uint8_t)(value >> 8 * i);

        *byte = (uint8_t)((*byte & ~mask) | (written & mask));
        if (offset + i == STATUS_HIGH)
            *byte &= (uint8_t) ~(written & STATUS_CLEARED);
    }
    pci_apply(function);
    pull(function);
    if (function->configured)
        function->configured(function->owner);
}

void pci_add(struct pci *pci, struct pci_function *function)
{
    assert(pci->count < PCI_FUNCTIONS_MAX);
    function->pci = pci;
    pci->function[pci->count++] = function;
    pci_set16(function, 0x00, function->vendor);
    pci_set16(function, 0x02, function->id);
    pci_set32(function, 0x08, function->class_revision);
    function->config[HEADER_TYPE] = function->many ? HEADER_MANY : 0;
    function->config[PCI_PIN] = function->pin;
    put(function->writable + PCI_COMMAND, 2, function->command_bits);
    function->writable[PCI_LINE] = 0xff;
    for (unsigned i = 0; i < PCI_BARS; i++) {
        const struct pci_bar *bar = &function->bar[i];

        if (!bar->bytes)
            continue;
        put(function->writable + PCI_BAR + 4 * i, 4, ~(bar->bytes - 1));
        pci_set32(function, PCI_BAR + 4 * i, bar->space == BUS_PORT ? BAR_PORTS : 0);
    }
}
