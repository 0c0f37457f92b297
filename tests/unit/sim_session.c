/* SPDX-License-Identifier: GPL-2.0-only */
/* sim_session.c - what init marks on the console, told apart; root images that grow */
#include "sim/load/cpio.h"
#include "sim/cli/session.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const struct {
    const char *name, *console, *out, *err, *log;
    int status; /* -1: not ended */
    bool terminal;
} cases[] = {
    {"plain", "\t@\tOhello\r\n\t@\ts 0\r\n", "hello\n", "", "", 0, false},
    {"status", "\t@\ts 137\r\n", "", "", "", 137, false},
    {"without newline", "\t@\tohel\r\n\t@\tolo\r\n", "hello", "", "", -1, false},
    {"both streams", "\t@\tOa\r\n\t@\tEb\r\n\t@\teC\r\n", "a\n", "b\nC", "", -1, false},
    {"others speak", "(XEN) up\r\n\t@\tOa\r\nbusy\r\n", "a\n", "", "(XEN) up\nbusy\n", -1, false},
    {"a line cut off", "half\t@\tOa\r\n", "a\n", "", "half\n", -1, false},
    {"a domain", "(d12) \t@\tOa\r\n(d12) boot\r\n", "a\n", "", "(d12) boot\n", -1, false},
    {"escapes", "\t@\tO\\x00\\xff\\\\x41\\x0d\r\n", "\0\xff\\x41\r\n", "", "", -1, false},
    {"a lone backslash", "\t@\tO\\\r\n", "\\\n", "", "", -1, false},
    {"no kind of ours", "\t@\tz1\r\n", "", "", "\t@\tz1\n", -1, false},
    {"first status counts", "\t@\ts 3\r\n\t@\ts 4\r\n", "", "", "", 3, false},
    {"a terminal", "a\t@b\r\n$ \t@\ts 5\r\n", "a\t@b\r\n$ ", "", "", 5, true},
};

static void check(unsigned i)
{
    char *text[3];
    size_t length[3];
    struct session session = {.out = open_memstream(&text[0], &length[0]),
                              .err = open_memstream(&text[1], &length[1]),
                              .log = open_memstream(&text[2], &length[2]),
                              .terminal = cases[i].terminal};
    FILE *console = session_stream(&session);
    const char *want[3] = {cases[i].out, cases[i].err, cases[i].log};

    cr_assert(console);
    fputs(cases[i].console, console);
    fclose(console);
    fclose(session.out);
    fclose(session.err);
    fclose(session.log);
    for (int k = 0; k < 3; k++) {
        size_t bytes = !strcmp(cases[i].name, "escapes") && k == 0 ? 8 : strlen(want[k]);

        cr_expect(length[k] == bytes && !memcmp(text[k], want[k], bytes), "%s: stream %d is \"%s\"",
                  cases[i].name, k, text[k]);
        free(text[k]);
    }
    cr_expect(session.ended == (cases[i].status >= 0), "%s", cases[i].name);
    if (session.ended)
        cr_expect_eq(session.status, (unsigned)cases[i].status, "%s", cases[i].name);
}

Test(sim_session, tells_apart)
{
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        check(i);
}

Test(sim_session, long_lines_are_cut_not_overrun)
{
    struct session session = {.out = stdout, .err = stderr, .log = fopen("/dev/null", "w")};

    for (unsigned i = 0; i < 3 * SESSION_LINE; i++)
        session_byte(&session, 'x');
    cr_expect_lt(session.used, SESSION_LINE);
    session.terminal = true;
    for (const char *c = "\t@\ts"; *c; c++)
        session_byte(&session, (uint8_t)*c);
    for (unsigned i = 0; i < 3 * SESSION_LINE; i++)
        session_byte(&session, '1');
    cr_expect_lt(session.used, SESSION_LINE);
    fclose(session.log);
}

static struct file empty_archive(void)
{
    static char bytes[124];

    snprintf(bytes, sizeof(bytes), "070701%88s%08x%08x", "", 11, 0);
    for (int i = 6; i < 94; i++)
        bytes[i] = '0';
    memcpy(bytes + 110, "TRAILER!!!", 11);
    return (struct file){"empty", (const uint8_t *)bytes, sizeof(bytes)};
}

Test(sim_cpio, grows)
{
    struct file archive = empty_archive(), once, twice, found;
    struct cpio_member first = {"a", S_IFREG | 0755, {"a", (const uint8_t *)"12345", 5}};
    struct cpio_member more[2] = {{"bin", S_IFDIR | 0755, {0}},
                                  {"bin/b", S_IFREG | 0644, {"b", (const uint8_t *)"xy", 2}}};
    char why[200] = "";

    cr_assert(cpio_extend(&archive, &first, 1, &once, why, sizeof(why)), "%s", why);
    cr_assert(cpio_extend(&once, more, 2, &twice, why, sizeof(why)), "%s", why);
    cr_assert(cpio_find(&twice, "a", &found) && found.size == 5);
    cr_expect(!memcmp(found.bytes, "12345", 5));
    cr_assert(cpio_find(&twice, "bin/b", &found) && found.size == 2);
    cr_expect(!memcmp(found.bytes, "xy", 2));
    cr_expect_not(cpio_extend(&twice, &first, 1, &found, why, sizeof(why)), "a name twice");
    more[0].name = "bin/c";
    more[1].name = "bin/c";
    cr_expect_not(cpio_extend(&archive, more, 2, &found, why, sizeof(why)), "two for a name");
    twice.size -= 20;
    cr_expect_not(cpio_extend(&twice, more, 1, &found, why, sizeof(why)), "no trailer");
    free((void *)once.bytes);
    free((void *)twice.bytes);
}
