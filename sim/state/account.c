/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * account.c - who did what, in a saved state
 *
 * Contexts are saved by their numbers, and whoever points at one by that number. Tables that guests
 * keep in their memory are taken over as they were checked when they were announced, and where they
 * lie is checked again: the file is no better witness than the guest.
 */
#include "sim/state/parts.h"

#include <stdlib.h>
#include <string.h>

#define NO_CONTEXT ((uint64_t)ANNOUNCE_CONTEXT_MAX + 1)
#define PAGE_BYTES 4096u

/* ---- tables ---------------------------------------------------------------------------------- */

#define SAVED_TYPE struct context_counts
static const struct saved_field context_counts_fields[] = {SAVED(tally), SAVED(reason),
                                                           SAVED(syscalls), SAVED(units)};
SAVED_TABLE(context_counts)
#undef SAVED_TYPE

#define SAVED_TYPE struct counter_table
static const struct saved_field counter_table_fields[] = {
    SAVED_FLAG(present),
    SAVED_FLAG(ended),
    SAVED(physical),
    SAVED_UP_TO(kept, uint32_t, ANNOUNCE_COUNTERS_MAX),
    SAVED_UP_TO(count, uint32_t, ANNOUNCE_COUNTERS_MAX),
    SAVED_NOT(names),
    SAVED_NOT(before),
    SAVED_NOT(now),
    SAVED_NOT(start)};
SAVED_TABLE(counter_table)
#undef SAVED_TYPE

#define SAVED_TYPE struct context
static const struct saved_field context_fields[] = {
    SAVED_NOT(id), SAVED_FLAG(ended), SAVED_NOT(table), SAVED_ARRAY(now, context_counts_table),
    SAVED_ARRAY(start, context_counts_table)};
SAVED_TABLE(context)
#undef SAVED_TYPE

#define SAVED_TYPE struct account_cpu
static const struct saved_field account_cpu_fields[] = {
    SAVED_NOT(context),
    SAVED_FLAG(inside),
    SAVED_UP_TO(reason, uint16_t, REASON_COUNT - 1),
    SAVED_UP_TO(depth, unsigned, REASON_DEPTH - 1),
    SAVED(since),
    SAVED(start_clock),
    SAVED_UP_TO(masked_for, uint16_t, REASON_COUNT - 1),
    SAVED(outside)};
SAVED_TABLE(account_cpu)
#undef SAVED_TYPE

#define SAVED_TYPE struct copy
static const struct saved_field copy_fields[] = {
    SAVED_NOT(starter), SAVED_NOT(program), SAVED(begin),     SAVED(end),       SAVED(runs),
    SAVED_FLAG(begun),  SAVED_FLAG(ended),  SAVED_FLAG(late), SAVED_FLAG(lost), SAVED(status)};
SAVED_TABLE(copy)
#undef SAVED_TYPE

#define SAVED_TYPE struct copies
static const struct saved_field copies_fields[] = {SAVED_NOT(copy), SAVED_FLAG(repeat),
                                                   SAVED_NOT(expected), SAVED(begun), SAVED(ended)};
SAVED_TABLE(copies)
#undef SAVED_TYPE

#define SAVED_TYPE struct region
static const struct saved_field region_fields[] = {
    SAVED(name),    SAVED_FLAG(machine), SAVED_UP_TO(context, uint32_t, ANNOUNCE_CONTEXT_MAX),
    SAVED(depth),   SAVED(times),        SAVED(begun),
    SAVED(elapsed), SAVED(start),        SAVED(counted)};
SAVED_TABLE(region)
#undef SAVED_TYPE

#define SAVED_TYPE struct regions
static const struct saved_field regions_fields[] = {
    SAVED_NOT(region), SAVED_UP_TO(count, unsigned, ANNOUNCE_REGIONS_MAX), SAVED(refused)};
SAVED_TABLE(regions)
#undef SAVED_TYPE

#define SAVED_TYPE struct ramdisk
static const struct saved_field ramdisk_fields[] = {SAVED(bytes), SAVED_NOT(page)};
SAVED_TABLE(ramdisk)
#undef SAVED_TYPE

