/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A domain's console that comes on two ways: what is shown. A script's letters say the way: 'r'
 * bytes of the ring, 'i' a line of console_io.
 */
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "sim/cli/guest_console.h"
#include "sim/cli/session.h"

static struct guest_console console;
static char *shown;
static size_t shown_bytes;

static void begin(void)
{
    memset(&console, 0, sizeof(console));
    console.out = open_memstream(&shown, &shown_bytes);
}

static const char *end(void)
{
    guest_console_end(&console);
    fclose(console.out);
    return shown;
}

struct piece {
    char way;
    const char *text;
};

static void expect(const char *what, const struct piece *pieces, const char *wanted)
{
    begin();
    for (; pieces->way; pieces++)
        (pieces->way == 'r' ? guest_console_ring : guest_console_line)(&console, pieces->text,
                                                                       strlen(pieces->text));
    cr_expect_str_eq(end(), wanted, "%s: '%s' instead of '%s'", what, shown, wanted);
    free(shown);
}

#define EXPECT(what, wanted, ...) expect(what, (struct piece[]){__VA_ARGS__, {0, NULL}}, wanted)

Test(sim_guest_console, one_way)
{
    EXPECT("ring", "a\nb\n", {'r', "a\r\nb\n"});
    EXPECT("ring in pieces", "abc\n", {'r', "a"}, {'r', "bc\r"}, {'r', "\n"});
    EXPECT("console_io", "a\n\nb\n", {'i', "a"}, {'i', ""}, {'i', "b"});
    EXPECT("no line end", "login: ", {'r', "login: "});
    EXPECT("carriage returns", "1%\r2%\r\n", {'r', "1%\r2%\r\r\n"});
    EXPECT("a last return", "a\r", {'r', "a\r"});
    EXPECT("twice is twice", "a\na\na\na\n", {'r', "a\na\n"}, {'r', "a\na\n"});
    EXPECT("twice by console_io", "a\na\n", {'i', "a"}, {'i', "a"});
    EXPECT("not printable", "\x1b[1mbold\x01\n", {'r', "\x1b[1mbold\x01\n"});
}

Test(sim_guest_console, both_ways)
{
    EXPECT("io first", "a\nb\n", {'i', "a"}, {'r', "a\r\n"}, {'i', "b"}, {'r', "b\r\n"});
    EXPECT("ring first", "a\nb\n", {'r', "a\r\n"}, {'i', "a"}, {'r', "b\r\n"}, {'i', "b"});
    EXPECT("io ahead", "a\nb\nc\n", {'i', "a"}, {'i', "b"}, {'i', "c"}, {'r', "a\nb\nc\n"});
    EXPECT("ring behind in pieces", "abc\nd\n", {'i', "abc"}, {'r', "a"}, {'r', "b"}, {'i', "d"},
           {'r', "c\nd\n"});
    EXPECT("ring shown in part", "abc\n", {'r', "ab"}, {'i', "abc"}, {'r', "c\n"});
    EXPECT("empty lines", "a\n\nb\n", {'i', "a"}, {'i', ""}, {'i', "b"}, {'r', "a\n\nb\n"});
    EXPECT("an empty line of its own", "a\nb\n\n", {'i', "a"}, {'i', "b"}, {'r', "\n"});
    EXPECT("early io only", "early\na\nb\n", {'i', "early"}, {'i', "a"}, {'r', "a\n"}, {'i', "b"},
           {'r', "b\n"});
    EXPECT("colours only on the ring", "red\n", {'i', "red"}, {'r', "\x01red\r\n"});
    EXPECT("alike at first", "abx\naby\n", {'i', "abx"}, {'r', "aby\n"});
    EXPECT("io within a ring line", "prompt> \noops\nyes\n", {'r', "prompt> "}, {'i', "oops"},
           {'r', "yes\n"});
}

Test(sim_guest_console, a_terminal_gets_returns)
{
    begin();
    console.terminal = true;
    guest_console_ring(&console, "a\r\nb\n", 5);
    guest_console_line(&console, "c", 1);
    cr_expect_str_eq(end(), "a\r\nb\r\nc\r\n");
    free(shown);
}

Test(sim_guest_console, long_lines_and_many)
{
    static char line[8 * GUEST_LINE];

    begin();
    memset(line, 'x', sizeof(line));
    guest_console_line(&console, line, sizeof(line));
    guest_console_ring(&console, line, sizeof(line));
    guest_console_ring(&console, "\n", 1);
    for (unsigned i = 0; i < 1000; i++) {
        char number[16];

        snprintf(number, sizeof(number), "line %u", i);
        guest_console_line(&console, number, strlen(number));
    }
    end();
    cr_expect(shown_bytes > 2 * sizeof(line) - 10);
    cr_expect(strstr(shown, "line 0\nline 1\n") && strstr(shown, "line 998\nline 999\n"));
    free(shown);
}

/* ---- on the serial line ---------------------------------------------------------------------- */

static char lines[4096];
static unsigned inputs;

static void line(void *owner, const char *text, size_t length)
{
    (void)owner;
    strncat(lines, text, length);
    strcat(lines, "|");
}

static void input(void *owner)
{
    (void)owner;
    inputs++;
}

static void serial(struct session *session, const char *text)
{
    for (; *text; text++)
        session_byte(session, (uint8_t)*text);
}

Test(sim_guest_console, domain_1_is_the_guest)
{
    char *out, *err, cut[128];
    size_t out_bytes, err_bytes;
    struct session session = {.guest_line = line, .input = input};

    session.out = open_memstream(&out, &out_bytes);
    session.err = open_memstream(&err, &err_bytes);
    session.log = fopen("/dev/null", "w");
    lines[0] = '\0';
    inputs = 0;
    serial(&session, "(XEN) RAM\r\n(d1) hello\r\n\t@\ti\r\n\t@\tOring\\x0d\r\n(d2) other\r\n");
    serial(&session, "(d1) \t@\ts 0\r\n"); /* only says that it has ended */
    cr_expect_not(session.ended);
    memset(cut, 'c', 127);
    cut[127] = '\0';
    serial(&session, "(d1) ");
    serial(&session, cut);
    serial(&session, "\r\n(d1)+rest\r\n(d1) next\r\n(XEN) d1: ended: bad stack\r\n\t@\ts 3\r\n");
    cr_expect(session.ended && session.status == 3);
    serial(&session, "(d1) ");
    serial(&session, cut);
    serial(&session, "\r\n");
    session_end(&session);
    fclose(session.out);
    fclose(session.err);
    fclose(session.log);
    cr_expect_eq(inputs, 1);
    cr_expect_str_eq(out, "ring\r\n");
    cr_expect_str_eq(err, "xenolith: the guest was ended: bad stack\n");
    cr_expect(strncmp(lines, "hello|\t@\ts 0|ccc", 16) == 0, "%s", lines);
    cr_expect(strstr(lines, "ccrest|next|ccc"), "%s", lines);
    free(out);
    free(err);
}
