/* SPDX-License-Identifier: GPL-2.0-only */
/* The screen of include/pc/screen.h: what text and control sequences leave on it. */
#include <criterion/criterion.h>
#include <string.h>

#include "include/pc/screen.h"

#define ROWS    4
#define COLUMNS 8
#define WALL    0x1234 /* around the grid: nothing may be written there */

static uint16_t memory[1 + ROWS * COLUMNS + 1];
static struct screen screen;
static char answered[32];

static void answer(struct screen *s, const char *text, size_t length)
{
    (void)s;
    memcpy(answered, text, length);
    answered[length] = '\0';
}

static void open_screen(void)
{
    memory[0] = memory[1 + ROWS * COLUMNS] = WALL;
    screen_init(&screen, memory + 1, ROWS, COLUMNS);
    screen_reset(&screen);
    screen.answer = answer;
}

static void check_walls(void)
{
    cr_expect(memory[0] == WALL && memory[1 + ROWS * COLUMNS] == WALL);
    cr_expect(screen.row < ROWS && screen.column < COLUMNS);
}

TestSuite(pc_screen, .init = open_screen, .fini = check_walls);

static void say(const char *text)
{
    screen_write(&screen, text, strlen(text));
}

/* The whole screen; rows end in "|", blanks at a row's end are left out. */
static const char *shown(void)
{
    static char text[ROWS * (COLUMNS + 1) + 1];
    char *to = text;

    for (unsigned row = 0; row < ROWS; row++) {
        char *end = to;

        for (unsigned column = 0; column < COLUMNS; column++) {
            *to++ = (char)memory[1 + row * COLUMNS + column];
            if (to[-1] != ' ')
                end = to;
        }
        to = end;
        *to++ = '|';
    }
    *to = '\0';
    return text;
}

static const struct {
    const char *what, *text, *shows;
    unsigned row, column;
} cases[] = {
    {"text", "ab", "ab||||", 0, 2},
    {"a new line keeps the column", "ab\ncd", "ab|  cd|||", 1, 4},
    {"CR LF", "ab\r\ncd", "ab|cd|||", 1, 2},
    {"the last column waits", "abcdefgh", "abcdefgh||||", 0, 7},
    {"and the next character wraps", "abcdefghi", "abcdefgh|i|||", 1, 1},
    {"a new line after the last column makes one line", "abcdefgh\r\ni", "abcdefgh|i|||", 1, 1},
    {"scrolls", "1\r\n2\r\n3\r\n4\r\n5", "2|3|4|5|", 3, 1},
    {"backspace and tab", "a\b\bb\tc", "b      c||||", 0, 7},
    {"moves, and stops at the edges", "\x1b[9;9Hx\x1b[99A\x1b[99Dy\x1b[2B\x1b[Cz",
     "y||  z|       x|", 2, 3},
    {"to a column and a row", "\x1b[3d\x1b[4Gx", "||   x||", 2, 4},
    {"erases to the line's end", "abcd\x1b[2D\x1b[K", "ab||||", 0, 2},
    {"erases from the line's beginning", "abcd\x1b[2D\x1b[1K", "   d||||", 0, 2},
    {"erases the screen", "ab\r\ncd\x1b[2J\x1b[H", "||||", 0, 0},
    {"erases what is below", "1\r\n2\r\n3\x1b[2;1H\x1b[J", "1||||", 1, 0},
    {"inserts and deletes cells", "abcd\x1b[3D\x1b[2@x\x1b[5G\x1b[P", "ax bd||||", 0, 4},
    {"inserts a line", "1\r\n2\r\n3\r\n4\x1b[2H\x1b[L", "1||2|3|", 1, 0},
    {"deletes lines", "1\r\n2\r\n3\r\n4\x1b[2H\x1b[2M", "1|4|||", 1, 0},
    {"margins scroll alone", "1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[3H\n", "1|3||4|", 2, 0},
    {"up at the top of the margins", "1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[2H\x1bM", "1||2|4|", 1, 0},
    {"margins the wrong way are ignored", "\x1b[3;2rx", "x||||", 0, 1},
    {"saves the cursor",
     "ab\x1b"
     "7\x1b[4;4Hx\x1b"
     "8c",
     "abc|||   x|", 0, 3},
    {"ignores what it does not know", "\x1b[?25l\x1b(B\x1b]0;title\x07\x1b[5zx", "x||||", 0, 1},
    {"a parameter too large, and too many", "\x1b[99999999999999C\x1b[1;1;1;1;1;1;1;1;1;1;1Hx",
     "x||||", 0, 1},
    {"a control inside a sequence", "\x1b[2\rCx", "  x||||", 0, 3},
    {"a cell for a character of UTF-8", "\xc3\xa4z", "?z||||", 0, 2},
    {"scrolls by more than there is", "1\r\n2\x1b[99S", "||||", 1, 1},
};

Test(pc_screen, text)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        open_screen();
        say(cases[i].text);
        cr_expect_str_eq(shown(), cases[i].shows, "%s: %s", cases[i].what, shown());
        cr_expect(screen.row == cases[i].row && screen.column == cases[i].column, "%s: at %u, %u",
                  cases[i].what, screen.row, screen.column);
        check_walls();
    }
}

Test(pc_screen, colours)
{
    say("a\x1b[31mb\x1b[1mc\x1b[44md\x1b[7me\x1b[mf\x1b[93mg");
    const uint16_t expected[] = {0x0700 | 'a', 0x0400 | 'b', 0x0c00 | 'c', 0x1c00 | 'd',
                                 0x4900 | 'e', 0x0700 | 'f', 0x0e00 | 'g'};

    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        cr_expect_eq(memory[1 + i], expected[i], "cell %zu: %04x", i, memory[1 + i]);
}

Test(pc_screen, answers)
{
    say("ab\r\nc\x1b[6n");
    cr_expect_str_eq(answered, "\x1b[2;2R");
    say("\x1b[5n");
    cr_expect_str_eq(answered, "\x1b[0n");
}

/* Whatever comes, nothing outside the grid is written (check_walls, ASan). */
Test(pc_screen, noise)
{
    static const char letters[] = "\x1b\x1b[[[0129;;?ABCDGHJKLMPSTX@dfmrsu\n\r\tabc78MDEc()]\x07";
    uint32_t seed = 1;

    for (unsigned i = 0; i < 200000; i++) {
        seed = seed * 1664525u + 1013904223u;
        screen_write(&screen, &letters[(seed >> 16) % (sizeof(letters) - 1)], 1);
    }
}
