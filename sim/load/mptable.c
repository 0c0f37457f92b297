/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mptable.c - after Intel's MultiProcessor Specification 1.4, chapter 4
 *
 * The floating pointer lies in the EBDA, whose segment is at 0x40e, the configuration table in the
 * BIOS area. ISA interrupts go to the pin of their number but the timer, which goes to pin 2. A PCI
 * bus, if there is one, has number 0, as PCI itself numbers it, and the ISA bus behind it number 1.
 */
#include "sim/load/mptable.h"

#include "sim/dev/ioapic.h"
#include "sim/dev/lapic.h"
#include "sim/dev/pci/pci.h"

#include <stddef.h>
#include <string.h>

#define POINTER_AT (FIRMWARE_EBDA + 0x10)
#define TABLE_AT   (FIRMWARE_BIOS + 0x100)

struct pointer {
    char signature[4];
    uint32_t table;
    uint8_t length; /* in 16 bytes */
    uint8_t revision, checksum, features[5];
} __attribute__((packed));

struct table {
    char signature[4];
    uint16_t length;
    uint8_t revision, checksum;
    char oem[8], product[12];
    uint32_t oem_table;
    uint16_t oem_bytes, entries;
    uint32_t lapic;
    uint16_t extended_bytes;
    uint8_t extended_checksum, reserved;
} __attribute__((packed));

struct processor_entry {
    uint8_t type, lapic_id, lapic_version, flags;
    uint32_t signature, features, reserved[2];
} __attribute__((packed));

struct bus_entry {
    uint8_t type, id;
    char name[6];
} __attribute__((packed));

struct ioapic_entry {
    uint8_t type, id, version, flags;
    uint32_t address;
} __attribute__((packed));

struct interrupt_entry {
    uint8_t type, kind;
    uint16_t flags;
    uint8_t source_bus, source_line, target, pin;
} __attribute__((packed));

enum { ENTRY_PROCESSOR, ENTRY_BUS, ENTRY_IOAPIC, ENTRY_INTERRUPT, ENTRY_LOCAL };
enum { KIND_INT, KIND_NMI, KIND_SMI, KIND_EXTINT };

#define PROCESSOR_ENABLED 1
#define PROCESSOR_BOOT    2
#define XEON_SIGNATURE    0x0f27 /* family 15, model 2, stepping 7 */
#define HAS_FPU_APIC      0x0201
#define ALL_LAPICS        0xff
#define ACTIVE_HIGH_LEVEL 0x0d

static uint8_t checksum(const uint8_t *bytes, size_t count)
{
    uint8_t sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += bytes[i];
    return (uint8_t)-sum;
}

struct writer {
    uint8_t *base;
    uint16_t length, entries;
};

static void append(struct writer *writer, const void *entry, size_t bytes)
{
    memcpy(writer->base + writer->length, entry, bytes);
    writer->length += (uint16_t)bytes;
    writer->entries++;
}

/* Lines of PCI devices: the source is the device's number and INTA# to INTD# as 0 to 3. */
static void append_pci(struct writer *writer, uint8_t ioapic, uint32_t devices)
{
    for (uint8_t source = 0; source < 32 * PCI_LINES; source++) {
        unsigned device = source / PCI_LINES;
        uint8_t pin = (uint8_t)pci_ioapic_pin(device, source % PCI_LINES + 1);
        struct interrupt_entry entry = {ENTRY_INTERRUPT, KIND_INT, ACTIVE_HIGH_LEVEL, 0, source,
                                        ioapic,          pin};

        if (devices >> device & 1)
            append(writer, &entry, sizeof(entry));
    }
}

static void append_interrupts(struct writer *writer, uint8_t ioapic, uint8_t isa)
{
    for (uint8_t line = 0; line < 16; line++) {
        struct interrupt_entry entry = {ENTRY_INTERRUPT,     KIND_INT, 0, isa, line, ioapic,
                                        line == 0 ? 2 : line};

        if (line != 2)
            append(writer, &entry, sizeof(entry));
    }
    append(writer, &(struct interrupt_entry){ENTRY_LOCAL, KIND_EXTINT, 0, isa, 0, 0, 0},
           sizeof(struct interrupt_entry));
    append(writer, &(struct interrupt_entry){ENTRY_LOCAL, KIND_NMI, 0, isa, 0, ALL_LAPICS, 1},
           sizeof(struct interrupt_entry));
}

static void write_table(uint8_t *ram, unsigned processors, uint32_t pci_devices)
{
    struct table table = {.signature = "PCMP",
                          .revision = 4,
                          .oem = "XENOLITH",
                          .product = "SIMULATED PC",
                          .lapic = LAPIC_BASE};
    struct writer writer = {ram + TABLE_AT, sizeof(table), 0};
    uint8_t id = ioapic_id(processors), isa = pci_devices ? 1 : 0;

    for (unsigned i = 0; i < processors; i++) {
        struct processor_entry entry = {
            .type = ENTRY_PROCESSOR,
            .lapic_id = (uint8_t)i,
            .lapic_version = 0x14,
            .flags = i == 0 ? PROCESSOR_ENABLED | PROCESSOR_BOOT : PROCESSOR_ENABLED,
            .signature = XEON_SIGNATURE,
            .features = HAS_FPU_APIC,
        };

        append(&writer, &entry, sizeof(entry));
    }
    if (pci_devices)
        append(&writer, &(struct bus_entry){ENTRY_BUS, 0, "PCI   "}, sizeof(struct bus_entry));
    append(&writer, &(struct bus_entry){ENTRY_BUS, isa, "ISA   "}, sizeof(struct bus_entry));
    append(&writer, &(struct ioapic_entry){ENTRY_IOAPIC, id, 0x20, 1, IOAPIC_BASE},
           sizeof(struct ioapic_entry));
    append_pci(&writer, id, pci_devices);
    append_interrupts(&writer, id, isa);
    table.length = writer.length;
    table.entries = writer.entries;
    memcpy(ram + TABLE_AT, &table, sizeof(table));
    ram[TABLE_AT + offsetof(struct table, checksum)] = checksum(ram + TABLE_AT, table.length);
}

void mptable_write(uint8_t *ram, unsigned processors, uint32_t pci_devices)
{
    struct pointer pointer = {.signature = "_MP_", .table = TABLE_AT, .length = 1, .revision = 4};
    const uint16_t ebda_segment = FIRMWARE_EBDA >> 4, base_kilobytes = FIRMWARE_EBDA >> 10;

    pointer.checksum = checksum((const uint8_t *)&pointer, sizeof(pointer));
    memcpy(ram + POINTER_AT, &pointer, sizeof(pointer));
    ram[FIRMWARE_EBDA] = 1; /* size of the EBDA in kB */
    memcpy(ram + 0x40e, &ebda_segment, sizeof(ebda_segment));
    memcpy(ram + 0x413, &base_kilobytes, sizeof(base_kilobytes));
    write_table(ram, processors, pci_devices);
}
