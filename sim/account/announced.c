/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * announced.c - counter tables that guests keep in their memory
 *
 * A table is a claim by software that may be wrong or hostile: magic, count, bounds, contiguity and
 * every name are checked when it is announced, the names are copied, and only the values are read
 * again later, from the physical addresses checked then.
 *
 * A hypervisor gives the number of a destroyed domain away again. What such a number counted is the
 * sum over all that had it, or the totals would not be the hypervisor's: the values of an ended
 * table are carried into the next one, by name.
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

/* Counter `name` among the first `count` of `table`; `count` if it has none. */
static uint32_t counter_named(const struct counter_table *table, uint32_t count, const char *name)
{
    uint32_t i = 0;

    while (i < count && strcmp(table->names[i], name) != 0)
        i++;
    return i;
}

/*
 * Adds to `taken`, which has room for ANNOUNCE_COUNTERS_MAX counters, what `old` ends with: all of
 * an ended table; of one that its own announcer replaces, what was before it. Names beyond the room
 * are lost: no kernels of one number have so many.
 */
static void carry(struct counter_table *taken, const struct counter_table *old)
{
    for (uint32_t i = 0; i < old->count; i++) {
        uint64_t value = old->ended ? old->now[i] : old->before[i];
        uint32_t to = counter_named(taken, taken->count, old->names[i]);

        if (value == 0 || to == ANNOUNCE_COUNTERS_MAX)
            continue;
        if (to == taken->count)
            memcpy(taken->names[taken->count++], old->names[i], ANNOUNCE_NAME_BYTES);
        taken->before[to] = taken->now[to] = value;
        taken->start[to] = old->start[i] < value ? old->start[i] : value;
    }
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
    taken.kept = taken.count = guest->count;
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
    taken.names = calloc(ANNOUNCE_COUNTERS_MAX, sizeof(*taken.names));
    taken.before = calloc(ANNOUNCE_COUNTERS_MAX, sizeof(*taken.before));
    taken.now = calloc(ANNOUNCE_COUNTERS_MAX, sizeof(*taken.now));
    taken.start = calloc(ANNOUNCE_COUNTERS_MAX, sizeof(*taken.start));
    if (!taken.names || !taken.before || !taken.now || !taken.start) {
        counter_table_free(&taken);
        return false;
    }
    for (uint32_t i = 0; i < taken.count; i++)
        memcpy(taken.names[i], guest->counter[i].name, ANNOUNCE_NAME_BYTES);
    carry(&taken, table);
    counter_table_free(table);
    *table = taken;
    return true;
}

void counter_table_read(struct counter_table *table, const struct machine *machine)
{
    if (!table->physical)
        return;
    for (uint32_t i = 0; i < table->kept; i++) {
        uint64_t value;

        memcpy(&value,
               machine->ram + table->physical + offsetof(struct announced_counters, counter) +
                   i * sizeof(struct announced_counter) + ANNOUNCE_NAME_BYTES,
               sizeof(value));
        table->now[i] = table->before[i] + value;
    }
}

void counter_table_end(struct counter_table *table, const struct machine *machine)
{
    if (!table->present)
        return;
    counter_table_read(table, machine);
    table->physical = 0; /* its memory is somebody else's from now on */
    table->ended = true;
}

void counter_table_free(struct counter_table *table)
{
    free(table->names);
    free(table->before);
    free(table->now);
    free(table->start);
    *table = (struct counter_table){0};
}

bool counter_value(const struct counter_table *table, const char *name, uint64_t *now,
                   uint64_t *in_window)
{
    uint32_t i = table->present ? counter_named(table, table->count, name) : 0;

    if (!table->present || i == table->count)
        return false;
    *now = table->now[i];
    if (in_window)
        *in_window = table->now[i] - table->start[i];
    return true;
}
