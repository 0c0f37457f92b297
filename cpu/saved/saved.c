/* SPDX-License-Identifier: GPL-2.0-only */
#include "cpu/saved/saved.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MOST 63 /* bytes of a member's name in a file */

void saved_refuse(struct saved *saved, const char *format, ...)
{
    va_list arguments;

    if (saved->failed)
        return;
    saved->failed = true;
    va_start(arguments, format);
    vsnprintf(saved->why, sizeof(saved->why), format, arguments);
    va_end(arguments);
}

void saved_move(struct saved *saved, void *bytes, size_t count)
{
    if (!saved->failed && count && !saved->move(saved->owner, bytes, count, saved->why))
        saved->failed = true;
    if (saved->failed && saved->loading)
        memset(bytes, 0, count);
}

/* A name as files have it: its length in a byte, and what it is. */
static bool move_name(struct saved *saved, const char *name)
{
    uint8_t length = (uint8_t)strlen(name);
    char found[UINT8_MAX + 1] = "";

    if (!saved->loading) {
        saved_move(saved, &length, 1);
        saved_move(saved, (void *)(uintptr_t)name, length);
        return saved_good(saved);
    }
    saved_move(saved, &length, 1);
    if (length > NAME_MOST)
        saved_refuse(saved, "the saved state is damaged: it has a name of %u bytes", length);
    saved_move(saved, found, length <= NAME_MOST ? length : 0);
    if (saved_good(saved) && strcmp(found, name) != 0)
        saved_refuse(saved,
                     "the saved state comes from another version of this program: it does not have "
                     "%s of %s where this version keeps it",
                     name, saved->within ? saved->within : "the machine");
    return saved_good(saved);
}

static bool move_size(struct saved *saved, const char *name, uint64_t count)
{
    uint64_t found = count;

    saved_move(saved, &found, sizeof(found));
    if (saved_good(saved) && found != count)
        saved_refuse(saved,
                     "the saved state comes from another version of this program: %s of %s has "
                     "another size",
                     name, saved->within ? saved->within : "the machine");
    return saved_good(saved);
}

void saved_named(struct saved *saved, const char *name, void *bytes, size_t count)
{
    if (!move_name(saved, name) || !move_size(saved, name, count))
        count = saved->loading ? count : 0;
    saved_move(saved, bytes, count);
}

void saved_number(struct saved *saved, const char *name, uint64_t *number, uint64_t most)
{
    saved_named(saved, name, number, sizeof(*number));
    if (saved->loading && saved_good(saved) && *number > most)
        saved_refuse(saved, "the saved state is damaged: %s is %llu, which cannot be", name,
                     (unsigned long long)*number);
    if (saved->failed && saved->loading)
        *number = 0;
}

/* Whether each element is within its limit. */
static bool within_limit(const struct saved_field *field, const uint8_t *bytes)
{
    for (size_t at = 0; at < field->bytes; at += field->width) {
        uint64_t value = 0;

        memcpy(&value, bytes + at, field->width); /* the machine is little-endian, as its guests */
        if (value > field->most)
            return false;
    }
    return true;
}

/* Numbers are looked at before they reach the structure: a bool of 2 is not to be read at all. */
static void move_numbers(struct saved *saved, const struct saved_field *field, uint8_t *at)
{
    uint8_t small[64], *read = field->bytes <= sizeof(small) ? small : malloc(field->bytes);

    if (!read) {
        saved_refuse(saved, "no memory for a saved state");
        return;
    }
    saved_named(saved, field->name, read, field->bytes);
    if (saved_good(saved) && within_limit(field, read))
        memcpy(at, read, field->bytes);
    else
        saved_refuse(saved, "the saved state is damaged: %s of %s has a value that cannot be",
                     field->name, saved->within);
    if (read != small)
        free(read);
}

static void move_structs(struct saved *saved, const struct saved_field *field, uint8_t *at)
{
    if (!move_name(saved, field->name))
        return;
    for (size_t done = 0; done < field->bytes && saved_good(saved); done += field->table->bytes)
        saved_struct(saved, field->table, at + done);
}

void saved_struct(struct saved *saved, const struct saved_table *table, void *structure)
{
    const char *outer = saved->within;

    saved->within = table->name;
    for (unsigned i = 0; i < table->fields && saved_good(saved); i++) {
        const struct saved_field *field = &table->field[i];
        uint8_t *at = (uint8_t *)structure + field->offset;

        if (field->kind == SAVED_STRUCTS)
            move_structs(saved, field, at);
        else if (field->kind == SAVED_NUMBERS && saved->loading)
            move_numbers(saved, field, at);
        else if (field->kind != SAVED_NOTHING)
            saved_named(saved, field->name, at, field->bytes);
    }
    saved->within = outer;
}

/* GCC 12 clears no padding behind an array of structures: there a gap that aligns what follows is
 * taken for padding. */
static bool may_be_padding(const struct saved_table *table, size_t first, size_t end)
{
    bool behind_array = false;

    for (unsigned i = 0; i < table->fields; i++)
        behind_array = behind_array || (table->field[i].offset < first &&
                                        table->field[i].bytes >= 2 * sizeof(uint64_t));
    return behind_array && end - first < sizeof(uint64_t) && end % sizeof(uint32_t) == 0;
}

size_t saved_misses(const struct saved_table *table)
{
    uint8_t *member = malloc(table->bytes);
    size_t missed = NOT_MISSED, end = 0;

    if (!member)
        abort();
    memset(member, 0xff, table->bytes);
    table->clear_padding(member);
    for (unsigned i = 0; i < table->fields; i++)
        memset(member + table->field[i].offset, 0, table->field[i].bytes);
    for (size_t at = 0; at < table->bytes && missed == NOT_MISSED; at = end + 1) {
        for (end = at; end < table->bytes && member[end]; end++)
            ;
        if (end > at && !may_be_padding(table, at, end))
            missed = at;
    }
    free(member);
    return missed;
}
