/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/db/rows.h"

#include "sim/account/csv.h"

#include <string.h>

/* ---- text: what a file says must not steer the terminal -------------------------------------- */

static void put_text(FILE *out, const char *text, int width)
{
    int used = 0;

    for (; *text; text++, used++)
        fputc((unsigned char)*text < ' ' || *text == 127 ? '?' : *text, out);
    fprintf(out, "%*s", used < width ? width - used : 0, "");
}

/* ---- JSON (RFC 8259): bytes beyond ASCII are passed on, as UTF-8 ----------------------------- */

static void put_json(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else if ((unsigned char)*text < ' ')
            fprintf(out, "\\u%04x", *text);
        else
            fputc(*text, out);
    }
    fputc('"', out);
}

/* ---- all ------------------------------------------------------------------------------------- */

static void put_cell(const struct rows *rows, unsigned i, sqlite3_stmt *cell, int column)
{
    int type = cell ? sqlite3_column_type(cell, column) : SQLITE_NULL;
    const char *text = type == SQLITE_NULL ? NULL : (const char *)sqlite3_column_text(cell, column);
    bool last = i + 1 == rows->cells;

    switch (rows->form) {
    case QUERY_TEXT:
        put_text(rows->out, text ? text : "-", last || !rows->width ? 0 : rows->width[i]);
        fputs(last ? "\n" : "  ", rows->out);
        break;
    case QUERY_CSV:
        if (text)
            csv_field(rows->out, text);
        fputc(last ? '\n' : ',', rows->out);
        break;
    case QUERY_JSON:
        put_json(rows->out, rows->title[i]);
        fputs(": ", rows->out);
        if (text && type == SQLITE_TEXT)
            put_json(rows->out, text);
        else
            fputs(text ? text : "null", rows->out);
        fputs(last ? "}" : ", ", rows->out);
        break;
    }
}

void rows_begin(struct rows *rows)
{
    rows->first = true;
    if (rows->form == QUERY_JSON)
        fputc('[', rows->out);
    for (unsigned i = 0; rows->form != QUERY_JSON && i < rows->cells; i++) {
        bool last = i + 1 == rows->cells;

        if (rows->form == QUERY_CSV)
            csv_field(rows->out, rows->title[i]);
        else
            put_text(rows->out, rows->title[i], last || !rows->width ? 0 : rows->width[i]);
        fputs(last ? "\n" : rows->form == QUERY_CSV ? "," : "  ", rows->out);
    }
}

void rows_put(struct rows *rows, sqlite3_stmt *const cell[], const int column[])
{
    if (rows->form == QUERY_JSON)
        fputs(rows->first ? "\n {" : ",\n {", rows->out);
    rows->first = false;
    for (unsigned i = 0; i < rows->cells; i++)
        put_cell(rows, i, cell[i], column[i]);
}

void rows_end(struct rows *rows)
{
    if (rows->form == QUERY_JSON)
        fputs(rows->first ? "]\n" : "\n]\n", rows->out);
}
