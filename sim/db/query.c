/* SPDX-License-Identifier: GPL-2.0-only */
/* query.c - names, runs and values of a data base */
#include "sim/db/query.h"
#include "sim/db/rows.h"

#include <stdlib.h>
#include <string.h>

#define SQL_BYTES (512 + 256 * QUERY_WHERE_MAX)

/* ---- what is asked --------------------------------------------------------------------------- */

bool where_parse(struct where *where, const char *word)
{
    static const char *const operators[] = {"!=", "<=", ">=", "=", "<", ">"};
    size_t length = strcspn(word, "!<>=");

    if (!length || length >= sizeof(where->name))
        return false;
    snprintf(where->name, sizeof(where->name), "%.*s", (int)length, word);
    for (size_t i = 0; i < sizeof(operators) / sizeof(*operators); i++)
        if (!strncmp(word + length, operators[i], strlen(operators[i]))) {
            where->operator= operators[i];
            where->value = word + length + strlen(operators[i]);
            return *where->value != 0;
        }
    return false;
}

static sqlite3_stmt *prepare(struct query *query, const char *sql)
{
    sqlite3_stmt *statement;

    if (sqlite3_prepare_v2(query->db->handle, sql, -1, &statement, NULL) != SQLITE_OK)
        return NULL;
    return statement;
}

/* The runs that hold, as a condition on `id`. Texts that are numbers are compared as such. */
static void write_where(const struct query *query, const char *id, char sql[SQL_BYTES])
{
    size_t used = 0;

    sql[0] = 0;
    for (unsigned i = 0; i < query->wheres; i++) {
        const char *operator= query->where[i].operator;
        unsigned at = 100 + 2 * i;

        used += (size_t)snprintf(
            sql + used, SQL_BYTES - used,
            " AND %s IN (SELECT run FROM value WHERE name = (SELECT id FROM name WHERE name = ?%u)"
            " AND CASE WHEN typeof(value) = 'text' AND CAST(CAST(value AS NUMERIC) AS TEXT) <> "
            "value"
            " THEN value %s ?%u ELSE CAST(value AS NUMERIC) %s CAST(?%u AS NUMERIC) END)",
            id, at, operator, at + 1, operator, at + 1);
    }
}

static void bind_where(const struct query *query, sqlite3_stmt *statement)
{
    for (unsigned i = 0; i < query->wheres; i++) {
        sqlite3_bind_text(statement, 100 + 2 * (int)i, query->where[i].name, -1, SQLITE_STATIC);
        sqlite3_bind_text(statement, 101 + 2 * (int)i, query->where[i].value, -1, SQLITE_STATIC);
    }
}

/* Brackets are part of names, not sets of characters. */
static void write_glob(const char *pattern, char *glob, size_t bytes)
{
    size_t used = 0;

    for (; *pattern && used + 4 < bytes; pattern++) {
        if (*pattern == '[')
            used += (size_t)snprintf(glob + used, bytes - used, "[[]");
        else
            glob[used++] = *pattern;
    }
    glob[used] = 0;
}

static bool add_columns(struct query *query, const char *pattern, unsigned *found)
{
    sqlite3_stmt *names = prepare(
        query, strpbrk(pattern, "*?") ? "SELECT id, name FROM name WHERE name GLOB ?1 ORDER BY id"
                                      : "SELECT id, name FROM name WHERE name = ?1");
    char glob[1024];
    int result;

    if (!names)
        return false;
    write_glob(pattern, glob, sizeof(glob));
    sqlite3_bind_text(names, 1, strpbrk(pattern, "*?") ? glob : pattern, -1, SQLITE_STATIC);
    for (*found = 0; (result = sqlite3_step(names)) == SQLITE_ROW; ++*found) {
        if (query->columns == QUERY_COLUMNS_MAX)
            continue;
        query->column[query->columns].id = sqlite3_column_int64(names, 0);
        query->column[query->columns].name = strdup((const char *)sqlite3_column_text(names, 1));
        if (query->column[query->columns].name)
            query->columns++;
    }
    sqlite3_finalize(names);
    return result == SQLITE_DONE;
}

bool query_column(struct query *query, const char *pattern, char *why, size_t why_bytes)
{
    unsigned before = query->columns, found;

    if (!add_columns(query, pattern, &found))
        return db_failed(query->db, why, why_bytes);
    if (!found)
        snprintf(why, why_bytes, "no result has a value %s", pattern);
    else if (query->columns - before != found)
        snprintf(why, why_bytes, "%s and what stands before it are more than %d names", pattern,
                 QUERY_COLUMNS_MAX);
    else
        return true;
    return false;
}

void query_column_if(struct query *query, const char *name)
{
    unsigned found;

    add_columns(query, name, &found);
}

void query_free(struct query *query)
{
    while (query->columns)
        free(query->column[--query->columns].name);
}

/* ---- runs ------------------------------------------------------------------------------------ */

enum { CELL_RUN, CELL_LABEL, CELL_VALUES };

