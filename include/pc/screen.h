/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * screen.h - a terminal's screen: text and control sequences in, a grid of cells out
 *
 * The control sequences are those of ECMA-48 and DEC's VT100 that programs for TERM=linux use;
 * screen.c lists them. A cell is what VGA's text memory holds: the character (code page 437) in the
 * low byte; above it 4 bits of foreground, 3 of background. So the grid may be that memory itself.
 *
 * Pure: no devices, no allocation. The caller locks.
 */
#ifndef XENOLITH_PC_SCREEN_H
#define XENOLITH_PC_SCREEN_H

#include "include/freestanding/types.h"

#define SCREEN_PARAMETERS 8

struct screen {
    uint16_t *cells;        /* rows * columns, row by row */
    unsigned rows, columns; /* at least 1 */
    unsigned row, column;   /* of the cursor, from 0 */
    bool wrap;              /* the last column is written: the next character begins a new line */
    unsigned top, bottom;   /* the rows that scroll, both included */
    uint8_t foreground, background; /* VGA's colours; bit 3: bright */
    bool reverse;
    unsigned saved_row, saved_column;

    uint8_t state; /* of the reader of sequences */
    bool private;  /* "?" after CSI */
    unsigned parameter[SCREEN_PARAMETERS], parameters;
    /* What the terminal says to a program that asks it (cursor, kind), or NULL. */
    void (*answer)(struct screen *screen, const char *text, size_t length);
};

/* An empty screen on `cells`, which keeps whatever it shows; the cursor at the top. */
void screen_init(struct screen *screen, uint16_t *cells, unsigned rows, unsigned columns);

/* Blank, as by ESC c. */
void screen_reset(struct screen *screen);

void screen_write(struct screen *screen, const char *text, size_t length);

#endif
