/* SPDX-License-Identifier: GPL-2.0-only */
/* rows.h - rows of cells as aligned text, CSV (RFC 4180) or JSON */
#ifndef XENOLITH_SIM_ROWS_H
#define XENOLITH_SIM_ROWS_H

#include "sim/db/query.h"

struct rows {
    FILE *out;
    enum query_form form;
    unsigned cells;
    const char *const *title; /* of each cell */
    const int *width;         /* of each cell in the text form; NULL: one space between them */
    bool first;
};

void rows_begin(struct rows *rows);
/* A row from the first cells of a statement's row. Text of a hostile file has no control bytes. */
void rows_put(struct rows *rows, sqlite3_stmt *const cell[], const int column[]);
void rows_end(struct rows *rows);

#endif
