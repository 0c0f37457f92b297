/* SPDX-License-Identifier: GPL-2.0-only */
/* format.c - a small printf */
#include "hv/include/lib.h"
#include "hv/include/math64.h"

struct output {
    char *to;
    size_t size, length;
};

static void put(struct output *out, char c)
{
    if (out->length + 1 < out->size)
        out->to[out->length] = c;
    out->length++;
}

static void put_number(struct output *out, uint64_t value, int base, int width, char pad,
                       bool minus)
{
    char digits[24];
    int count = 0;

    do {
        uint32_t rest;

        value = divide(value, base, &rest);
        digits[count++] = "0123456789abcdef"[rest];
    } while (value);
    if (minus && pad == '0')
        put(out, '-');
    for (int i = count + minus; i < width; i++)
        put(out, pad);
    if (minus && pad != '0')
        put(out, '-');
    while (count > 0)
        put(out, digits[--count]);
}

static void put_text(struct output *out, const char *text, int width)
{
    int length = (int)strlen(text);

    for (int i = 0; i < length; i++)
        put(out, text[i]);
    for (int i = length; i < width; i++)
        put(out, ' ');
}

int format_list(char *to, size_t size, const char *form, va_list values)
{
    struct output out = {to, size, 0};

    for (; *form; form++) {
        char pad = ' ';
        int width = 0, longs = 0;

        if (*form != '%') {
            put(&out, *form);
            continue;
        }
        form++;
        if (*form == '-')
            form++;
        if (*form == '0') {
            pad = '0';
            form++;
        }
        for (; *form >= '0' && *form <= '9'; form++)
            width = width * 10 + (*form - '0');
        for (; *form == 'l'; form++)
            longs++;
        switch (*form) {
        case 'd': {
            int64_t value = longs > 1 ? va_arg(values, long long) : va_arg(values, int);

            put_number(&out, value < 0 ? -(uint64_t)value : (uint64_t)value, 10, width, pad,
                       value < 0);
            break;
        }
        case 'u':
            put_number(&out,
                       longs > 1 ? va_arg(values, unsigned long long) : va_arg(values, unsigned),
                       10, width, pad, false);
            break;
        case 'x':
            put_number(&out,
                       longs > 1 ? va_arg(values, unsigned long long) : va_arg(values, unsigned),
                       16, width, pad, false);
            break;
        case 'p':
            put_number(&out, (uintptr_t)va_arg(values, void *), 16, 8, '0', false);
            break;
        case 's':
            put_text(&out, va_arg(values, const char *), width);
            break;
        case 'c':
            put(&out, (char)va_arg(values, int));
            break;
        default:
            put(&out, *form);
            break;
        }
    }
    if (size > 0)
        to[out.length < size ? out.length : size - 1] = '\0';
    return (int)out.length;
}

int format(char *to, size_t size, const char *form, ...)
{
    va_list values;
    int length;

    va_start(values, form);
    length = format_list(to, size, form, values);
    va_end(values);
    return length;
}
