/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * visit.h - a result, value by value: one visitor, many writers
 *
 *   the run   ->  result_visit()   which values there are, and in which order   result.c
 *                      |
 *                 struct visit     where each stands, and in which unit          visit.c
 *                      |
 *                 struct result_writer   how it is kept: JSON, CSV               write_*.c
 *
 * Rules, for the visitor and for every writer:
 *  1. A result is a tree. Its inner nodes are sections: of members with names, or lists, whose
 *     members are numbered from 0. Its leaves are values with a name and a unit.
 *  2. A value that does not apply, or that nobody counted, is visited as absent. Absent is not 0:
 *     a writer must keep the two apart.
 *  3. Every run of a schema visits the same values in the same order, but for sections whose keys
 *     depend on the run (counters.def marks them by `*`) and for the lengths of lists.
 *  4. Which values are visited never depends on the writer, and a writer decides nothing but form.
 *  5. Numbers are whole. A decimal is two whole numbers and a count of places, cut off there, so
 *     that the same run gives the same bytes on every host.
 *  6. What a writer is given lives until it returns. A writer does not fail: trouble with its file
 *     shows in ferror(), which result_file_keep() looks at.
 */
#ifndef XENOLITH_SIM_VISIT_H
#define XENOLITH_SIM_VISIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- what a writer is ------------------------------------------------------------------------ */

enum value_kind {
    VALUE_ABSENT,
    VALUE_NUMBER,
    VALUE_SIGNED,
    VALUE_NUMBERS, /* one for each ring or processor */
    VALUE_DECIMAL,
    VALUE_TEXT,
    VALUE_FLAG,
};

struct result_value {
    enum value_kind kind;
    union {
        uint64_t number;
        int64_t negative; /* of VALUE_SIGNED, below zero or not */
        struct {
            const uint64_t *number;
            unsigned count;
        } numbers;
        struct {
            uint64_t numerator, denominator; /* the denominator is not 0 */
            unsigned places;
        } decimal;
        const char *text;
        bool flag;
    };
};

/* One value and where it stands. */
struct result_item {
    const char *section; /* as "contexts[2].processors[0]"; "" for the outermost */
    const char *name;    /* within it; NULL for a member of a list, which `section` has counted */
    const char *unit;    /* as in counters.def, events.def or the machine description */
    struct result_value value;
};

enum section_kind { SECTION_MEMBERS, SECTION_LIST };

struct result_writer {
    void *to; /* the writer's own */
    /* A section begins. `name` is NULL for the outermost one and for members of a list. */
    void (*open)(void *to, const char *name, enum section_kind kind); /* may be NULL */
    void (*value)(void *to, const struct result_item *item);
    void (*close)(void *to, enum section_kind kind); /* may be NULL */
};

/* The whole and the fraction of a decimal; the fraction has `places` digits. */
void result_decimal(const struct result_value *value, uint64_t *whole, uint64_t *fraction);

/* ---- for the visitor ------------------------------------------------------------------------- */

#define VISIT_DEPTH 8
#define VISIT_NAME  256

/* Where a visit is. */
struct visit {
    const struct result_writer *writer;
    char section[VISIT_NAME]; /* as writers see it */
    char pattern[VISIT_NAME]; /* as counters.def writes it */
    struct {
        size_t section, pattern; /* lengths of the two outside of this level */
        enum section_kind kind;
        unsigned members; /* of a list so far */
    } level[VISIT_DEPTH];
    unsigned depth;
    size_t row; /* of counters.def, that was found last: the next is near */
};

/* What is opened must be closed in turn. `name` is NULL for the outermost section and for members
 * of a list. */
void visit_open(struct visit *visit, const char *name, enum section_kind kind);
/* The same where the name depends on the run. */
void visit_open_any(struct visit *visit, const char *name);
void visit_close(struct visit *visit);

/* A value whose unit counters.def knows. */
void visit_value(struct visit *visit, const char *name, struct result_value value);
/* A value whose name depends on the run; `unit` is NULL where counters.def says it for all. */
void visit_any(struct visit *visit, const char *name, const char *unit, struct result_value value);

/* A value that is a member of a list. */
void visit_member(struct visit *visit, struct result_value value);

/* The unit of a value in counters.def, where [] is each member of a list and * any key; "" if
 * there is none. */
const char *visit_unit(struct visit *visit, const char *pattern);

/* The unit of a value by its full name, as "contexts[2].processors[0].events.cycles_issue[3]". */
void result_unit(const char *name, char *unit, size_t bytes);

static inline struct result_value value_absent(void)
{
    return (struct result_value){.kind = VALUE_ABSENT};
}

static inline struct result_value value_number(uint64_t number)
{
    return (struct result_value){.kind = VALUE_NUMBER, .number = number};
}

/* Absent unless it is there. */
static inline struct result_value value_number_if(bool there, uint64_t number)
{
    return there ? value_number(number) : value_absent();
}

static inline struct result_value value_signed(int64_t number)
{
    return (struct result_value){.kind = VALUE_SIGNED, .negative = number};
}

static inline struct result_value value_numbers(const uint64_t *number, unsigned count)
{
    return (struct result_value){.kind = VALUE_NUMBERS, .numbers = {number, count}};
}

/* Absent if the denominator is 0. */
static inline struct result_value value_decimal(uint64_t numerator, uint64_t denominator,
                                                unsigned places)
{
    if (!denominator)
        return value_absent();
    return (struct result_value){.kind = VALUE_DECIMAL,
                                 .decimal = {numerator, denominator, places}};
}

/* Absent if it is NULL. */
static inline struct result_value value_text(const char *text)
{
    if (!text)
        return value_absent();
    return (struct result_value){.kind = VALUE_TEXT, .text = text};
}

static inline struct result_value value_flag(bool flag)
{
    return (struct result_value){.kind = VALUE_FLAG, .flag = flag};
}

#endif
