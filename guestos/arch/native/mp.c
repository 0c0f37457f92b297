/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mp.c - how many processors there are (Intel MultiProcessor Specification 1.4, chapter 4)
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
#define PROCESSOR_BYTES  20
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

unsigned mp_find(uint8_t ids[CPU_LIMIT])
{
    uint32_t bios_data = (uint32_t) * (const uint16_t *)low(0x40e) << 4,
             base_kb = *(const uint16_t *)low(0x413);
    const struct floating_pointer *p = NULL;

    ids[0] = (uint8_t)apic_id();
    if (bios_data >= 0x400 && bios_data < 0xa0000)
        p = search(bios_data, 1024);
    if (!p && base_kb && base_kb <= 640)
        p = search(base_kb * 1024 - 1024, 1024);
    if (!p)
        p = search(0xf0000, 0x10000);
    if (!p || !p->table || p->table >= LOW_MEMORY - sizeof(struct table_header))
        return 1;
    const struct table_header *table = low(p->table);
    if (memcmp(table->signature, "PCMP", 4) || p->table + table->length > LOW_MEMORY ||
        table->length < sizeof(*table) || !sum_is_zero(table, table->length))
        return 1;
    unsigned n = 1;
    const uint8_t *entry = (const uint8_t *)(table + 1),
                  *end = (const uint8_t *)table + table->length;
    for (uint32_t i = 0; i < table->entries && entry + PROCESSOR_BYTES <= end; i++) {
        if (entry[0] != ENTRY_PROCESSOR) /* processors come first */
            break;
        if (entry[3] & PROCESSOR_USABLE && !(entry[3] & PROCESSOR_BOOT) && n < CPU_LIMIT)
            ids[n++] = entry[1];
        entry += PROCESSOR_BYTES;
    }
    return n;
}