#define SAVED_TYPE struct account
static const struct saved_field account_fields[] = {
    SAVED_NOT(machine),    SAVED_ARRAY(cpu, account_cpu_table),
    SAVED_NOT(by_id),                             /* contexts, one by one */
    SAVED_NOT(highest),    SAVED_NOT(supervisor), /* tables, regions, copies likewise */
    SAVED(expected),       SAVED(working),
    SAVED_FLAG(window),    SAVED_NOT(copies),
    SAVED_NOT(regions),    SAVED_NOT(ramdisk),
    SAVED(tables_refused),
};
SAVED_TABLE(account)
#undef SAVED_TYPE

const struct saved_table *const account_tables[] = {&context_counts_table,
                                                    &counter_table_table,
                                                    &context_table,
                                                    &account_cpu_table,
                                                    &copy_table,
                                                    &copies_table,
                                                    &region_table,
                                                    &regions_table,
                                                    &ramdisk_table,
                                                    &account_table,
                                                    NULL};

/* ---- contexts -------------------------------------------------------------------------------- */

/* What stands in terminals and files: text that ends. */
static bool is_name(const char *name)
{
    size_t length = strnlen(name, ANNOUNCE_NAME_BYTES);

    for (size_t i = 0; i < length; i++)
        if (name[i] <= ' ' || name[i] > '~')
            return false;
    return length && length < ANNOUNCE_NAME_BYTES;
}

static bool in_ram(const struct machine *machine, uint32_t physical, uint64_t bytes)
{
    return physical + bytes <= machine->config.ram_bytes;
}

/* The arrays of a table that was read, as announced.c makes them. */
static void make_room(const struct machine *machine, struct counter_table *table,
                      struct saved *saved)
{
    uint64_t bytes = sizeof(struct announced_counters) +
                     table->kept * (uint64_t)sizeof(struct announced_counter);

    table->names = calloc(ANNOUNCE_COUNTERS_MAX, sizeof(*table->names));
    table->before = calloc(ANNOUNCE_COUNTERS_MAX, sizeof(*table->before));
    table->now = calloc(ANNOUNCE_COUNTERS_MAX, sizeof(*table->now));
    table->start = calloc(ANNOUNCE_COUNTERS_MAX, sizeof(*table->start));
    if (!table->names || !table->before || !table->now || !table->start)
        saved_refuse(saved, "no memory for a table of counters");
    else if (table->kept > table->count || !in_ram(machine, table->physical, bytes))
        saved_refuse(saved, "the saved state is damaged: a table of counters is in no memory");
    if (!saved_good(saved))
        counter_table_free(table);
}

/* Names of what a guest counts; values, now, before and at the window's start. */
static void counters_saved(const struct machine *machine, struct counter_table *table,
                           struct saved *saved)
{
    size_t bytes;

    if (saved->loading)
        counter_table_free(table);
    saved_struct(saved, &counter_table_table, table);
    if (!saved_good(saved) || !table->present)
        return;
    if (saved->loading)
        make_room(machine, table, saved);
    if (!saved_good(saved))
        return;
    bytes = table->count * sizeof(uint64_t);
    saved_named(saved, "names", table->names, table->count * sizeof(*table->names));
    saved_named(saved, "before", table->before, bytes);
    saved_named(saved, "now", table->now, bytes);
    saved_named(saved, "start", table->start, bytes);
    for (uint32_t i = 0; saved->loading && i < table->count; i++)
        if (!is_name(table->names[i]))
            saved_refuse(saved, "the saved state is damaged: a counter's name is none");
}

/* The context of a number that was read; NULL with a refusal: there is none. */
static struct context *named(const struct account *account, uint64_t id, struct saved *saved)
{
    struct context *context = id < NO_CONTEXT ? account->by_id[id] : NULL;

    if (!context)
        saved_refuse(saved, "the saved state is damaged: it names a context that there is not");
    return context;
}

static void pointer_saved(const struct account *account, struct context **context,
                          struct saved *saved)
{
    uint64_t id = *context ? (*context)->id : NO_CONTEXT;

    saved_number(saved, "context", &id, NO_CONTEXT);
    if (saved->loading)
        *context = saved_good(saved) && id != NO_CONTEXT ? named(account, id, saved) : NULL;
}

