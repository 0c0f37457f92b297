/* SPDX-License-Identifier: GPL-2.0-only */
/* format.c - see format.h */
#include "include/freestanding/format.h"
#include "include/freestanding/divide.h"
#include "include/freestanding/string.h"

struct sink {
    char *to;
    size_t size, length; /* length: of the whole text, written or not */
};

/* One conversion, read from the text. */
struct conversion {
    int width;
    unsigned longs;
    bool left, zeros;
};

static void put(struct sink *sink, char c)
{
    if (sink->length + 1 < sink->size)
        sink->to[sink->length] = c;
    sink->length++;
}

static void fill(struct sink *sink, char with, int count)
{
    while (count-- > 0)
        put(sink, with);
}

static void put_text(struct sink *sink, const struct conversion *c, const char *text, int length)
{
    if (!c->left)
        fill(sink, ' ', c->width - length);
    for (int i = 0; i < length; i++)
        put(sink, text[i]);
    if (c->left)
        fill(sink, ' ', c->width - length);
}

static void put_number(struct sink *sink, const struct conversion *c, uint64_t value, uint32_t base,
                       bool negative)
{
    char digits[24]; /* 2^64 has 20 decimal digits, and a sign */
    int at = sizeof(digits);

    do {
        uint32_t digit;

        value = divide(value, base, &digit);
        digits[--at] = "0123456789abcdef"[digit];
    } while (value);
    if (c->zeros && !c->left) {
        if (negative)
            put(sink, '-');
        fill(sink, '0', c->width - negative - ((int)sizeof(digits) - at));
        put_text(sink, &(struct conversion){0}, digits + at, (int)sizeof(digits) - at);
        return;
    }
    if (negative)
        digits[--at] = '-';
    put_text(sink, c, digits + at, (int)sizeof(digits) - at);
}

/* Reads flags, width and length; returns where the letter is. */
static const char *read_conversion(const char *text, struct conversion *c)
{
    for (; *text == '-' || *text == '0'; text++) {
        c->left = c->left || *text == '-';
        c->zeros = c->zeros || *text == '0';
    }
    for (; *text >= '0' && *text <= '9'; text++)
        c->width = c->width * 10 + (*text - '0');
    for (; *text == 'l' || *text == 'z'; text++)
        c->longs += *text == 'l';
    return text;
}

int format_list(char *to, size_t size, const char *text, va_list values)
{
    struct sink sink = {to, size, 0};

    for (; *text; text++) {
        struct conversion c = {0};

        if (*text != '%') {
            put(&sink, *text);
            continue;
        }
        text = read_conversion(text + 1, &c);
        switch (*text) {
        case 'd':
        case 'i': {
            int64_t value = c.longs > 1 ? va_arg(values, int64_t) : va_arg(values, int);

            put_number(&sink, &c, value < 0 ? -(uint64_t)value : (uint64_t)value, 10, value < 0);
            break;
        }
        case 'u':
        case 'x': {
            uint64_t value = c.longs > 1 ? va_arg(values, uint64_t) : va_arg(values, unsigned);

            put_number(&sink, &c, value, *text == 'u' ? 10 : 16, false);
            break;
        }
        case 'p':
            c = (struct conversion){.width = 8, .zeros = true};
            put_number(&sink, &c, (uintptr_t)va_arg(values, void *), 16, false);
            break;
        case 'c': {
            char letter = (char)va_arg(values, int);

            put_text(&sink, &c, &letter, 1);
            break;
        }
        case 's': {
            const char *string = va_arg(values, const char *);

            if (!string)
                string = "(null)";
            put_text(&sink, &c, string, (int)strlen(string));
            break;
        }
        case '\0': /* the text ends within a conversion */
            text--;
            break;
        default:
            put(&sink, *text);
        }
    }
    if (size > 0)
        to[sink.length < size ? sink.length : size - 1] = '\0';
    return (int)sink.length;
}

int format(char *to, size_t size, const char *text, ...)
{
    va_list values;
    int length;

    va_start(values, text);
    length = format_list(to, size, text, values);
    va_end(values);
    return length;
}
