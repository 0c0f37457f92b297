/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * saved_tables.h - what every table of saved members must hold
 *
 * A table names each member of its structure, so that a member that is added is not forgotten; and
 * every byte of what is saved comes back.
 */
#ifndef TESTS_UNIT_SAVED_TABLES_H
#define TESTS_UNIT_SAVED_TABLES_H

#include "cpu/saved/saved.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A file in memory. */
struct saved_memory {
    uint8_t bytes[1 << 20];
    size_t used, read;
};

static bool memory_take(void *owner, void *bytes, size_t count, char *why)
{
    struct saved_memory *memory = owner;

    if (count > sizeof(memory->bytes) - memory->used) {
        snprintf(why, SAVED_WHY_BYTES, "the test's memory is full");
        return false;
    }
    memcpy(memory->bytes + memory->used, bytes, count);
    memory->used += count;
    return true;
}

static bool memory_give(void *owner, void *bytes, size_t count, char *why)
{
    struct saved_memory *memory = owner;

    if (count > memory->used - memory->read) {
        snprintf(why, SAVED_WHY_BYTES, "the test's memory ends");
        return false;
    }
    memcpy(bytes, memory->bytes + memory->read, count);
    memory->read += count;
    return true;
}

/* Random bytes in what is saved, as far as the limits allow; elsewhere `rest`. */
static inline void saved_fill(const struct saved_table *table, uint8_t *to, unsigned *seed,
                              uint8_t rest)
{
    memset(to, rest, table->bytes);
    for (unsigned i = 0; i < table->fields; i++) {
        const struct saved_field *field = &table->field[i];
        uint8_t *at = to + field->offset;

        if (field->kind == SAVED_STRUCTS)
            for (size_t n = 0; n < field->bytes; n += field->table->bytes)
                saved_fill(field->table, at + n, seed, rest);
        for (size_t n = 0; field->kind == SAVED_BYTES && n < field->bytes; n++)
            at[n] = (uint8_t)rand_r(seed);
        for (size_t n = 0; field->kind == SAVED_NUMBERS && n < field->bytes; n += field->width) {
            uint64_t value = (uint64_t)rand_r(seed) << 31 ^ (uint64_t)rand_r(seed);

            value = field->most == UINT64_MAX ? value : value % (field->most + 1);
            memcpy(at + n, &value, field->width);
        }
    }
}

static inline void saved_expect_tables(const struct saved_table *const *tables)
{
    static struct saved_memory memory;
    unsigned seed = 1;

    for (; *tables; tables++) {
        const struct saved_table *table = *tables;
        uint8_t *one = malloc(table->bytes), *other = malloc(table->bytes);
        struct saved out = {.move = memory_take, .owner = &memory};
        struct saved in = {.loading = true, .move = memory_give, .owner = &memory};

        cr_expect_eq(saved_misses(table), NOT_MISSED, "%s does not name the member at byte %zu",
                     table->name, saved_misses(table));
        memory.used = memory.read = 0;
        saved_fill(table, one, &seed, 0);
        memset(other, 0, table->bytes);
        saved_struct(&out, table, one);
        saved_struct(&in, table, other);
        cr_expect(saved_good(&out) && saved_good(&in), "%s: %s%s", table->name, out.why, in.why);
        cr_expect_eq(memory.read, memory.used);
        cr_expect(!memcmp(one, other, table->bytes), "%s comes back as it was", table->name);
        free(one);
        free(other);
    }
}

#endif
