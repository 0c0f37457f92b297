/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mp.c - how many processors there are, and whether there is a PCI bus (Intel MultiProcessor
 * Specification 1.4, chapter 4)
 *
 * A floating pointer "_MP_" lies in the first kilobyte of the extended BIOS data area, in the last
 * one of base memory or in the BIOS ROM; it leads to a table "PCMP" whose first entries are the
 * processors.
 */
#include "guestos/arch/native/native.h"
#include "guestos/kernel/lib.h"

struct floating_pointer {
    char signature[4];
    uint32_t table;
    uint8_t length, revision, checksum, feature[5];
};

struct table_header {
    char signature[4];
    uint16_t length;
    uint8_t revision, checksum;
    char names[20];
    uint32_t oem;
    uint16_t oem_bytes, entries;
    uint32_t apic;
    uint16_t extended;
    uint8_t extended_checksum, reserved;
};

#define ENTRY_PROCESSOR  0
#define ENTRY_BUS        1
#define ENTRY_INTERRUPT  3
#define PROCESSOR_BYTES  20
#define OTHER_BYTES      8
#define PROCESSOR_USABLE 1
#define PROCESSOR_BOOT   2
#define LOW_MEMORY       0x100000u

static const void *low(uint32_t address)
{
    return (const void *)(KERNEL_BASE + address);
}

static bool sum_is_zero(const void *data, uint32_t bytes)
{
    uint8_t sum = 0;

    for (const uint8_t *b = data; bytes--; b++)
        sum += *b;
    return !sum;
}

static const struct floating_pointer *search(uint32_t start, uint32_t bytes)
{
    for (uint32_t at = start & ~15u; at + 16 <= start + bytes; at += 16) {
        const struct floating_pointer *p = low(at);

        if (!memcmp(p->signature, "_MP_", 4) && sum_is_zero(p, sizeof(*p)))
            return p;
    }
    return NULL;
}

/* The table, checked; NULL: there is none. */
static const struct table_header *find_table(void)
{
    uint32_t bios_data = (uint32_t) * (const uint16_t *)low(0x40e) << 4,
             base_kb = *(const uint16_t *)low(0x413);
    const struct floating_pointer *p = NULL;

    if (bios_data >= 0x400 && bios_data < 0xa0000)
        p = search(bios_data, 1024);
    if (!p && base_kb && base_kb <= 640)
        p = search(base_kb * 1024 - 1024, 1024);
    if (!p)
        p = search(0xf0000, 0x10000);
    if (!p || !p->table || p->table >= LOW_MEMORY - sizeof(struct table_header))
        return NULL;
    const struct table_header *table = low(p->table);
    bool good = !memcmp(table->signature, "PCMP", 4) && p->table + table->length <= LOW_MEMORY &&
                table->length >= sizeof(*table) && sum_is_zero(table, table->length);
    return good ? table : NULL;
}

/* The entry behind `entry`, or the first (NULL); NULL: that was the last. Processors come first. */
static const uint8_t *next_entry(const struct table_header *table, const uint8_t *entry)
{
    const uint8_t *end = (const uint8_t *)table + table->length;
    const uint8_t *next = (const uint8_t *)(table + 1);

    if (entry)
        next = entry + (entry[0] == ENTRY_PROCESSOR ? PROCESSOR_BYTES : OTHER_BYTES);
    if (next >= end)
        return NULL;
    return next + (next[0] == ENTRY_PROCESSOR ? PROCESSOR_BYTES : OTHER_BYTES) <= end ? next : NULL;
}

unsigned mp_find(uint8_t ids[CPU_LIMIT])
{
    const struct table_header *table = find_table();
    unsigned n = 1;

    ids[0] = (uint8_t)apic_id();
    for (const uint8_t *entry = NULL; table && (entry = next_entry(table, entry));)
        if (entry[0] == ENTRY_PROCESSOR && entry[3] & PROCESSOR_USABLE &&
            !(entry[3] & PROCESSOR_BOOT) && n < CPU_LIMIT)
            ids[n++] = entry[1];
    return n;
}

/* Flags of an interrupt (4.3.4): 0 is what the bus has, which is low and by level for PCI. */
static void read_flags(uint16_t flags, struct mp_line *line)
{
    line->low = (flags & 3) != 1;
    line->level = (flags >> 2 & 3) != 1;
}

static int pci_bus(const struct table_header *table)
{
    for (const uint8_t *entry = NULL; (entry = next_entry(table, entry));)
        if (entry[0] == ENTRY_BUS && !memcmp(entry + 2, "PCI", 3))
            return entry[1];
    return -1;
}

bool mp_pci_line(uint32_t function, struct mp_line *line)
{
    const struct table_header *table = find_table();
    uint32_t word = pci_read(function, PCI_INTERRUPT), intx = word >> 8 & 0xff;
    uint8_t source = (uint8_t)((function >> 11 & 0x1f) << 2 | (intx - 1));

    if (!intx || intx > 4)
        return false;
    if (!table) { /* what the BIOS has noted, of an ISA line that PCI shares */
        *line = (struct mp_line){.pin = (uint8_t)word, .low = true, .level = true};
        return line->pin && line->pin < 24;
    }
    int bus = pci_bus(table);
    for (const uint8_t *entry = NULL; (entry = next_entry(table, entry));)
        if (entry[0] == ENTRY_INTERRUPT && !entry[1] && entry[4] == bus && entry[5] == source) {
            line->pin = entry[7];
            read_flags((uint16_t)(entry[2] | entry[3] << 8), line);
            return true;
        }
    return false;
}

bool mp_has_pci(void)
{
    const struct table_header *table = find_table();

    for (const uint8_t *entry = NULL; table && (entry = next_entry(table, entry));)
        if (entry[0] == ENTRY_BUS && !memcmp(entry + 2, "PCI", 3))
            return true;
    return !table;
}
