/* SPDX-License-Identifier: GPL-2.0-only */
/* table.c - see table.h */
#include "workloads/dom0/volumes/table.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

static const char magic[8] = "XenoVol1";

/* ---- the sum --------------------------------------------------------------------------------- */

/* CRC-32 with the polynomial of IEEE 802.3, bits reversed. */
static uint32_t crc(uint32_t sum, const void *from, size_t bytes)
{
    const uint8_t *byte = from;

    for (size_t i = 0; i < bytes; i++) {
        sum ^= byte[i];
        for (unsigned bit = 0; bit < 8; bit++)
            sum = sum >> 1 ^ (sum & 1 ? 0xedb88320u : 0);
    }
    return sum;
}

static uint32_t sum_of(const struct volume_table *table)
{
    static const uint32_t zero;
    size_t before = offsetof(struct volume_table, sum), after = before + sizeof(table->sum);
    uint32_t sum = crc(~0u, table, before);

    sum = crc(sum, &zero, sizeof(zero));
    return ~crc(sum, (const char *)table + after, sizeof(*table) - after);
}

void volume_table_seal(struct volume_table *table)
{
    table->sum = sum_of(table);
}

void volume_table_init(struct volume_table *table, uint32_t units)
{
    memset(table, 0, sizeof(*table));
    memcpy(table->magic, magic, sizeof(magic));
    table->generation = 1;
    table->units = units;
}

/* ---- units that are in use ------------------------------------------------------------------- */

static bool used(const uint8_t *map, uint32_t unit)
{
    return map[unit / 8] & 1u << unit % 8;
}

/* False: not all of the extent lies in the pool, or some of it is in use. */
static bool mark(uint8_t *map, uint32_t units, const struct volume_extent *extent)
{
    if (!extent->units || extent->first >= units || extent->units > units - extent->first)
        return false;
    for (uint32_t unit = extent->first; unit < extent->first + extent->units; unit++) {
        if (used(map, unit))
            return false;
        map[unit / 8] |= (uint8_t)(1u << unit % 8);
    }
    return true;
}

static bool map_of(const struct volume_table *table, uint8_t map[VOLUME_UNITS_MOST / 8])
{
    memset(map, 0, VOLUME_UNITS_MOST / 8);
    map[0] = 1;
    for (uint32_t i = 0; i < table->count; i++) {
        const struct volume *volume = &table->volume[i];

        if (!volume->extents || volume->extents > VOLUME_EXTENTS)
            return false;
        for (uint32_t j = 0; j < volume->extents; j++)
            if (!mark(map, table->units, &volume->extent[j]))
                return false;
    }
    return true;
}

/* ---- looking --------------------------------------------------------------------------------- */

bool volume_name_valid(const char *name)
{
    size_t length = strnlen(name, VOLUME_NAME_BYTES);

    if (length == VOLUME_NAME_BYTES || !isalnum((unsigned char)*name))
        return false;
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)name[i]) && !strchr("._-+", name[i]))
            return false;
    return true;
}

bool volume_table_valid(const struct volume_table *table, uint32_t units)
{
    static uint8_t map[VOLUME_UNITS_MOST / 8];

    if (memcmp(table->magic, magic, sizeof(magic)) != 0 || table->sum != sum_of(table) ||
        table->count > VOLUMES_MOST || table->units < 2 || table->units > units ||
        table->units > VOLUME_UNITS_MOST)
        return false;
    for (uint32_t i = 0; i < table->count; i++)
        if (!volume_name_valid(table->volume[i].name) ||
            volume_find(table, table->volume[i].name) != &table->volume[i])
            return false;
    return map_of(table, map);
}

const struct volume *volume_find(const struct volume_table *table, const char *name)
{
    for (uint32_t i = 0; i < table->count; i++)
        if (strncmp(table->volume[i].name, name, VOLUME_NAME_BYTES) == 0)
            return &table->volume[i];
    return NULL;
}

uint32_t volume_units(const struct volume *volume)
{
    uint32_t units = 0;

    for (uint32_t i = 0; i < volume->extents; i++)
        units += volume->extent[i].units;
    return units;
}

uint32_t volume_table_free(const struct volume_table *table)
{
    uint32_t left = table->units - 1;

    for (uint32_t i = 0; i < table->count; i++)
        left -= volume_units(&table->volume[i]);
    return left;
}

/* ---- changing -------------------------------------------------------------------------------- */

/* The first gap of `wanted` units; if there is none, the largest one. 0 units: all is in use. */
static struct volume_extent gap(const uint8_t *map, uint32_t units, uint32_t wanted)
{
    struct volume_extent best = {0, 0};

    for (uint32_t unit = 1; unit < units; unit++) {
        uint32_t first = unit;

        while (unit < units && !used(map, unit) && unit - first < wanted)
            unit++;
        if (unit - first > best.units)
            best = (struct volume_extent){first, unit - first};
        if (best.units == wanted)
            break;
    }
    return best;
}

const char *volume_add(struct volume_table *table, const char *name, uint32_t units)
{
    static uint8_t map[VOLUME_UNITS_MOST / 8];
    struct volume volume = {0};

    if (!volume_name_valid(name))
        return "a volume's name has at most 31 letters, digits and . _ - +";
    if (volume_find(table, name))
        return "there is a volume of that name already";
    if (table->count == VOLUMES_MOST)
        return "there are 256 volumes already";
    if (!units || units > volume_table_free(table) || !map_of(table, map))
        return "there is not so much room";
    strcpy(volume.name, name);
    while (units) {
        struct volume_extent extent = gap(map, table->units, units);

        if (volume.extents == VOLUME_EXTENTS || !mark(map, table->units, &extent))
            return "the room is in more than 16 pieces";
        volume.extent[volume.extents++] = extent;
        units -= extent.units;
    }
    table->volume[table->count++] = volume;
    table->generation++;
    return NULL;
}

bool volume_remove(struct volume_table *table, const char *name)
{
    const struct volume *volume = volume_find(table, name);
    uint32_t at = volume ? (uint32_t)(volume - table->volume) : 0;

    if (!volume)
        return false;
    table->count--;
    memmove(&table->volume[at], &table->volume[at + 1],
            (table->count - at) * sizeof(table->volume[0]));
    memset(&table->volume[table->count], 0, sizeof(table->volume[0]));
    table->generation++;
    return true;
}
