/* SPDX-License-Identifier: GPL-2.0-only */
/* query.h - what `xenolith db` reads from a data base: names, runs, values, in three forms */
#ifndef XENOLITH_SIM_QUERY_H
#define XENOLITH_SIM_QUERY_H

#include "sim/db/db.h"

#include <stdint.h>
#include <stdio.h>

#define QUERY_COLUMNS_MAX 256
#define QUERY_WHERE_MAX   16

enum query_form { QUERY_TEXT, QUERY_CSV, QUERY_JSON };

/* NAME, an operator (= != < <= > >=) and a value; runs that lack the name do not hold. */
struct where {
    char name[256];
    const char *operator; /* as SQL has it */
    const char *value;
};

struct query {
    struct db *db;
    enum query_form form;
    struct where where[QUERY_WHERE_MAX];
    unsigned wheres;
    struct {
        int64_t id; /* of the name */
        char *name;
        int width; /* of the text form */
    } column[QUERY_COLUMNS_MAX];
    unsigned columns;
};

/* "work.units>=100". False if it is not of that form. */
bool where_parse(struct where *where, const char *word);

/*
 * Adds the names that match a pattern, in which only `*` and `?` are special. False with one
 * sentence in `why`: none does, too many do, SQLite failed.
 */
bool query_column(struct query *query, const char *pattern, char *why, size_t why_bytes);
/* Adds a name only if it is there. */
void query_column_if(struct query *query, const char *name);

/* One line a run: its number, its label and the columns. False with one sentence in `why`. */
bool query_runs(struct query *query, FILE *out, char *why, size_t why_bytes);
/* One line a value, of all runs that hold. False with one sentence in `why`. */
bool query_values(struct query *query, FILE *out, char *why, size_t why_bytes);
/* One line a name: name, unit, in how many runs. False with one sentence in `why`. */
bool query_names(struct query *query, FILE *out, char *why, size_t why_bytes);

void query_free(struct query *query);

#endif
