/* SPDX-License-Identifier: GPL-2.0-only */
/* paint.c - cells that differ become text; what stays is not written again */
#include "workloads/dom0/consoles/paint.h"

#include <stdio.h>
#include <stdlib.h>

#define UNKNOWN 0xffff
#define NEAR    4 /* cells that are rather written again than jumped over */

int paint_open(struct paint *paint, unsigned rows, unsigned columns)
{
    *paint = (struct paint){.rows = rows, .columns = columns};
    paint->shown = malloc(rows * columns * sizeof(*paint->shown));
    if (paint->shown)
        paint_forget(paint);
    return paint->shown != NULL;
}

void paint_forget(struct paint *paint)
{
    for (unsigned i = 0; i < paint->rows * paint->columns; i++)
        paint->shown[i] = UNKNOWN;
    paint->attribute = -1;
    printf("\033[r\033[m\033[2J");
}

/* A cell's attribute as SGR; VGA's colours have their bits the other way round. */
static void set_attribute(struct paint *paint, int attribute)
{
    static const char ansi[8] = {0, 4, 2, 6, 1, 5, 3, 7};

    if (attribute == paint->attribute)
        return;
    paint->attribute = attribute;
    printf("\033[0%s", attribute & 8 ? ";1" : "");
    if ((attribute & 7) != 7)
        printf(";%d", 30 + ansi[attribute & 7]);
    if (attribute >> 4 & 7)
        printf(";%d", 40 + ansi[attribute >> 4 & 7]);
    putchar('m');
}

/* From a column on: the end of the cells that are to be written in one go. */
static unsigned run_end(const uint16_t *cells, const uint16_t *shown, unsigned from,
                        unsigned columns)
{
    unsigned end = from + 1;

    for (unsigned at = end; at < columns && at < end + NEAR; at++)
        if (cells[at] != shown[at])
            end = at + 1;
    return end;
}

void paint_rows(struct paint *paint, const uint16_t *cells, unsigned first, unsigned rows)
{
    for (unsigned row = 0; row < rows; row++, cells += paint->columns) {
        uint16_t *shown = paint->shown + (first + row) * paint->columns;

        for (unsigned column = 0; column < paint->columns; column++) {
            if (cells[column] == shown[column])
                continue;
            unsigned end = run_end(cells, shown, column, paint->columns);

            printf("\033[%u;%uH", first + row + 1, column + 1);
            for (; column < end; column++) {
                set_attribute(paint, cells[column] >> 8);
                putchar(cells[column] & 0xff);
                shown[column] = cells[column];
            }
        }
    }
}

void paint_finish(struct paint *paint, unsigned row, unsigned column)
{
    (void)paint;
    printf("\033[%u;%uH", row + 1, column + 1);
    fflush(stdout);
}
