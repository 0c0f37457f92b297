/* SPDX-License-Identifier: GPL-2.0-only */
/* The PCI bus: configuration mechanism 1, base addresses that move, masters, shared lines. */
#include "sim/dev/pci/pci.h"
#include "tests/unit/sim_device_world.h"

#include <criterion/criterion.h>
#include <string.h>

static struct bus bus;
static struct pci pci;
static struct pci_function card, other;
static unsigned configured, line_up[24];

static uint32_t answer(void *device, const struct access *access)
{
    return access->offset + (device == &card ? 0x40 : 0x80);
}

static void swallow(void *device, const struct access *access, uint32_t value)
{
    (void)device;
    (void)access;
    (void)value;
}

static void told(void *owner)
{
    configured += owner == &card;
}

static void wire(void *owner, unsigned line, bool level)
{
    (void)owner;
    line_up[line] = level;
}

static void fill(struct pci_function *function, uint8_t device)
{
    *function = (struct pci_function){
        .name = "card",
        .device = device,
        .pin = 1,
        .vendor = 0x8086,
        .id = 0x1234,
        .class_revision = 0x02000003,
        .command_bits =
            PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_QUIET,
        .bar = {{BUS_MEMORY, 0x20000, BUS_ANY_WIDTH, answer, swallow, false, 0},
                {BUS_PORT, 0x40, BUS_ANY_WIDTH, answer, swallow, false, 0}},
        .configured = told,
        .owner = function,
    };
    pci_add(&pci, function);
}

static void open_bus(void)
{
    bus = (struct bus){.memory_first = 0xc0000000};
    pci = (struct pci){.world = {.memory_read = device_ram_read, .memory_write = device_ram_write},
                       .bus = &bus};
    for (unsigned i = 0; i < PCI_LINES; i++)
        pci.line[i].line = (struct irq_line){wire, NULL, PCI_FIRST_PIN + i};
    configured = 0;
    fill(&card, 3);
    fill(&other, 7);
    bus_claim(&bus, BUS_PORT,
              &(struct bus_range){"address", 0xcf8, 0xcfb, BUS_DWORDS, pci_address_read,
                                  pci_address_write, &pci});
    bus_claim(&bus, BUS_PORT,
              &(struct bus_range){"data", 0xcfc, 0xcff, BUS_ANY_WIDTH, pci_data_read,
                                  pci_data_write, &pci});
}

static void close_bus(void)
{
    bus_close(&bus);
}

TestSuite(sim_pci, .init = open_bus, .fini = close_bus);

static uint32_t in(uint32_t port, unsigned bytes)
{
    return bus_port_read(&bus, &(struct access){.address = port, .bytes = bytes});
}

static void out(uint32_t port, unsigned bytes, uint32_t value)
{
    bus_port_write(&bus, &(struct access){.address = port, .bytes = bytes}, value);
}

static uint32_t config_in(unsigned device, unsigned offset, unsigned bytes)
{
    out(0xcf8, 4, 0x80000000 | device << 11 | (offset & 0xfc));
    return in(0xcfc + (offset & 3), bytes);
}

static void config_out(unsigned device, unsigned offset, unsigned bytes, uint32_t value)
{
    out(0xcf8, 4, 0x80000000 | device << 11 | (offset & 0xfc));
    out(0xcfc + (offset & 3), bytes, value);
}

Test(sim_pci, identity_by_every_width)
{
    cr_expect_eq(config_in(3, 0, 4), 0x12348086);
    cr_expect_eq(config_in(3, 2, 2), 0x1234);
    cr_expect_eq(config_in(3, 1, 1), 0x80);
    cr_expect_eq(config_in(3, 8, 4), 0x02000003);
    cr_expect_eq(config_in(3, 0x3d, 1), 1);
    config_out(3, 0, 4, 0);
    config_out(3, 8, 4, 0xffffffff);
    config_out(3, 0x3d, 1, 4);
    cr_expect_eq(config_in(3, 0, 4), 0x12348086, "read-only");
    cr_expect_eq(config_in(3, 8, 4), 0x02000003, "read-only");
    cr_expect_eq(config_in(3, 0x3d, 1), 1, "read-only");
    config_out(3, 0x3c, 1, 11);
    cr_expect_eq(config_in(3, 0x3c, 2), 0x010b);
}

Test(sim_pci, nobody_reads_ones)
{
    cr_expect_eq(config_in(4, 0, 4), 0xffffffff, "no such device");
    out(0xcf8, 4, 0x80000000 | 3 << 11 | 1 << 8);
    cr_expect_eq(in(0xcfc, 4), 0xffffffff, "no such function");
    out(0xcf8, 4, 0x80010000 | 3 << 11);
    cr_expect_eq(in(0xcfc, 4), 0xffffffff, "no such bus");
    out(0xcf8, 4, 3 << 11);
    cr_expect_eq(in(0xcfc, 2), 0xffff, "not enabled");
    out(0xcfc, 4, 0);
}

