/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * screen.c - a terminal's screen
 *
 *   BEL BS HT LF VT FF CR
 *   ESC 7, ESC 8       save, restore the cursor       ESC D, ESC E, ESC M  down, new line, up
 *   ESC c              reset                          ESC ( x, ESC ) x     character sets: ignored
 *   CSI n A B C D      move                           CSI n G, CSI n d     to a column, a row
 *   CSI r;c H, f       to a place                     CSI n J, CSI n K     erase (screen, line)
 *   CSI n L, CSI n M   insert, delete lines           CSI n S, CSI n T     scroll up, down
 *   CSI n @, n P, n X  insert, delete, erase cells    CSI t;b r            the rows that scroll
 *   CSI ... m          colours                        CSI s, CSI u         save, restore the cursor
 *   CSI 5 n, 6 n, c    answered                       ESC ] ... BEL        ignored
 *
 * Any other sequence is read to its end and ignored. Characters are ASCII; of a longer one in UTF-8
 * the first byte shows as "?" and those that go on as nothing.
 */
#include "include/pc/screen.h"
#include "include/freestanding/format.h"

enum { TEXT, ESCAPE, CSI, STRING, STRING_ESCAPE, CHARACTER_SET };

#define BELL          0x07
#define BACKSPACE     0x08
#define CANCEL        0x18
#define SUBSTITUTE    0x1a
#define ESC           0x1b
#define DELETE        0x7f
#define TAB_COLUMNS   8
#define LIGHT_GREY    7
#define BRIGHT        8
#define PARAMETER_MAX 9999

/* ---- cells ----------------------------------------------------------------------------------- */

static uint16_t attribute(const struct screen *s)
{
    unsigned front = s->foreground, back = s->background;

    if (s->reverse) {
        front = (s->foreground & BRIGHT) | s->background;
        back = s->foreground & ~(unsigned)BRIGHT;
    }
    return (uint16_t)(front << 8 | back << 12);
}

/* Cells of one row from `from` up to, not including, `to`. */
static void blank(struct screen *s, unsigned row, unsigned from, unsigned to)
{
    uint16_t cell = (uint16_t)(attribute(s) | ' ');

    for (unsigned column = from; column < to && column < s->columns; column++)
        s->cells[row * s->columns + column] = cell;
}

static void copy_row(struct screen *s, unsigned to, unsigned from)
{
    for (unsigned column = 0; column < s->columns; column++)
        s->cells[to * s->columns + column] = s->cells[from * s->columns + column];
}

/* Rows first..last move up by n; blank ones come in from below. */
static void scroll_up(struct screen *s, unsigned first, unsigned last, unsigned n)
{
    for (unsigned row = first; row <= last; row++) {
        if (n <= last - row)
            copy_row(s, row, row + n);
        else
            blank(s, row, 0, s->columns);
    }
}

static void scroll_down(struct screen *s, unsigned first, unsigned last, unsigned n)
{
    for (unsigned row = last + 1; row-- > first;) {
        if (n <= row - first)
            copy_row(s, row, row - n);
        else
            blank(s, row, 0, s->columns);
    }
}

/* ---- the cursor ------------------------------------------------------------------------------ */

