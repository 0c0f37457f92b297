/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * paint.h - makes a terminal show a grid of cells (include/pc/screen.h), by as little text as it
 * takes
 */
#ifndef XENOLITH_CONSOLES_PAINT_H
#define XENOLITH_CONSOLES_PAINT_H

#include <stdint.h>

struct paint {
    unsigned rows, columns;
    uint16_t *shown; /* what the terminal shows, as far as it is known */
    int attribute;   /* that it writes with; -1: unknown */
};

/* False: there is no memory for it. */
int paint_open(struct paint *paint, unsigned rows, unsigned columns);

/* The terminal's content is unknown: everything is written next time. */
void paint_forget(struct paint *paint);

/* Rows first..first+rows-1 of the terminal become `cells`. */
void paint_rows(struct paint *paint, const uint16_t *cells, unsigned first, unsigned rows);

/* Puts the cursor there and writes out what is to be written. */
void paint_finish(struct paint *paint, unsigned row, unsigned column);

#endif
