// SPDX-License-Identifier: GPL-2.0-only
/* Text out by console_io, and the few string functions that a test needs. */
#include "tests/guest/kit/kit.h"

void *memset(void *to, int byte, size_t bytes)
{
    void *at = to;
    asm volatile("rep stosb" : "+D"(at), "+c"(bytes) : "a"(byte) : "memory");
    return to;
}

void *memcpy(void *to, const void *from, size_t bytes)
{
    void *at = to;
    asm volatile("rep movsb" : "+D"(at), "+S"(from), "+c"(bytes) : : "memory");
    return to;
}

int memcmp(const void *a, const void *b, size_t bytes)
{
    const uint8_t *left = a, *right = b;
    for (; bytes; bytes--, left++, right++)
        if (*left != *right)
            return *left - *right;
    return 0;
}

int strcmp(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return (uint8_t)*a - (uint8_t)*b;
}

bool starts_with(const char *text, const char *prefix)
{
    while (*prefix)
        if (*text++ != *prefix++)
            return false;
    return true;
}

struct sink {
    char *at, *end;
};

static void put(struct sink *sink, char c)
{
    if (sink->at < sink->end)
        *sink->at++ = c;
}

static void put_number(struct sink *sink, uint64_t value, unsigned base, unsigned width, char fill)
{
    char digits[24];
    unsigned count = 0;
    do {
        /* 64-bit values are printed in hexadecimal only, and need no 64-bit division. */
        unsigned digit = base == 16 ? (unsigned)value & 15 : (uint32_t)value % 10;
        digits[count++] = "0123456789abcdef"[digit];
        value = base == 16 ? value >> 4 : (uint32_t)value / 10;
    } while (value);
    while (count < width && count < sizeof(digits))
        digits[count++] = fill;
    while (count)
        put(sink, digits[--count]);
}

unsigned format_text(char *out, unsigned size, const char *format, va_list list)
{
    struct sink sink = {out, out + size - 1};
    for (; *format; format++) {
        if (*format != '%') {
            put(&sink, *format);
            continue;
        }
        char fill = ' ';
        unsigned width = 0, longs = 0;
        if (*++format == '0')
            fill = '0', format++;
        for (; *format >= '0' && *format <= '9'; format++)
            width = width * 10 + *format - '0';
        for (; *format == 'l'; format++)
            longs++;
        switch (*format) {
        case 's':
            for (const char *text = va_arg(list, const char *); *text; text++)
                put(&sink, *text);
            break;
        case 'c':
            put(&sink, va_arg(list, int));
            break;
        case 'd': {
            int value = va_arg(list, int);
            if (value < 0)
                put(&sink, '-');
            put_number(&sink, value < 0 ? -(uint32_t)value : (uint32_t)value, 10, width, fill);
            break;
        }
        case 'u':
            put_number(&sink,
                       longs == 2 ? (uint32_t)va_arg(list, uint64_t) : va_arg(list, uint32_t), 10,
                       width, fill);
            break;
        case 'p':
        case 'x':
            put_number(&sink, longs == 2 ? va_arg(list, uint64_t) : va_arg(list, uint32_t), 16,
                       width, fill);
            break;
        default:
            put(&sink, *format);
        }
    }
    *sink.at = 0;
    return sink.at - out;
}

void print(const char *format, ...)
{
    char text[320];
    va_list list;
    va_start(list, format);
    unsigned length = format_text(text, sizeof(text), format, list);
    va_end(list);
    HYPERCALL(console_io, CONSOLEIO_write, length, text);
}
