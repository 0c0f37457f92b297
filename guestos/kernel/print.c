/* SPDX-License-Identifier: GPL-2.0-only */
/* print.c - formatting, console messages, and the last message of all */
#include "guestos/arch.h"
#include "guestos/kernel/lib.h"

struct sink {
    char *at, *end;
    int length;
};

static void put(struct sink *sink, char c)
{
    if (sink->at < sink->end)
        *sink->at++ = c;
    sink->length++;
}

static void put_padded(struct sink *sink, const char *text, size_t length, int width, char pad)
{
    int fill = width < 0 ? -width : width;
    fill = fill > (int)length ? fill - (int)length : 0;
    for (int i = 0; width > 0 && i < fill; i++)
        put(sink, pad);
    for (size_t i = 0; i < length; i++)
        put(sink, text[i]);
    for (int i = 0; width < 0 && i < fill; i++)
        put(sink, ' ');
}

static void put_number(struct sink *sink, u64 value, u32 base, bool negative, int width, char pad)
{
    char digits[24];
    size_t at = sizeof digits;
    do {
        u32 digit;
        value = divide(value, base, &digit);
        digits[--at] = "0123456789abcdef"[digit];
    } while (value);
    if (negative && pad == '0') {
        put(sink, '-');
        width--;
    } else if (negative) {
        digits[--at] = '-';
    }
    put_padded(sink, digits + at, sizeof digits - at, width, pad);
}

int format_list(char *buffer, size_t size, const char *text, __builtin_va_list list)
{
    struct sink sink = {buffer, size ? buffer + size - 1 : buffer, 0};
    for (; *text; text++) {
        if (*text != '%') {
            put(&sink, *text);
            continue;
        }
        bool left = false;
        char pad = ' ';
        int width = 0, longs = 0;
        for (text++; *text == '-' || *text == '0'; text++) {
            left = left || *text == '-';
            pad = *text == '0' ? '0' : pad;
        }
        for (; *text >= '0' && *text <= '9'; text++)
            width = width * 10 + (*text - '0');
        for (; *text == 'l' || *text == 'z'; text++)
            longs += *text == 'l';
        width = left ? -width : width;
        switch (*text) {
        case 'd':
        case 'i': {
            s64 v = longs > 1 ? __builtin_va_arg(list, s64) : __builtin_va_arg(list, int);
            put_number(&sink, v < 0 ? -(u64)v : (u64)v, 10, v < 0, width, pad);
            break;
        }
        case 'u':
        case 'x':
        case 'p': {
            u64 v = longs > 1 ? __builtin_va_arg(list, u64) : __builtin_va_arg(list, u32);
            put_number(&sink, v, *text == 'u' ? 10 : 16, false, width, pad);
            break;
        }
        case 'c': {
            char c = (char)__builtin_va_arg(list, int);
            put_padded(&sink, &c, 1, width, ' ');
            break;
        }
        case 's': {
            const char *s = __builtin_va_arg(list, const char *);
            s = s ? s : "(null)";
            put_padded(&sink, s, strlen(s), width, ' ');
            break;
        }
        case '\0':
            text--;
            break;
        default:
            put(&sink, *text);
        }
    }
    if (size)
        *sink.at = '\0';
    return sink.length;
}

int format(char *buffer, size_t size, const char *text, ...)
{
    __builtin_va_list list;
    __builtin_va_start(list, text);
    int length = format_list(buffer, size, text, list);
    __builtin_va_end(list);
    return length;
}

static void print_list(const char *text, __builtin_va_list list)
{
    char line[256];
    int length = format_list(line, sizeof line, text, list);
    arch_console_write(line, MIN((u32)length, (u32)sizeof line - 1));
}

void kprintf(const char *text, ...)
{
    __builtin_va_list list;
    __builtin_va_start(list, text);
    print_list(text, list);
    __builtin_va_end(list);
}

void panic(const char *text, ...)
{
    static bool panicking;
    if (!panicking) {
        panicking = true;
        __builtin_va_list list;
        __builtin_va_start(list, text);
        kprintf("kernel panic: ");
        print_list(text, list);
        kprintf("\n");
        __builtin_va_end(list);
    }
    arch_power_off(POWER_CRASH);
}
