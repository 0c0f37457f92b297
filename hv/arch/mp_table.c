/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mp_table.c - the tables in which firmware lists processors, buses, I/O APICs and interrupts
 *
 * A pointer somewhere below 1 MB leads to a table of entries, the processors' of 20 bytes, all
 * others of 8. What interrupt entries leave to the bus ("conforms") is edge and active high for
 * ISA, level and active low for PCI.
 *
 * Source: Intel MultiProcessor Specification 1.4, chapter 4.
 */
#include "hv/include/arch/mp_table.h"
#include "hv/include/arch/boot.h"
#include "hv/include/lib.h"
#include "hv/include/mm.h"

struct PACKED mp_pointer {
    char signature[4]; /* "_MP_" */
    uint32_t table;
    uint8_t length, revision, checksum, features[5];
};

struct PACKED mp_table {
    char signature[4]; /* "PCMP" */
    uint16_t length;
    uint8_t revision, checksum;
    char oem[8], product[12];
    uint32_t oem_table;
    uint16_t oem_length, entries;
    uint32_t apic;
    uint16_t extended_length;
    uint8_t extended_checksum, reserved;
};

enum mp_type { MP_PROCESSOR, MP_BUS, MP_IOAPIC, MP_INTERRUPT, MP_TYPES };

/* The entries of chapter 4.3, by their types. */
struct PACKED mp_entry {
    uint8_t type;
    union {
        struct PACKED {
            uint8_t apic_id, apic_version, flags;
            uint32_t signature, features, reserved[2];
        } processor;
        struct PACKED {
            uint8_t id;
            char name[6];
        } bus;
        struct PACKED {
            uint8_t id, version, flags;
            uint32_t address;
        } ioapic;
        struct PACKED {
            uint8_t kind;
            uint16_t flags;
            uint8_t bus, line, ioapic, pin;
        } interrupt;
    };
};

#define MP_ENABLED        1
#define MP_KIND_INT       0
#define MP_POLARITY(f)    ((f)&3)
#define MP_TRIGGER(f)     ((f) >> 2 & 3)
#define MP_CONFORMS       0
#define MP_LOW_OR_LEVEL   3
#define MP_ALL_IOAPICS    0xff
#define MP_PROCESSOR_SIZE 20
#define MP_OTHER_SIZE     8

static bool checksum_is_zero(const void *bytes, unsigned length)
{
    const uint8_t *p = bytes;
    uint8_t sum = 0;

    while (length-- > 0)
        sum += *p++;
    return sum == 0;
}

static const struct mp_pointer *find_pointer(uint32_t from, uint32_t bytes)
{
    for (uint32_t at = from; at + sizeof(struct mp_pointer) <= from + bytes; at += 16) {
        const struct mp_pointer *p = low_memory(at);

        if (memcmp(p->signature, "_MP_", 4) == 0 && checksum_is_zero(p, sizeof(*p)))
            return p;
    }
    return NULL;
}

static const struct mp_table *find_table(void)
{
    uint32_t ebda = (uint32_t)(*(uint16_t *)low_memory(0x40e)) << 4;
    uint32_t base_end = (uint32_t)(*(uint16_t *)low_memory(0x413)) * KB;
    const struct mp_pointer *pointer = NULL;
    const struct mp_table *table;

    if (ebda >= 0x400 && ebda < 0xa0000)
        pointer = find_pointer(ebda, KB);
    if (!pointer && base_end >= KB && base_end <= 0xa0000)
        pointer = find_pointer(base_end - KB, KB);
    if (!pointer)
        pointer = find_pointer(0xf0000, 0x10000);
    if (!pointer || pointer->table == 0 || pointer->table >= MB - sizeof(*table))
        return NULL;
    table = low_memory(pointer->table);
    if (memcmp(table->signature, "PCMP", 4) != 0 || pointer->table + table->length > MB ||
        !checksum_is_zero(table, table->length))
        return NULL;
    return table;
}

