/* SPDX-License-Identifier: GPL-2.0-only */
/* Text out by console_io. */
#include "tests/guest/kit/kit.h"

bool starts_with(const char *text, const char *prefix)
{
    while (*prefix)
        if (*text++ != *prefix++)
            return false;
    return true;
}

void print(const char *format, ...)
{
    char text[320];
    va_list list;

    va_start(list, format);
    int length = format_list(text, sizeof(text), format, list);
    va_end(list);
    if (length >= (int)sizeof(text))
        length = sizeof(text) - 1;
    HYPERCALL(console_io, CONSOLEIO_write, length, text);
}
