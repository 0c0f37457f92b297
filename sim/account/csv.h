/* SPDX-License-Identifier: GPL-2.0-only */
/* csv.h - a field of a table in text, quoted as RFC 4180, section 2, says */
#ifndef XENOLITH_ACCOUNT_CSV_H
#define XENOLITH_ACCOUNT_CSV_H

#include <stdio.h>

/* Writes a field without its comma; an empty text is "", so that nothing can mean absence. */
void csv_field(FILE *out, const char *text);

#endif
