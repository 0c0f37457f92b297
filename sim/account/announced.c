/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * announced.c - counter tables that guests keep in their memory
 *
 * A table is a claim by software that may be wrong or hostile: magic, count, bounds, contiguity and
 * every name are checked when it is announced, the names are copied, and only the values are read
 * again later, from the physical addresses checked then.
 */
#include "sim/account/account.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_BYTES 4096u

static const struct announced_counters *table_at(const struct machine *machine, uint32_t physical)
{
    return (const struct announced_counters *)(const void *)(machine->ram + physical);
}

/* Whether linear..linear+bytes is one stretch of RAM; where it begins. */
static bool contiguous(const struct machine *machine, unsigned cpu, uint32_t linear, uint32_t bytes,
                       uint32_t *physical)
{
    uint32_t expect;

    if (linear + bytes < linear || !cpu_translate(machine->cpu[cpu], linear, physical))
        return false;
    if (*physical > machine->config.ram_bytes || bytes > machine->config.ram_bytes - *physical)
        return false;
    expect = *physical - linear % PAGE_BYTES;
    for (uint64_t page = linear - linear % PAGE_BYTES; page < (uint64_t)linear + bytes;
         page += PAGE_BYTES) {
        uint32_t found;

        if (!cpu_translate(machine->cpu[cpu], (uint32_t)page, &found) || found != expect)
            return false;
        expect += PAGE_BYTES;
    }
    return true;
}

static bool good_name(const char *name)
{
    size_t length = strnlen(name, ANNOUNCE_NAME_BYTES);

    if (length == 0 || length == ANNOUNCE_NAME_BYTES)
        return false;
    for (size_t i = 0; i < length; i++)
        if (!islower((unsigned char)name[i]) && !isdigit((unsigned char)name[i]) &&
            name[i] != '_' && name[i] != '.')
            return false;
    return true;
}

bool counter_table_take(struct counter_table *table, const struct machine *machine, unsigned cpu,
                        unsigned ring, uint32_t linear)
{
    const struct announced_counters *guest;
    struct counter_table taken = {.present = true};
    uint32_t bytes = sizeof(*guest);

    if (linear % 4 || !contiguous(machine, cpu, linear, bytes, &taken.physical))
        return false;
    guest = table_at(machine, taken.physical);
    taken.count = guest->count;
    if (guest->magic != ANNOUNCE_COUNTERS_MAGIC || taken.count == 0 ||
        taken.count > ANNOUNCE_COUNTERS_MAX)
        return false;
    bytes += taken.count * (uint32_t)sizeof(guest->counter[0]);
    if (!contiguous(machine, cpu, linear, bytes, &taken.physical) ||
        (ring != 0 && linear % PAGE_BYTES + bytes > PAGE_BYTES))
        return false;
    for (uint32_t i = 0; i < taken.count; i++)
        if (!good_name(guest->counter[i].name))
            return false;
    taken.names = calloc(taken.count, sizeof(*taken.names));
    taken.now = calloc(taken.count, sizeof(*taken.now));
    taken.start = calloc(taken.count, sizeof(*taken.start));
    if (!taken.names || !taken.now || !taken.start) {
        counter_table_free(&taken);
        return false;
    }
    for (uint32_t i = 0; i < taken.count; i++)
        memcpy(taken.names[i], guest->counter[i].name, ANNOUNCE_NAME_BYTES);
    counter_table_free(table);
    *table = taken;
    return true;
}

void counter_table_read(struct counter_table *table, const struct machine *machine)
{
    if (!table->physical)
        return;
    for (uint32_t i = 0; i < table->count; i++)
        memcpy(&table->now[i],
               machine->ram + table->physical + offsetof(struct announced_counters, counter) +
                   i * sizeof(struct announced_counter) + ANNOUNCE_NAME_BYTES,
               sizeof(table->now[i]));
}

void counter_table_free(struct counter_table *table)
{
    free(table->names);
    free(table->now);
    free(table->start);
    *table = (struct counter_table){0};
}

bool counter_value(const struct counter_table *table, const char *name, uint64_t *now,
                   uint64_t *in_window)
{
    for (uint32_t i = 0; table->present && i < table->count; i++)
        if (!strcmp(table->names[i], name)) {
            *now = table->now[i];
            if (in_window)
                *in_window = table->now[i] - table->start[i];
            return true;
        }
    return false;
}
