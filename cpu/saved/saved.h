/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * saved.h - state by name: tables of members, and a pass over them that saves or loads
 *
 * A structure whose values outlive a run has a table: every member of it, with how it is saved or
 * that it is not. One pass writes a table's members, each with its name and size; the same pass,
 * turned around, reads them back and refuses what is not as the table says. So what a file holds is
 * what this build keeps, member by member, and a file of another build is refused by the name of
 * the first member that differs.
 *
 * Nothing in a file is trusted: numbers that lead somewhere have a limit in the table, and what a
 * limit cannot express is checked by the structure's owner, before it is used.
 *
 * A member that no table names is found by saved_misses() (tests/unit/sim_saved.c).
 */
#ifndef XENOLITH_CPU_SAVED_H
#define XENOLITH_CPU_SAVED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SAVED_WHY_BYTES 1024

enum saved_kind {
    SAVED_BYTES,   /* any value is a good one */
    SAVED_NUMBERS, /* unsigned, each of `width` bytes and at most `most` */
    SAVED_STRUCTS, /* each by a table of its own */
    SAVED_NOTHING, /* set when the structure is opened, or derived from what is saved */
};

struct saved_table;

struct saved_field {
    const char *name;
    size_t offset, bytes; /* all elements of an array */
    enum saved_kind kind;
    unsigned width;
    uint64_t most;
    const struct saved_table *table; /* of SAVED_STRUCTS */
};

struct saved_table {
    const char *name;
    size_t bytes; /* of the structure */
    const struct saved_field *field;
    unsigned fields;
    void (*clear_padding)(void *structure);
};

/* One pass, in one direction. After the first failure nothing more is moved; what is read is then
 * zero. */
struct saved {
    bool loading;
    bool failed;
    char why[SAVED_WHY_BYTES]; /* one sentence, once it has failed */
    /* Takes or gives bytes; false: it cannot, and `why` says so. */
    bool (*move)(void *owner, void *bytes, size_t count, char *why);
    void *owner;
    const char *within; /* the table under way, for sentences */
};

/* Refuses what was read, or says why nothing can be written, printf-like. The first sentence
 * stands. */
__attribute__((format(printf, 2, 3))) void saved_refuse(struct saved *saved, const char *format,
                                                        ...);

/* Raw bytes without a name, for parts that have a form of their own. */
void saved_move(struct saved *saved, void *bytes, size_t count);

/* A number that is not a member of a structure; read, it is at most `most`, or 0 with a refusal. */
void saved_number(struct saved *saved, const char *name, uint64_t *number, uint64_t most);

/* All members of a structure. Read, those that are not saved stay as they are. */
void saved_struct(struct saved *saved, const struct saved_table *table, void *structure);

/* An array of bytes with a name. */
void saved_named(struct saved *saved, const char *name, void *bytes, size_t count);

/* Whether the last refusal stands: for callers that are about to use what they read. */
static inline bool saved_good(const struct saved *saved)
{
    return !saved->failed;
}

/* The first byte of the structure that belongs to a member and that no field of the table names, or
 * NOT_MISSED. Tables within are not looked at. */
#define NOT_MISSED SIZE_MAX
size_t saved_misses(const struct saved_table *table);

/* ---- making tables --------------------------------------------------------------------------- */

/*
 * A table is made while SAVED_TYPE is the structure:
 *
 *     #define SAVED_TYPE struct pit
 *     static const struct saved_field pit_fields[] = {
 *         SAVED(speaker), SAVED_NOT(world), SAVED_ARRAY(channel, pit_channel_table)};
 *     SAVED_TABLE(pit)
 *     #undef SAVED_TYPE
 */
#define SAVED_AT(member)                                                                           \
    .name = #member, .offset = offsetof(SAVED_TYPE, member),                                       \
    .bytes = sizeof(((SAVED_TYPE *)0)->member)

#define SAVED(member)                                                                              \
    {                                                                                              \
        SAVED_AT(member), .kind = SAVED_BYTES                                                      \
    }
#define SAVED_NOT(member)                                                                          \
    {                                                                                              \
        SAVED_AT(member), .kind = SAVED_NOTHING                                                    \
    }
/* Unsigned numbers of a type, one or an array. */
#define SAVED_UP_TO(member, type, limit)                                                           \
    {                                                                                              \
        SAVED_AT(member), .kind = SAVED_NUMBERS, .width = sizeof(type), .most = (limit)            \
    }
#define SAVED_FLAG(member) SAVED_UP_TO(member, bool, 1)
#define SAVED_ARRAY(member, of)                                                                    \
    {                                                                                              \
        SAVED_AT(member), .kind = SAVED_STRUCTS, .table = &(of)                                    \
    }

/* name##_table, of name##_fields; one that other files use is SHARED. */
#define SAVED_TABLE(table_name)        SAVED_TABLE_AS(static const, table_name)
#define SAVED_TABLE_SHARED(table_name) SAVED_TABLE_AS(const, table_name)
#define SAVED_TABLE_AS(linkage, table_name)                                                        \
    static void clear_##table_name(void *structure)                                                \
    {                                                                                              \
        __builtin_clear_padding((SAVED_TYPE *)structure);                                          \
    }                                                                                              \
    linkage struct saved_table table_name##_table = {.name = #table_name,                          \
                                                     .bytes = sizeof(SAVED_TYPE),                  \
                                                     .field = table_name##_fields,                 \
                                                     .fields = sizeof(table_name##_fields) /       \
                                                               sizeof(*table_name##_fields),       \
                                                     .clear_padding = clear_##table_name};

#endif