Test(sim_pci, the_address_is_a_dword)
{
    out(0xcf8, 4, 0xffffffff);
    cr_expect_eq(in(0xcf8, 4), 0x80fffffc);
    out(0xcf8, 1, 0);
    out(0xcfa, 2, 0);
    cr_expect_eq(in(0xcf8, 4), 0x80fffffc);
    cr_expect_eq(in(0xcf8, 2), 0xffff);
}

Test(sim_pci, base_addresses_are_sized_and_move)
{
    config_out(3, 0x10, 4, 0xffffffff);
    config_out(3, 0x14, 4, 0xffffffff);
    config_out(3, 0x18, 4, 0xffffffff);
    cr_expect_eq(config_in(3, 0x10, 4), 0xfffe0000);
    cr_expect_eq(config_in(3, 0x14, 4), 0xffffffc1);
    cr_expect_eq(config_in(3, 0x18, 4), 0);
    config_out(3, 0x14, 4, 0xc000);
    cr_expect_eq(in(0xc010, 1), 0xff, "not enabled");
    config_out(3, 4, 2, PCI_COMMAND_IO);
    cr_expect_eq(in(0xc010, 1), 0x50);
    config_out(3, 0x14, 4, 0xd000);
    cr_expect_eq(in(0xc010, 1), 0xff, "gone");
    cr_expect_eq(in(0xd03f, 1), 0x7f, "moved");
    config_out(3, 0x15, 1, 0xe0);
    cr_expect_eq(in(0xe000, 1), 0x40, "by a byte");
    config_out(3, 4, 2, 0);
    cr_expect_eq(in(0xe000, 1), 0xff, "switched off");
    cr_expect_gt(configured, 5);
}

Test(sim_pci, an_address_of_somebody_else_is_not_taken)
{
    config_out(3, 4, 2, 0xffff);
    config_out(7, 4, 2, 0xffff);
    config_out(3, 0x14, 4, 0xc000);
    config_out(7, 0x14, 4, 0xc000);
    cr_expect_eq(in(0xc000, 1), 0x40);
    config_out(7, 0x14, 4, 0xcc0);
    cr_expect_eq(config_in(7, 0, 4), 0x12348086, "configuration stays reachable");
    config_out(3, 0x14, 4, 0xc100);
    config_out(7, 0x14, 4, 0xc000);
    cr_expect_eq(in(0xc000, 1), 0x80);
    config_out(3, 0x10, 4, 0x00100000);
    cr_expect_not(card.bar[0].claimed, "RAM");
    config_out(3, 0x10, 4, 0xf0000000);
    cr_expect(card.bar[0].claimed);
    cr_expect_eq(bus_memory_read(&bus, &(struct access){.address = 0xf0000004, .bytes = 4}), 0x44);
    config_out(3, 0x14, 4, 0xfffffff0);
    cr_expect_not(card.bar[1].claimed, "no port");
}

Test(sim_pci, masters_are_enabled_and_abort)
{
    uint8_t data[4] = {1, 2, 3, 4}, back[4];

    cr_expect_not(pci_master_write(&card, 0x10, data, 4), "not enabled");
    cr_expect_eq(config_in(3, 6, 2), 0, "which is no abort");
    config_out(3, 4, 2, PCI_COMMAND_MASTER);
    cr_expect(pci_master_write(&card, 0x10, data, 4));
    cr_expect(pci_master_read(&card, 0x10, back, 4));
    cr_expect_arr_eq(data, back, 4);
    cr_expect_not(pci_master_read(&card, 0xfffffffe, back, 4));
    cr_expect_eq(config_in(3, 6, 2), PCI_STATUS_MASTER_ABORT);
    config_out(3, 4, 2, 0);
    cr_expect_eq(config_in(3, 6, 2), PCI_STATUS_MASTER_ABORT, "the other register's bytes");
    config_out(3, 6, 2, 0xffff);
    cr_expect_eq(config_in(3, 6, 2), 0, "a one clears it");
}

Test(sim_pci, lines_are_shared_and_quiet)
{
    cr_expect_eq(pci_ioapic_pin(3, 1), 19);
    cr_expect_eq(pci_ioapic_pin(3, 2), 16);
    pci_interrupt(&card, true);
    pci_interrupt(&other, true);
    cr_expect(line_up[19], "devices 3 and 7 are on one line");
    cr_expect_eq(config_in(3, 6, 2), PCI_STATUS_INTERRUPT);
    config_out(3, 4, 2, PCI_COMMAND_QUIET);
    cr_expect(line_up[19], "the other holds it");
    pci_interrupt(&other, false);
    cr_expect_not(line_up[19]);
    config_out(3, 4, 2, 0);
    cr_expect(line_up[19], "it still wants to");
    pci_interrupt(&card, false);
    cr_expect_not(line_up[19]);
}