static unsigned lesser(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static void move_to(struct screen *s, unsigned row, unsigned column)
{
    s->row = lesser(row, s->rows - 1);
    s->column = lesser(column, s->columns - 1);
    s->wrap = false;
}

static void line_down(struct screen *s)
{
    if (s->row == s->bottom)
        scroll_up(s, s->top, s->bottom, 1);
    else if (s->row + 1 < s->rows)
        s->row++;
    s->wrap = false;
}

static void line_up(struct screen *s)
{
    if (s->row == s->top)
        scroll_down(s, s->top, s->bottom, 1);
    else if (s->row > 0)
        s->row--;
    s->wrap = false;
}

static void save(struct screen *s)
{
    s->saved_row = s->row;
    s->saved_column = s->column;
}

static void put(struct screen *s, uint8_t c)
{
    if (s->wrap) {
        s->column = 0;
        line_down(s);
    }
    s->cells[s->row * s->columns + s->column] = (uint16_t)(attribute(s) | c);
    if (s->column + 1 < s->columns)
        s->column++;
    else
        s->wrap = true;
}

void screen_reset(struct screen *s)
{
    s->foreground = LIGHT_GREY;
    s->background = 0;
    s->reverse = false;
    s->top = 0;
    s->bottom = s->rows - 1;
    s->state = TEXT;
    for (unsigned row = 0; row < s->rows; row++)
        blank(s, row, 0, s->columns);
    move_to(s, 0, 0);
    save(s);
}

void screen_init(struct screen *s, uint16_t *cells, unsigned rows, unsigned columns)
{
    *s = (struct screen){.cells = cells,
                         .rows = rows,
                         .columns = columns,
                         .bottom = rows - 1,
                         .foreground = LIGHT_GREY};
}

/* ---- control sequences ----------------------------------------------------------------------- */

/* Parameter i of the sequence; absent or 0: `absent`. */
static unsigned parameter(const struct screen *s, unsigned i, unsigned absent)
{
    return i < s->parameters && s->parameter[i] ? s->parameter[i] : absent;
}

static void erase_line(struct screen *s, unsigned kind)
{
    if (kind == 0)
        blank(s, s->row, s->column, s->columns);
    else if (kind == 1)
        blank(s, s->row, 0, s->column + 1);
    else
        blank(s, s->row, 0, s->columns);
}

static void erase_screen(struct screen *s, unsigned kind)
{
    unsigned first = kind == 0 ? s->row + 1 : 0, end = kind == 1 ? s->row : s->rows;

    if (kind < 2)
        erase_line(s, kind);
    for (unsigned row = first; row < end; row++)
        blank(s, row, 0, s->columns);
}

/* Cells from the cursor on move to the right, or back to the left; what leaves the line is lost. */
static void shift_cells(struct screen *s, unsigned n, bool right)
{
    uint16_t *row = s->cells + s->row * s->columns;
    unsigned rest = s->columns - s->column;

    n = lesser(n, rest);
    if (right) {
        for (unsigned i = rest; i-- > n;)
            row[s->column + i] = row[s->column + i - n];
        blank(s, s->row, s->column, s->column + n);
    } else {
        for (unsigned i = 0; i + n < rest; i++)
            row[s->column + i] = row[s->column + i + n];
        blank(s, s->row, s->columns - n, s->columns);
    }
}

/* SGR. ECMA-48 counts colours red 1, green 2, blue 4; VGA the other way round. */
static void colour(struct screen *s, unsigned code)
{
    static const uint8_t vga[8] = {0, 4, 2, 6, 1, 5, 3, 7};

    if (code == 0) {
        s->foreground = LIGHT_GREY;
        s->background = 0;
        s->reverse = false;
    } else if (code == 1) {
        s->foreground |= BRIGHT;
    } else if (code == 2 || code == 22) {
        s->foreground &= (uint8_t)~BRIGHT;
    } else if (code == 7 || code == 27) {
        s->reverse = code == 7;
    } else if (code >= 30 && code <= 37) {
        s->foreground = (uint8_t)((s->foreground & BRIGHT) | vga[code - 30]);
    } else if (code == 39) {
        s->foreground = (uint8_t)((s->foreground & BRIGHT) | LIGHT_GREY);
    } else if (code >= 40 && code <= 47) {
        s->background = vga[code - 40];
    } else if (code == 49) {
        s->background = 0;
    } else if (code >= 90 && code <= 97) {
        s->foreground = (uint8_t)(BRIGHT | vga[code - 90]);
    } else if (code >= 100 && code <= 107) {
        s->background = vga[code - 100];
    }
}

static void colours(struct screen *s)
{
    for (unsigned i = 0; i < s->parameters || i == 0; i++)
        colour(s, parameter(s, i, 0));
}

static void set_margins(struct screen *s)
{
    unsigned top = parameter(s, 0, 1), bottom = lesser(parameter(s, 1, s->rows), s->rows);

    if (top < bottom) {
        s->top = top - 1;
        s->bottom = bottom - 1;
        move_to(s, 0, 0);
    }
}

static void report(struct screen *s, char kind)
{
    char text[24];
    int length = 0;

    if (kind == 'c')
        length = format(text, sizeof(text), "\x1b[?6c"); /* a VT102 */
    else if (parameter(s, 0, 0) == 5)
        length = format(text, sizeof(text), "\x1b[0n"); /* in order */
    else if (parameter(s, 0, 0) == 6)
        length = format(text, sizeof(text), "\x1b[%u;%uR", s->row + 1, s->column + 1);
    if (length > 0 && s->answer)
        s->answer(s, text, (size_t)length);
}

static void insert_or_delete_lines(struct screen *s, bool insert, unsigned n)
{
    if (s->row < s->top || s->row > s->bottom)
        return;
    if (insert)
        scroll_down(s, s->row, s->bottom, n);
    else
        scroll_up(s, s->row, s->bottom, n);
    move_to(s, s->row, 0);
}

static void control_sequence(struct screen *s, char final)
{
    unsigned n = parameter(s, 0, 1);

    if (s->private)
        return;
    switch (final) {
    case 'A':
        move_to(s, s->row - lesser(n, s->row), s->column);
        break;
    case 'B':
        move_to(s, s->row + n, s->column);
        break;
    case 'C':
        move_to(s, s->row, s->column + n);
        break;
    case 'D':
        move_to(s, s->row, s->column - lesser(n, s->column));
        break;
    case 'G':
        move_to(s, s->row, n - 1);
        break;
    case 'd':
        move_to(s, n - 1, s->column);
        break;
    case 'H':
    case 'f':
        move_to(s, n - 1, parameter(s, 1, 1) - 1);
        break;
    case 'J':
        erase_screen(s, parameter(s, 0, 0));
        break;
    case 'K':
        erase_line(s, parameter(s, 0, 0));
        break;
    case 'L':
    case 'M':
        insert_or_delete_lines(s, final == 'L', n);
        break;
    case 'S':
        scroll_up(s, s->top, s->bottom, n);
        break;
    case 'T':
        scroll_down(s, s->top, s->bottom, n);
        break;
    case '@':
    case 'P':
        shift_cells(s, n, final == '@');
        break;
    case 'X':
        blank(s, s->row, s->column, s->column + n);
        break;
    case 'm':
        colours(s);
        break;
    case 'r':
        set_margins(s);
        break;
    case 's':
        save(s);
        break;
    case 'u':
        move_to(s, s->saved_row, s->saved_column);
        break;
    case 'n':
    case 'c':
        report(s, final);
        break;
    default:
        break;
    }
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static void control(struct screen *s, uint8_t c)
{
    switch (c) {
    case BACKSPACE:
        move_to(s, s->row, s->column - lesser(1, s->column));
        break;
    case '\t':
        move_to(s, s->row, (s->column / TAB_COLUMNS + 1) * TAB_COLUMNS);
        break;
    case '\n':
    case '\v':
    case '\f':
        line_down(s);
        break;
    case '\r':
        move_to(s, s->row, 0);
        break;
    case CANCEL:
    case SUBSTITUTE:
        s->state = TEXT;
        break;
    case ESC:
        s->state = ESCAPE;
        break;
    default:
        break;
    }
}

static void escape(struct screen *s, uint8_t c)
{
    s->state = TEXT;
    switch (c) {
    case '[':
        s->state = CSI;
        s->private = false;
        s->parameters = 0;
        s->parameter[0] = 0;
        break;
    case ']':
    case 'P':
        s->state = STRING;
        break;
    case '(':
    case ')':
    case '#':
        s->state = CHARACTER_SET;
        break;
    case '7':
        save(s);
        break;
    case '8':
        move_to(s, s->saved_row, s->saved_column);
        break;
    case 'E':
        move_to(s, s->row, 0);
        line_down(s);
        break;
    case 'D':
        line_down(s);
        break;
    case 'M':
        line_up(s);
        break;
    case 'c':
        screen_reset(s);
        break;
    default:
        break;
    }
}

static void sequence(struct screen *s, uint8_t c)
{
    if (c >= '0' && c <= '9') {
        if (s->parameters == 0)
            s->parameters = 1;
        unsigned *p = &s->parameter[s->parameters - 1];

        *p = lesser(*p * 10 + (c - '0'), PARAMETER_MAX);
    } else if (c == ';') {
        if (s->parameters == 0)
            s->parameters = 1;
        if (s->parameters < SCREEN_PARAMETERS)
            s->parameter[s->parameters++] = 0;
    } else if (c >= '<' && c <= '?') {
        s->private = true;
    } else if (c >= '@' && c <= '~') {
        s->state = TEXT;
        control_sequence(s, (char)c);
    }
}

static void take(struct screen *s, uint8_t c)
{
    if (s->state == STRING || s->state == STRING_ESCAPE) {
        if (c == BELL || s->state == STRING_ESCAPE)
            s->state = TEXT;
        else if (c == ESC)
            s->state = STRING_ESCAPE;
    } else if (c < ' ') {
        control(s, c);
    } else if (s->state == ESCAPE) {
        escape(s, c);
    } else if (s->state == CSI) {
        sequence(s, c);
    } else if (s->state == CHARACTER_SET) {
        s->state = TEXT;
    } else if (c < DELETE) {
        put(s, c);
    } else if (c >= 0xc0) {
        put(s, '?');
    }
}

void screen_write(struct screen *s, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        take(s, (uint8_t)text[i]);
}