static int length_of(sqlite3_stmt *cell, int column)
{
    int bytes = sqlite3_column_bytes(cell, column);

    return bytes > 40 ? 40 : bytes;
}

/* Visits each run that holds: its width, or its row. */
static bool each_run(struct query *query, sqlite3_stmt *runs, sqlite3_stmt *value[],
                     struct rows *rows, int width[])
{
    int column[CELL_VALUES + QUERY_COLUMNS_MAX] = {CELL_RUN, CELL_LABEL};
    sqlite3_stmt *cell[CELL_VALUES + QUERY_COLUMNS_MAX] = {runs, runs};
    int result;

    bind_where(query, runs);
    while ((result = sqlite3_step(runs)) == SQLITE_ROW) {
        if (!rows && length_of(runs, CELL_LABEL) > width[CELL_LABEL])
            width[CELL_LABEL] = length_of(runs, CELL_LABEL);
        for (unsigned i = 0; i < query->columns; i++) {
            unsigned at = CELL_VALUES + i;

            sqlite3_reset(value[i]);
            sqlite3_bind_int64(value[i], 1, query->column[i].id);
            sqlite3_bind_int64(value[i], 2, sqlite3_column_int64(runs, CELL_RUN));
            cell[at] = sqlite3_step(value[i]) == SQLITE_ROW ? value[i] : NULL;
            if (!rows && cell[at] && length_of(cell[at], 0) > width[at])
                width[at] = length_of(cell[at], 0);
        }
        if (rows)
            rows_put(rows, cell, column);
    }
    sqlite3_reset(runs);
    return result == SQLITE_DONE;
}

bool query_runs(struct query *query, FILE *out, char *why, size_t why_bytes)
{
    const char *title[CELL_VALUES + QUERY_COLUMNS_MAX] = {"run", "label"};
    int width[CELL_VALUES + QUERY_COLUMNS_MAX] = {4, 5};
    sqlite3_stmt *value[QUERY_COLUMNS_MAX] = {NULL}, *runs;
    struct rows rows = {out, query->form, CELL_VALUES + query->columns, title, width, true};
    char where[SQL_BYTES], sql[SQL_BYTES + 128];
    bool good;

    write_where(query, "id", where);
    snprintf(sql, sizeof(sql), "SELECT id, label FROM run WHERE 1%s ORDER BY id", where);
    runs = prepare(query, sql);
    good = runs != NULL;
    for (unsigned i = 0; good && i < query->columns; i++) {
        title[CELL_VALUES + i] = query->column[i].name;
        width[CELL_VALUES + i] = (int)strlen(query->column[i].name);
        value[i] = prepare(query, "SELECT value FROM value WHERE name = ?1 AND run = ?2");
        good = value[i] != NULL;
    }
    good = good && (query->form != QUERY_TEXT || each_run(query, runs, value, NULL, width));
    if (good) {
        rows_begin(&rows);
        good = each_run(query, runs, value, &rows, width);
        rows_end(&rows);
    }
    if (!good)
        db_failed(query->db, why, why_bytes);
    for (unsigned i = 0; i < query->columns; i++)
        sqlite3_finalize(value[i]);
    sqlite3_finalize(runs);
    return good;
}

/* ---- one statement, one row a row ------------------------------------------------------------ */

static bool put_all(struct query *query, const char *sql, struct rows *rows, char *why,
                    size_t why_bytes)
{
    static const int column[] = {0, 1, 2, 3};
    sqlite3_stmt *statement = prepare(query, sql);
    sqlite3_stmt *const cell[] = {statement, statement, statement, statement};
    int result;

    if (!statement)
        return db_failed(query->db, why, why_bytes);
    bind_where(query, statement);
    rows_begin(rows);
    while ((result = sqlite3_step(statement)) == SQLITE_ROW)
        rows_put(rows, cell, column);
    rows_end(rows);
    if (result != SQLITE_DONE)
        db_failed(query->db, why, why_bytes);
    sqlite3_finalize(statement);
    return result == SQLITE_DONE;
}

bool query_values(struct query *query, FILE *out, char *why, size_t why_bytes)
{
    static const char *const title[] = {"run", "name", "value", "unit"};
    struct rows rows = {out, query->form, 4, title, NULL, true};
    char where[SQL_BYTES], sql[SQL_BYTES + 256];

    write_where(query, "run.id", where);
    snprintf(sql, sizeof(sql),
             "SELECT run.id, name.name, value.value, name.unit FROM run JOIN value ON"
             " value.run = run.id JOIN name ON name.id = value.name WHERE 1%s"
             " ORDER BY run.id, name.id",
             where);
    return put_all(query, sql, &rows, why, why_bytes);
}

bool query_names(struct query *query, FILE *out, char *why, size_t why_bytes)
{
    static const char *const title[] = {"name", "unit", "runs"};
    static const int width[] = {56, 24, 0};
    struct rows rows = {out, query->form, 3, title, width, true};

    return put_all(query,
                   "SELECT name, unit, (SELECT count(*) FROM value WHERE value.name = name.id)"
                   " FROM name ORDER BY id",
                   &rows, why, why_bytes);
}
