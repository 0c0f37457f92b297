/* SPDX-License-Identifier: GPL-2.0-only */
/* The guest kernel's line discipline: what is typed, what is shown, what a program reads. */
#include <criterion/criterion.h>

#include "guestos/drivers/line.h"
#include "tests/unit/guestos_support.h"

static struct line line;
static char shown[20000];
static uint32_t shown_bytes;

static void put(struct line *l, const char *text, uint32_t bytes)
{
    (void)l;
    if (shown_bytes + bytes < sizeof(shown)) {
        memcpy(shown + shown_bytes, text, bytes);
        shown_bytes += bytes;
        shown[shown_bytes] = '\0';
    }
}

static void setup(void)
{
    line_init(&line, put);
    shown_bytes = 0;
    shown[0] = '\0';
}

static enum line_event type(const char *text)
{
    enum line_event event = LINE_NOTHING;

    for (; *text; text++) {
        enum line_event e = line_input(&line, *text);

        event = e != LINE_NOTHING ? e : event;
    }
    return event;
}

/* What a read of `bytes` gives; "(wait)" if it would have to. */
static const char *take(uint32_t bytes)
{
    static char text[LINE_RING + 1];

    if (!line_ready(&line))
        return "(wait)";
    text[line_take(&line, text, bytes)] = '\0';
    return text;
}

TestSuite(guestos_line, .init = setup);

Test(guestos_line, editing)
{
    static const struct {
        const char *typed, *read, *shown;
    } cases[] = {
        {"hello\n", "hello\n", "hello\r\n"},
        {"hello\r", "hello\n", "hello\r\n"},
        {"hello", "(wait)", "hello"},
        {"helx\177lo\r", "hello\n", "helx\b \blo\r\n"},
        {"\177a\r", "a\n", "a\r\n"},
        {"ab\177\177\177c\r", "c\n", "ab\b \b\b \bc\r\n"},
        {"x\001\177y\r", "xy\n", "x^A\b \b\b \by\r\n"},
        {"a\tb\177\177c\r", "ac\n", "a\tb\b \b\b\b\b\b\b\b\bc\r\n"},
        {"one two\027three\r", "one three\n", "one two\b \b\b \b\b \bthree\r\n"},
        {"kill\025me\r", "me\n", "kill\b \b\b \b\b \b\b \bme\r\n"},
        {"a\026\003b\r", "a\003b\n", "a^\b^Cb\r\n"},
        {"abc\004", "abc", "abc"},
        {"\004", "", ""},
        {"re\022x\r", "rex\n", "re^R\r\nrex\r\n"},
    };

    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        setup();
        cr_expect_eq(type(cases[i].typed), LINE_NOTHING);
        cr_expect_str_eq(take(100), cases[i].read, "case %u", i);
        cr_expect_str_eq(shown, cases[i].shown, "case %u", i);
    }
}

Test(guestos_line, one_read_gives_one_line_at_most)
{
    type("one\ntwo\nthr");
    cr_expect_str_eq(take(100), "one\n");
    cr_expect_str_eq(take(2), "tw");
    cr_expect_str_eq(take(100), "o\n");
    cr_expect_str_eq(take(100), "(wait)");
    type("ee\004\004");
    cr_expect_str_eq(take(5), "three"); /* and the mark that ended it goes along */
    cr_expect_str_eq(take(100), "");    /* the second one is the end of the file */
    cr_expect_str_eq(take(100), "(wait)");
}

Test(guestos_line, signals)
{
    static const struct {
        const char *typed, *shown;
        enum line_event event;
    } cases[] = {
        {"abc\003", "abc^C", LINE_INTERRUPT},
        {"abc\034", "abc^\\", LINE_QUIT},
        {"abc\032", "abc^Z", LINE_SUSPEND},
    };

    for (uint32_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        setup();
        cr_expect_eq(type(cases[i].typed), cases[i].event);
        cr_expect_str_eq(shown, cases[i].shown);
        type("x\n");
        cr_expect_str_eq(take(100), "x\n", "what was typed before is not forgotten");
    }
    setup();
    line.settings.local &= ~ISIG;
    cr_expect_eq(type("\003\n"), LINE_NOTHING);
    cr_expect_str_eq(take(100), "\003\n");
}

Test(guestos_line, raw)
{
    line.settings.local &= ~(ICANON | ECHO | ISIG);
    line.settings.input = 0;
    type("a\177\r\004");
    cr_expect_eq(line_available(&line), 4);
    cr_expect_str_eq(take(100), "a\177\r\004");
    cr_expect_str_eq(shown, "");
}

Test(guestos_line, no_echo_but_of_newlines)
{
    line.settings.local = ICANON | ECHONL;
    type("secret\r");
    cr_expect_str_eq(shown, "\r\n");
    cr_expect_str_eq(take(100), "secret\n");
}

Test(guestos_line, output)
{
    line_output(&line, "a\nb\r\n", 5);
    cr_expect_str_eq(shown, "a\r\nb\r\r\n");
    setup();
    line.settings.output = 0;
    line_output(&line, "a\nb", 3);
    cr_expect_str_eq(shown, "a\nb");
    setup();
    line.settings.output = OPOST | OCRNL | ONOCR;
    line_output(&line, "\ra\r", 3);
    cr_expect_str_eq(shown, "a\n");
}

Test(guestos_line, output_stops_and_goes_on)
{
    type("\023");
    cr_expect(line.output_stopped);
    type("\021");
    cr_expect_not(line.output_stopped);
    cr_expect_str_eq(take(1), "(wait)");
}

Test(guestos_line, a_full_line_keeps_room_for_its_end)
{
    for (uint32_t i = 0; i < 2 * LINE_RING; i++)
        line_input(&line, 'x');
    line_input(&line, '\n');
    cr_expect_eq(strlen(take(2 * LINE_RING)), LINE_RING);
    cr_expect_eq(shown[LINE_RING], '\a');
}

Test(guestos_line, leaving_canonical_mode_makes_the_unfinished_line_readable)
{
    struct termios settings = line.settings;

    type("abc");
    settings.local &= ~ICANON;
    line_configure(&line, &settings);
    cr_expect_str_eq(take(100), "abc");
}
