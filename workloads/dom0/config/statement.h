/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * statement.h - the statements of a domain's description, after xl.cfg(5)
 *
 *   NAME = VALUE      ends with its line or with a semicolon; += in place of = adds to it
 *   # ...             a comment, to the end of its line, anywhere but within quotes
 *
 * A value is a text in single or double quotes; a list ['...', "..."] that may go on over lines; or
 * words without quotes, of which Xen's own takes numbers alone.
 */
#ifndef XENOLITH_XL_STATEMENT_H
#define XENOLITH_XL_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>

#define STATEMENT_KEY_BYTES   64
#define STATEMENT_VALUE_BYTES 4096

struct statement {
    unsigned line; /* on which it begins, from 1 */
    bool adds;     /* += */
    char key[STATEMENT_KEY_BYTES];
    char value[STATEMENT_VALUE_BYTES]; /* without its quotes; a list with its brackets, in a line */
};

/* Where the next statement is looked for. */
struct statement_source {
    const char *text; /* ends with NUL */
    unsigned line;
};

enum statement_result { STATEMENT_READ, STATEMENT_NONE, STATEMENT_WRONG };

/* Reads the next statement and moves on. WRONG: `*wrong` says what does not follow the rules, and
 * statement->line is where. */
enum statement_result statement_next(struct statement_source *source, struct statement *statement,
                                     const char **wrong);

#endif