/* The entry behind `last` of this type; behind NULL the first. NULL: there are no more. */
static const struct mp_entry *next_entry(const struct mp_entry *last, enum mp_type type)
{
    static const struct mp_table *table;
    const uint8_t *at, *end;
    bool behind = !last;

    if (!table)
        table = find_table();
    if (!table)
        return NULL;
    at = (const uint8_t *)(table + 1);
    end = (const uint8_t *)table + table->length;
    for (unsigned i = 0; i < table->entries && at < end; i++) {
        const struct mp_entry *entry = (const void *)at;
        unsigned size = entry->type == MP_PROCESSOR ? MP_PROCESSOR_SIZE : MP_OTHER_SIZE;

        if (at + size > end)
            break;
        if (behind && entry->type == type)
            return entry;
        behind = behind || entry == last;
        at += size;
    }
    return NULL;
}

unsigned mp_processors(unsigned without, uint8_t *ids, unsigned most)
{
    const struct mp_entry *entry = NULL;
    unsigned found = 0;

    while (found < most && (entry = next_entry(entry, MP_PROCESSOR)) != NULL) {
        if ((entry->processor.flags & MP_ENABLED) && entry->processor.apic_id != without)
            ids[found++] = entry->processor.apic_id;
    }
    return found;
}

bool mp_ioapic(uint32_t *address, uint8_t *id)
{
    const struct mp_entry *entry = NULL;

    while ((entry = next_entry(entry, MP_IOAPIC)) != NULL) {
        if (entry->ioapic.flags & MP_ENABLED) {
            *address = entry->ioapic.address;
            *id = entry->ioapic.id;
            return true;
        }
    }
    return false;
}

/* Whether a bus is the one of this name whose number among those of its name is `number`. */
static bool is_bus(uint8_t id, const char *name, unsigned number)
{
    const struct mp_entry *entry = NULL;

    while ((entry = next_entry(entry, MP_BUS)) != NULL) {
        if (memcmp(entry->bus.name, name, sizeof(entry->bus.name)) == 0 && number-- == 0)
            return entry->bus.id == id;
    }
    return false;
}

static bool find_interrupt(const char *name, unsigned number, unsigned line,
                           struct mp_interrupt *result)
{
    const struct mp_entry *entry = NULL;
    bool pci = name[0] == 'P';
    uint32_t address;
    uint8_t ioapic;

    if (!mp_ioapic(&address, &ioapic))
        return false;
    while ((entry = next_entry(entry, MP_INTERRUPT)) != NULL) {
        unsigned polarity = MP_POLARITY(entry->interrupt.flags);
        unsigned trigger = MP_TRIGGER(entry->interrupt.flags);

        if (entry->interrupt.kind != MP_KIND_INT || entry->interrupt.line != line ||
            !is_bus(entry->interrupt.bus, name, number) ||
            (entry->interrupt.ioapic != ioapic && entry->interrupt.ioapic != MP_ALL_IOAPICS))
            continue;
        result->pin = entry->interrupt.pin;
        result->low = polarity == MP_CONFORMS ? pci : polarity == MP_LOW_OR_LEVEL;
        result->level = trigger == MP_CONFORMS ? pci : trigger == MP_LOW_OR_LEVEL;
        return true;
    }
    return false;
}

bool mp_isa_interrupt(unsigned line, struct mp_interrupt *result)
{
    return find_interrupt("ISA   ", 0, line, result);
}

bool mp_pci_interrupt(unsigned bus, unsigned device, unsigned intx, struct mp_interrupt *result)
{
    return find_interrupt("PCI   ", bus, device * 4 + intx, result);
}

bool mp_has_pci(void)
{
    const struct mp_entry *entry = NULL;

    while ((entry = next_entry(entry, MP_BUS)) != NULL) {
        if (memcmp(entry->bus.name, "PCI   ", sizeof(entry->bus.name)) == 0)
            return true;
    }
    return false;
}
