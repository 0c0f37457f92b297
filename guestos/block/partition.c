/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * partition.c - the table in a disk's first sector: four entries of 16 bytes at 446, then 0x55 0xaa
 *
 * An entry: a flag (0 or 0x80), three bytes of old address, a type (0: unused), three more, first
 * sector, length. A file system that begins at sector 0 has other bytes here, seldom ones that pass
 * for a table: what has a wrong flag, or reaches beyond the disk, is none. Extended partitions
 * (types 5, 0x0f, 0x85) are not opened.
 */
#include "guestos/block/devices.h"

#define TABLE     446
#define ENTRY     16
#define SIGNATURE 510
#define FLAG      0x80

static uint32_t word(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static bool is_extended(uint8_t type)
{
    return type == 0x05 || type == 0x0f || type == 0x85;
}

void partitions_read(const uint8_t sector[SECTOR_BYTES], uint64_t sectors,
                     struct partition part[PARTITIONS])
{
    bool table = sector[SIGNATURE] == 0x55 && sector[SIGNATURE + 1] == 0xaa;

    for (unsigned i = 0; i < PARTITIONS; i++)
        if (sector[TABLE + i * ENTRY] & ~FLAG)
            table = false;
    for (unsigned i = 0; i < PARTITIONS; i++) {
        const uint8_t *entry = sector + TABLE + i * ENTRY;
        struct partition found = {word(entry + 8), word(entry + 12)};
        bool good = table && entry[4] && !is_extended(entry[4]) && found.first &&
                    found.first < sectors && found.sectors <= sectors - found.first;

        part[i] = good ? found : (struct partition){0};
    }
}
