/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * parameter.h - numbers with names in a machine file
 *
 * A machine file (machines/NAME.ini) describes a whole machine: what belongs to the processors and
 * their memory is the table of cpu/costs/costs.def, what belongs to devices that of the simulated
 * PC. Each has its table and its structure of values; a file is read against several at once, and a
 * key that none of them has is refused. Every value is a whole number in the unit of its kind.
 */
#ifndef XENOLITH_CPU_PARAMETER_H
#define XENOLITH_CPU_PARAMETER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PARAMETER_NAME_BYTES 64 /* of a machine's name */
#define PARAMETER_KEY_BYTES  64 /* of "section.name" */

enum parameter_kind {
    PARAMETER_FLAG,   /* yes or no */
    PARAMETER_COUNT,  /* a plain number */
    PARAMETER_BYTES,  /* K and M understood */
    PARAMETER_HERTZ,  /* M and G understood */
    PARAMETER_CYCLES, /* whole processor cycles */
    PARAMETER_EIGHTH, /* cycles in steps of 0.125, kept as eighths */
    PARAMETER_MILLE,  /* parts in a thousand */
};

struct parameter {
    const char *section, *name;
    size_t offset; /* of its uint64_t in the structure of values */
    enum parameter_kind kind;
    uint64_t min, max; /* in cycles for PARAMETER_EIGHTH */
    const char *description;
};

/* A table and the structure that holds its values. */
struct parameter_set {
    const struct parameter *row;
    size_t rows;
    void *values;
};

/* What a file is read against. */
struct parameter_file {
    const struct parameter_set *set;
    size_t sets;
    bool partial; /* keys of no table are somebody else's: passed over */
};

/*
 * Reads a file: every parameter of every table must be given, once, within its range, and `name` of
 * [machine], which goes to `name` (PARAMETER_NAME_BYTES). Returns false with one sentence in `why`
 * otherwise, which begins with the path and, where a line is at fault, its number. The values are
 * unspecified then.
 */
bool parameters_read(const struct parameter_file *file, char *name, const char *path, char *why,
                     size_t why_bytes);

/*
 * Applies one override, `section.name=value` as in "cache.l2.enabled=no". False with one sentence
 * in `why`, and nothing changed: no such parameter, bad value.
 */
bool parameters_override(const struct parameter_file *file, const char *assignment, char *why,
                         size_t why_bytes);

/* Puts the sentence into `why` and returns false, for those who read or check parameters. */
bool parameter_refuse(char *why, size_t why_bytes, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Calls visit() for one row: its key as "cost.cr3_load", its value as a file would spell it ("yes",
 * "512", "0.375"), and its unit. */
typedef void parameter_visitor(void *context, const char *key, const char *value, const char *unit);
void parameter_visit(const struct parameter_set *set, size_t row, parameter_visitor *visit,
                     void *context);

#endif
