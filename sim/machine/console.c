/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/machine/console.h"

void console_byte(void *owner, uint8_t byte)
{
    struct console *console = owner;

    console->kept[console->count++ % CONSOLE_KEPT] = (char)byte;
    if (!console->out || console->count <= console->shown)
        return;
    fputc(byte, console->out);
    if (byte == '\n')
        fflush(console->out);
}

static char at(const struct console *console, uint64_t position)
{
    return console->kept[position % CONSOLE_KEPT];
}

void console_resume(struct console *console)
{
    uint64_t oldest = console->count > CONSOLE_KEPT ? console->count - CONSOLE_KEPT : 0;
    uint64_t start = console->count;

    while (start > oldest && at(console, start - 1) != '\n')
        start--;
    for (; console->out && start < console->count; start++)
        fputc(at(console, start), console->out);
}

void console_tail(const struct console *console, FILE *out, const char *prefix, unsigned lines)
{
    uint64_t end = console->count;
    uint64_t oldest = end > CONSOLE_KEPT ? end - CONSOLE_KEPT : 0;
    uint64_t start;

    while (end > oldest && (at(console, end - 1) == '\n' || at(console, end - 1) == '\r'))
        end--;
    for (start = end; start > oldest; start--)
        if (at(console, start - 1) == '\n' && --lines == 0)
            break;
    if (start == end)
        return;
    fputs(prefix, out);
    for (uint64_t i = start; i < end; i++) {
        char c = at(console, i);

        if (c == '\n')
            fprintf(out, "\n%s", prefix);
        else if (c >= ' ' && c <= '~')
            fputc(c, out);
    }
    fputc('\n', out);
}