static void contexts_saved(struct account *account, struct saved *saved)
{
    uint64_t count = 0, id = 0;
    struct context *context;

    for (uint32_t at = 0; (context = context_from(account, at)); at = context->id + 1)
        count++;
    saved_number(saved, "contexts", &count, NO_CONTEXT);
    for (; saved_good(saved) && count; count--, id++) {
        if (!saved->loading)
            id = context_from(account, (uint32_t)id)->id;
        saved_number(saved, "context", &id, ANNOUNCE_CONTEXT_MAX);
        if (!saved_good(saved))
            return;
        context = account_context(account, (uint32_t)id);
        saved_struct(saved, &context_table, context);
        counters_saved(account->machine, &context->table, saved);
    }
}

/* ---- copies, regions, a ramdisk -------------------------------------------------------------- */

static void copies_saved(struct account *account, struct saved *saved)
{
    struct copies *copies = &account->copies;
    uint64_t expected = copies->expected;

    saved_number(saved, "copies", &expected, UINT32_MAX);
    if (saved_good(saved) && expected != copies->expected)
        saved_refuse(saved, "the saved state has another number of copies");
    saved_struct(saved, &copies_table, copies);
    for (unsigned i = 0; i < copies->expected && saved_good(saved); i++) {
        struct copy *copy = &copies->copy[i];

        saved_struct(saved, &copy_table, copy);
        pointer_saved(account, &copy->starter, saved);
        pointer_saved(account, &copy->program, saved);
    }
}

static void regions_saved(struct regions *regions, struct saved *saved)
{
    saved_struct(saved, &regions_table, regions);
    for (unsigned i = 0; i < regions->count; i++) {
        if (saved->loading)
            regions->region[i] = calloc(1, sizeof(*regions->region[i]));
        if (!regions->region[i]) {
            saved_refuse(saved, "no memory for a region");
            regions->count = i;
            return;
        }
        saved_struct(saved, &region_table, regions->region[i]);
        if (saved_good(saved) && !is_name(regions->region[i]->name))
            saved_refuse(saved, "the saved state is damaged: a region's name is none");
    }
}

static void ramdisk_saved(const struct machine *machine, struct ramdisk *ramdisk,
                          struct saved *saved)
{
    uint32_t pages;

    saved_struct(saved, &ramdisk_table, ramdisk);
    if (!saved_good(saved) || !ramdisk->bytes)
        return;
    pages = (ramdisk->bytes - 1) / PAGE_BYTES + 1;
    if (saved->loading) {
        ramdisk->page = ramdisk->bytes <= machine->config.ram_bytes
                            ? calloc(pages, sizeof(*ramdisk->page))
                            : NULL;
        if (!ramdisk->page) {
            saved_refuse(saved, "the saved state is damaged: a ramdisk has %u bytes",
                         ramdisk->bytes);
            return;
        }
    }
    saved_named(saved, "pages", ramdisk->page, pages * sizeof(*ramdisk->page));
    for (uint32_t i = 0; saved->loading && i < pages; i++)
        if (!in_ram(machine, ramdisk->page[i], PAGE_BYTES)) {
            saved_refuse(saved, "the saved state is damaged: a ramdisk is in no memory");
            ramdisk_free(ramdisk);
            return;
        }
}

/* A processor reckons from what its tally held last: the tally must not change under it. */
static void charge_aside(const struct machine *machine)
{
    static struct cpu_tally aside[4];

    for (unsigned i = 0; i < machine->config.processors; i++)
        cpu_charge_to(machine->cpu[i], aside);
}

void account_saved(struct account *account, struct saved *saved)
{
    const struct machine *machine = account->machine;

    if (saved->loading)
        charge_aside(machine);
    else
        account_settle(account);
    contexts_saved(account, saved);
    saved_struct(saved, &account_table, account);
    for (unsigned i = 0; i < machine->config.processors && saved_good(saved); i++) {
        struct account_cpu *at = &account->cpu[i];

        pointer_saved(account, &at->context, saved);
        if (saved->loading && !at->context)
            saved_refuse(saved, "the saved state is damaged: a processor runs nobody");
        if (saved->loading && saved_good(saved))
            cpu_charge_to(machine->cpu[i], at->context->now.tally[i]);
        else if (saved->loading)
            at->context = account_context(account, ANNOUNCE_CONTEXT_BOOT);
    }
    counters_saved(machine, &account->supervisor, saved);
    copies_saved(account, saved);
    regions_saved(&account->regions, saved);
    ramdisk_saved(machine, &account->ramdisk, saved);
}
