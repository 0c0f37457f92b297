/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * regions.c - stretches of programs that are counted by name
 *
 * Nothing is counted twice while a region is open: at its begin the tallies of its context are
 * copied, and at its end the copy is taken from what they are then. A region is found by its name
 * and its context.
 *
 * Who is counted: the context that speaks. A shared region, which different processes begin and
 * end, counts the domain that speaks; on a bare kernel, where each process is a context, all of
 * them. A context is a domain if any of its code has run in ring 1.
 */
#include "sim/account/account.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is told ---------------------------------------------------------------------------- */

/* Reads from a guest's memory, which may end anywhere. */
static bool read_guest(const struct machine *machine, unsigned cpu, uint32_t linear, void *to,
                       uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++) {
        uint32_t physical;

        if (!cpu_translate(machine->cpu[cpu], linear + i, &physical) ||
            physical >= machine->config.ram_bytes)
            return false;
        ((uint8_t *)to)[i] = machine->ram[physical];
    }
    return true;
}

static bool good_name(const char *name)
{
    size_t length = strnlen(name, ANNOUNCE_NAME_BYTES);

    if (length == 0 || length == ANNOUNCE_NAME_BYTES)
        return false;
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)name[i]) && !strchr("_.:/+-", name[i]))
            return false;
    return true;
}

/* ---- counting -------------------------------------------------------------------------------- */

static void add_context(struct cpu_tally sum[4], const struct context *context)
{
    for (unsigned cpu = 0; cpu < CPU_MAX; cpu++)
        for (unsigned ring = 0; ring < 4; ring++)
            for (int event = 0; event < CPU_NR_EVENTS; event++)
                sum[ring].n[event] += context->now.tally[cpu][ring].n[event];
}

/* All that a region counts, from reset until now. */
static void count_now(const struct account *account, const struct region *region,
                      struct cpu_tally sum[4])
{
    const struct context *context;

    memset(sum, 0, 4 * sizeof(*sum));
    for (unsigned i = 0; i < account->machine->config.processors; i++)
        cpu_settle(account->machine->cpu[i]);
    if (!region->machine && account->by_id[region->context])
        add_context(sum, account->by_id[region->context]);
    for (uint32_t id = 0; region->machine && (context = context_from(account, id));
         id = context->id + 1)
        add_context(sum, context);
}

static void close_region(const struct account *account, struct region *region, uint64_t clock)
{
    struct cpu_tally now[4];

    count_now(account, region, now);
    for (unsigned ring = 0; ring < 4; ring++)
        for (int event = 0; event < CPU_NR_EVENTS; event++)
            region->counted[ring].n[event] += now[ring].n[event] - region->start[ring].n[event];
    /* Begun on another processor, whose clock may be ahead by a turn. */
    if (clock > region->begun)
        region->elapsed += clock - region->begun;
}

static struct region *find(const struct regions *regions, bool machine, uint32_t context,
                           const char *name)
{
    for (unsigned i = 0; i < regions->count; i++) {
        struct region *region = regions->region[i];

        if (region->machine == machine && (machine || region->context == context) &&
            !strcmp(region->name, name))
            return region;
    }
    return NULL;
}

static struct region *find_or_add(struct regions *regions, bool machine, uint32_t context,
                                  const char *name)
{
    struct region *region = find(regions, machine, context, name);

    if (region || regions->count == ANNOUNCE_REGIONS_MAX || !(region = calloc(1, sizeof(*region))))
        return region;
    region->machine = machine;
    region->context = context;
    memcpy(region->name, name, sizeof(region->name));
    return regions->region[regions->count++] = region;
}

static bool is_domain(const struct context *context)
{
    for (unsigned cpu = 0; cpu < CPU_MAX; cpu++)
        if (context->now.tally[cpu][1].n[CPU_instructions])
            return true;
    return false;
}

/* False: there is nothing to do so with. */
static bool obey(struct account *account, unsigned cpu, const struct announced_region *told)
{
    struct context *context = account->cpu[cpu].context;
    unsigned what = told->what & ~(unsigned)ANNOUNCE_REGION_SHARED;
    uint64_t clock = cpu_clock(account->machine->cpu[cpu]);
    bool machine;
    struct region *region;

    cpu_settle(account->machine->cpu[cpu]);
    machine = told->what & ANNOUNCE_REGION_SHARED && !is_domain(context);
    if (what == ANNOUNCE_REGION_END)
        region = find(&account->regions, machine, context->id, told->name);
    else
        region = find_or_add(&account->regions, machine, context->id, told->name);
    if (!region || (what == ANNOUNCE_REGION_END && !region->depth))
        return false;
    if (what == ANNOUNCE_REGION_UNIT) {
        region->times++;
        account_work(account, context, 1);
    } else if (what == ANNOUNCE_REGION_BEGIN && region->depth++ == 0) {
        region->begun = clock;
        count_now(account, region, region->start);
    } else if (what == ANNOUNCE_REGION_END && --region->depth == 0) {
        close_region(account, region, clock);
        region->times++;
    }
    return true;
}

void region_announced(struct account *account, unsigned cpu, uint32_t linear)
{
    struct announced_region told;

    if (!read_guest(account->machine, cpu, linear, &told, sizeof(told)) ||
        told.magic != ANNOUNCE_REGION_MAGIC || !good_name(told.name) ||
        (told.what & ~(unsigned)ANNOUNCE_REGION_SHARED) > ANNOUNCE_REGION_UNIT ||
        !obey(account, cpu, &told))
        account->regions.refused++;
}

/* ---- ends ------------------------------------------------------------------------------------ */

static void add_region(struct region *to, const struct region *from)
{
    to->times += from->times;
    to->elapsed += from->elapsed;
    for (unsigned ring = 0; ring < 4; ring++)
        for (int event = 0; event < CPU_NR_EVENTS; event++)
            to->counted[ring].n[event] += from->counted[ring].n[event];
}

void regions_merge(struct account *account, uint32_t from, uint32_t into)
{
    struct regions *regions = &account->regions;
    unsigned kept = 0;

    for (unsigned i = 0; i < regions->count; i++) {
        struct region *region = regions->region[i], *same;

        regions->region[kept++] = region;
        if (region->machine || region->context != from)
            continue;
        if (region->depth)
            close_region(account, region, machine_clock_max(account->machine));
        region->depth = 0;
        same = find(regions, false, into, region->name);
        region->context = into;
        if (!same)
            continue;
        add_region(same, region);
        free(region);
        kept--;
    }
    regions->count = kept;
}

void regions_settle(struct account *account)
{
    for (unsigned i = 0; i < account->regions.count; i++)
        if (account->regions.region[i]->depth)
            close_region(account, account->regions.region[i], machine_clock_max(account->machine));
}

void regions_free(struct regions *regions)
{
    for (unsigned i = 0; i < regions->count; i++)
        free(regions->region[i]);
    *regions = (struct regions){0};
}
