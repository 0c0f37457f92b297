/* SPDX-License-Identifier: GPL-2.0-only */
/* number.c - numbers in text */
#include "hv/include/lib.h"

static int digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 99;
}

uint64_t parse_number(const char *text, const char **end)
{
    int base = 10;
    uint64_t value = 0;

    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text += 2;
    }
    for (; digit_value(*text) < base; text++)
        value = value * base + digit_value(*text);
    *end = text;
    return value;
}
