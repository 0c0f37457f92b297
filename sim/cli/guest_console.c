/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/cli/guest_console.h"

#include <string.h>

/* ---- showing --------------------------------------------------------------------------------- */

static void show(struct guest_console *c, char byte)
{
    if (c->return_held && byte != '\n')
        fputc('\r', c->out);
    c->return_held = byte == '\r';
    if (c->return_held)
        return;
    if (byte == '\n' && c->terminal)
        fputc('\r', c->out);
    fputc(byte, c->out);
    c->in_line = byte != '\n';
    if (byte == '\n')
        fflush(c->out);
}

static void show_all(struct guest_console *c, const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        show(c, text[i]);
}

static void show_held(struct guest_console *c)
{
    show_all(c, c->held, c->held_bytes);
    c->held_bytes = 0;
}

/* ---- lines that wait ------------------------------------------------------------------------- */

static struct guest_line *at(struct guest_lines *lines, unsigned i)
{
    return &lines->line[(lines->first + i) % GUEST_LINES];
}

static void drop(struct guest_lines *lines, unsigned count)
{
    lines->first = (lines->first + count) % GUEST_LINES;
    lines->count -= count;
}

static void add(struct guest_lines *lines, const char *text, size_t length)
{
    struct guest_line *line;

    if (lines->count == GUEST_LINES)
        drop(lines, 1);
    line = at(lines, lines->count++);
    line->length = length < GUEST_LINE ? length : GUEST_LINE;
    memcpy(line->text, text, line->length);
}

/* Takes out the first line that is this one, and all before it. False: there is none. */
static bool take(struct guest_lines *lines, const char *text, size_t length)
{
    length = length < GUEST_LINE ? length : GUEST_LINE;
    for (unsigned i = 0; i < lines->count; i++) {
        const struct guest_line *line = at(lines, i);

        if (line->length == length && memcmp(line->text, text, length) == 0) {
            drop(lines, i + 1);
            return true;
        }
        if (length == 0)
            return false;
    }
    return false;
}

static bool may_become(struct guest_lines *lines, const struct guest_line *now)
{
    for (unsigned i = 0; i < lines->count; i++)
        if (at(lines, i)->length >= now->length &&
            memcmp(at(lines, i)->text, now->text, now->length) == 0)
            return true;
    return false;
}

/* ---- the two ways ---------------------------------------------------------------------------- */

static void end_ring_line(struct guest_console *c)
{
    if (c->unlike || !take(&c->by_io, c->now.text, c->now.length)) {
        show_held(c);
        show(c, '\n');
        add(&c->by_ring, c->now.text, c->now.length);
    }
    c->held_bytes = c->now.length = 0;
    c->unlike = false;
}

void guest_console_ring(struct guest_console *c, const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        char byte = text[i];

        if (byte == '\n') {
            if (c->held_bytes && c->held[c->held_bytes - 1] == '\r')
                c->held_bytes--;
            end_ring_line(c);
            continue;
        }
        if (((byte >= ' ' && byte <= '~') || byte == '\t') && c->now.length < GUEST_LINE)
            c->now.text[c->now.length++] = byte;
        c->held[c->held_bytes++] = byte;
        c->unlike =
            c->unlike || c->held_bytes == sizeof(c->held) || !may_become(&c->by_io, &c->now);
        if (c->unlike)
            show_held(c);
    }
    if (c->in_line)
        fflush(c->out);
}

void guest_console_line(struct guest_console *c, const char *text, size_t bytes)
{
    if (take(&c->by_ring, text, bytes))
        return;
    /* The ring may be in the middle of the same line: then only the rest is new. */
    if (c->unlike && c->now.length && c->now.length <= bytes &&
        memcmp(text, c->now.text, c->now.length) == 0) {
        show_all(c, text + c->now.length, bytes - c->now.length);
        c->unlike = false;
    } else {
        if (c->in_line)
            show(c, '\n');
        show_all(c, text, bytes);
    }
    show(c, '\n');
    add(&c->by_io, text, bytes);
}

void guest_console_end(struct guest_console *c)
{
    show_held(c);
    if (c->return_held)
        fputc('\r', c->out);
    c->return_held = false;
    fflush(c->out);
}
