/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The store service against its protocol: every request and its errors, rights, watches,
 * transactions.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/work_store_support.h"

TestSuite(work_store, .init = store_setup, .fini = store_teardown);

Test(work_store, reads_and_writes)
{
    static const struct step steps[] = {
        {0, XS_WRITE, "/a|value", "OK|"},
        {0, XS_READ, "/a|", "value"},
        {0, XS_WRITE, "/a|", "OK|"}, /* an empty value */
        {0, XS_READ, "/a|", ""},
        {0, XS_WRITE, "/b/c/d|deep", "OK|"}, /* makes /b and /b/c */
        {0, XS_READ, "/b/c/d|", "deep"},
        {0, XS_READ, "/b/c|", ""},
        {0, XS_DIRECTORY, "/|", "a|b|"},
        {0, XS_DIRECTORY, "/b|", "c|"},
        {0, XS_DIRECTORY, "/a|", ""},
        {0, XS_MKDIR, "/b/e|", "OK|"},
        {0, XS_MKDIR, "/b/e|", "OK|"}, /* it is there already */
        {0, XS_DIRECTORY, "/b|", "c|e|"},
        {0, XS_RM, "/b/c|", "OK|"},
        {0, XS_READ, "/b/c/d|", "!ENOENT|"},
        {0, XS_DIRECTORY, "/b|", "e|"},
        {0, XS_RM, "/b/c|", "OK|"}, /* its parent is there */
        {0, XS_RM, "/b/c/d|", "!ENOENT|"},
        {0, XS_RM, "/|", "!EINVAL|"},
        {0, XS_READ, "/nowhere|", "!ENOENT|"},
        {0, XS_DIRECTORY, "/nowhere|", "!ENOENT|"},
        {0, XS_WRITE, "relative|1", "OK|"}, /* to the caller's own folder */
        {0, XS_READ, "/local/domain/0/relative|", "1"},
        {0, XS_GET_DOMAIN_PATH, "7|", "/local/domain/7|"},
        {0, XS_DIRECTORY_PART, "/b|0|", NULL},
    };

    play(steps, sizeof(steps) / sizeof(steps[0]) - 1);
    cr_expect(strstr(ask(0, XS_DIRECTORY_PART, 0, "/|0|"), "|a|b|local||"));
    cr_expect(strstr(ask(0, XS_DIRECTORY_PART, 0, "/|2|"), "|b|local||"));
    cr_expect_null(strstr(ask(0, XS_DIRECTORY_PART, 0, "/|2|"), "|a|"));
}

Test(work_store, malformed_requests)
{
    static const struct step steps[] = {
        {0, XS_READ, "", "!EINVAL|"},
        {0, XS_READ, "/a", "!EINVAL|"},     /* no NUL */
        {0, XS_READ, "/a|/b|", "!EINVAL|"}, /* two names */
        {0, XS_READ, "|", "!EINVAL|"},      /* an empty one */
        {0, XS_READ, "/a/|", "!EINVAL|"},   /* ends in a slash */
        {0, XS_READ, "//a|", "!EINVAL|"},
        {0, XS_READ, "/a b|", "!EINVAL|"},
        {0, XS_READ, "/a\x80|", "!EINVAL|"},
        {0, XS_WRITE, "/a", "!EINVAL|"},
        {0, XS_WRITE, "", "!EINVAL|"},
        {0, XS_WATCH, "/a|", "!EINVAL|"},
        {0, XS_WATCH, "@other|token|", "!EINVAL|"},
        {0, XS_UNWATCH, "/a|token|", "!ENOENT|"},
        {0, XS_SET_PERMS, "/|", "!EINVAL|"},
        {0, XS_SET_PERMS, "/|x1|", "!EINVAL|"},
        {0, XS_SET_PERMS, "/|r|", "!EINVAL|"},
        {0, XS_SET_PERMS, "/|r99999|", "!EINVAL|"},
        {0, XS_TRANSACTION_END, "T|", "!ENOENT|"},
        {0, XS_INTRODUCE, "1|2|", "!EINVAL|"},
        {0, XS_INTRODUCE, "0|2|3|", "!EINVAL|"},
        {0, XS_INTRODUCE, "512|2|3|", "!EINVAL|"},
        {0, XS_INTRODUCE, "one|2|3|", "!EINVAL|"},
        {0, XS_INTRODUCE, "1|2|-3|", "!EINVAL|"},
        {0, XS_RELEASE, "1|", "!ENOENT|"},
        {0, XS_GET_DOMAIN_PATH, "x|", "!EINVAL|"},
        {0, XS_DIRECTORY_PART, "/|", "!EINVAL|"},
        {0, XS_DIRECTORY_PART, "/|x|", "!EINVAL|"},
        {0, XS_CONTROL, "help|", "!ENOSYS|"},
        {0, XS_RESUME, "1|", "!ENOSYS|"},
        {0, 20, "", "!ENOSYS|"}, /* a number that was given up */
        {0, XS_TYPE_COUNT, "", "!ENOSYS|"},
        {0, XS_INVALID, "", "!ENOSYS|"},
        {0, 0xffffffff, "", "!ENOSYS|"},
        {0, XS_WATCH_EVENT, "", "!ENOSYS|"},
        {0, XS_ERROR, "", "!ENOSYS|"},
    };
    static char longest[XENSTORE_PAYLOAD_MAX];

    PLAY(steps);
    cr_expect_str_eq(ask(0, XS_READ, 99, "/|"), "!ENOENT|"); /* no such transaction */
    memset(longest, 'a', sizeof(longest));
    longest[0] = '/';
    longest[XENSTORE_ABS_PATH_MAX] = '\0';
    cr_expect_str_eq(ask_with(0, XS_WRITE, 0, longest, sizeof(longest)), "OK|");
    longest[XENSTORE_ABS_PATH_MAX] = 'a';
    longest[XENSTORE_ABS_PATH_MAX + 1] = '\0';
    cr_expect_str_eq(ask_with(0, XS_READ, 0, longest, XENSTORE_ABS_PATH_MAX + 2), "!EINVAL|");
}

Test(work_store, rights)
{
    static const struct step steps[] = {
        {0, XS_WRITE, "/local/domain/1|", "OK|"},
        {0, XS_SET_PERMS, "/local/domain/1|n0|r1|", "OK|"},
        {0, XS_WRITE, "/local/domain/1/name|one", "OK|"}, /* its parent's rights */
        {0, XS_GET_PERMS, "/local/domain/1/name|", "n0|r1|"},
        {1, XS_READ, "name|", "one"},
        {1, XS_READ, "/local/domain/1/name|", "one"},
        {1, XS_WRITE, "name|two", "!EACCES|"},
        {1, XS_WRITE, "data|x", "!EACCES|"},
        {1, XS_RM, "name|", "!EACCES|"},
        {1, XS_MKDIR, "name|", "!EACCES|"},
        {1, XS_SET_PERMS, "name|n1|", "!EACCES|"},
        {1, XS_READ, "missing|", "!ENOENT|"}, /* it may look here */
        {2, XS_READ, "/local/domain/1/name|", "!EACCES|"},
        {2, XS_READ, "/local/domain/1/missing|", "!EACCES|"}, /* and whether, is not told */
        {2, XS_DIRECTORY, "/|", "!EACCES|"},
        {0, XS_MKDIR, "/local/domain/1/data|", "OK|"},
        {0, XS_SET_PERMS, "/local/domain/1/data|n1|", "OK|"},
        {1, XS_WRITE, "data/own/deep|mine", "OK|"},
        {1, XS_GET_PERMS, "data/own|", "n1|"},
        {2, XS_READ, "/local/domain/1/data/own/deep|", "!EACCES|"},
        {1, XS_SET_PERMS, "data/own/deep|n1|r2|", "OK|"},
        {2, XS_READ, "/local/domain/1/data/own/deep|", "mine"}, /* nothing above matters */
        {2, XS_WRITE, "/local/domain/1/data/own/deep|his", "!EACCES|"},
        {1, XS_SET_PERMS, "data/own/deep|n1|b2|", "OK|"},
        {2, XS_WRITE, "/local/domain/1/data/own/deep|his", "OK|"},
        {2, XS_WRITE, "/local/domain/1/data/own/deep/er|his", "OK|"}, /* and owns it */
        {0, XS_GET_PERMS, "/local/domain/1/data/own/deep/er|", "n2|b2|"},
        {2, XS_SET_PERMS, "/local/domain/1/data/own/deep|n2|", "!EACCES|"},
        {1, XS_SET_PERMS, "data/own/deep|n2|", "!EPERM|"}, /* nobody gives away */
        {1, XS_SET_PERMS, "data/own/deep|w1|n2|", "OK|"},  /* others may write, 2 may not */
        {2, XS_WRITE, "/local/domain/1/data/own/deep|his", "!EACCES|"},
        {3, XS_WRITE, "/local/domain/1/data/own/deep|hers", "OK|"},
        {3, XS_READ, "/local/domain/1/data/own/deep|", "!EACCES|"},
        {1, XS_INTRODUCE, "2|1|1|", "!EACCES|"},
        {1, XS_RELEASE, "2|", "!EACCES|"},
        {1, XS_IS_DOMAIN_INTRODUCED, "2|", "F|"},
    };

    PLAY(steps);
}

Test(work_store, domains_come_and_go)
{
    static const struct step steps[] = {
        {0, XS_WATCH, "@introduceDomain|in|", "OK|"},
        {0, XS_IS_DOMAIN_INTRODUCED, "1|", NULL},
    };

    play(steps, 1);
    cr_expect_str_eq(event(0), "@introduceDomain|in|");
    ask(0, XS_WATCH, 0, "@releaseDomain|out|");
    cr_expect_str_eq(event(0), "@releaseDomain|out|");
    ask(1, XS_WATCH, 0, "@introduceDomain|in|"); /* fires once and never again */
    event(1);
    cr_expect_str_eq(ask(0, XS_INTRODUCE, 0, "1|77|13|"), "!EINVAL|");
    cr_expect_str_eq(event(0), "(none)");
    cr_expect_str_eq(ask(0, XS_INTRODUCE, 0, "1|77|5|"), "OK|");
    cr_expect_eq(introduced[1], 77);
    cr_expect_str_eq(event(0), "@introduceDomain|in|");
    cr_expect_str_eq(event(1), "(none)");
    cr_expect_str_eq(ask(0, XS_INTRODUCE, 0, "1|77|5|"), "OK|"); /* again: nothing happens */
    cr_expect_str_eq(event(0), "(none)");
    cr_expect_str_eq(ask(0, XS_IS_DOMAIN_INTRODUCED, 0, "1|"), "T|");
    cr_expect_str_eq(ask(0, XS_IS_DOMAIN_INTRODUCED, 0, "0|"), "T|");
    cr_expect_str_eq(ask(0, XS_RELEASE, 0, "1|"), "OK|");
    cr_expect_str_eq(event(0), "@releaseDomain|out|");

    /* Its nodes are Domain 0's afterwards, and no right is left for who gets its number next. */
    ask(0, XS_WRITE, 0, "/x|");
    ask(0, XS_SET_PERMS, 0, "/x|n2|r1|");
    ask(0, XS_WRITE, 0, "/y|");
    ask(0, XS_SET_PERMS, 0, "/y|r1|b3|");
    ask(1, XS_WRITE, 0, "/y/z|");
    store_domain_gone(&store, 1);
    cr_expect_str_eq(ask(0, XS_GET_PERMS, 0, "/x|"), "n2|");
    cr_expect_str_eq(ask(0, XS_GET_PERMS, 0, "/y|"), "n0|b3|");
    cr_expect_str_eq(ask(0, XS_GET_PERMS, 0, "/y/z|"), "n0|b3|");
}

Test(work_store, watches)
{
    ask(0, XS_WRITE, 0, "/local/domain/1/a/b|");
    ask(0, XS_SET_PERMS, 0, "/local/domain/1/a|b1|");
    ask(0, XS_SET_PERMS, 0, "/local/domain/1/a/b|n0|");
    cr_expect_str_eq(ask(1, XS_WATCH, 0, "a|mine|"), "OK|");
    cr_expect_str_eq(event(1), "a|mine|"); /* once to begin with, named as it was given */
    cr_expect_str_eq(ask(1, XS_WATCH, 0, "a|mine|"), "!EEXIST|");
    cr_expect_str_eq(ask(1, XS_WATCH, 0, "/local/domain/1/a|absolute|"), "OK|");
    cr_expect_str_eq(event(1), "/local/domain/1/a|absolute|");

    ask(0, XS_WRITE, 0, "/local/domain/1/a|new");
    cr_expect_str_eq(event(1), "a|mine|");
    cr_expect_str_eq(event(1), "/local/domain/1/a|absolute|");
    ask(1, XS_WRITE, 0, "a/c/d|"); /* below it */
    cr_expect_str_eq(event(1), "a/c/d|mine|");
    cr_expect_str_eq(event(1), "/local/domain/1/a/c/d|absolute|");
    ask(0, XS_WRITE, 0, "/local/domain/1/a/b|secret"); /* which it may not see */
    ask(0, XS_WRITE, 0, "/local/domain/1/ab|");        /* a longer name, not a child */
    cr_expect_str_eq(event(1), "(none)");
    ask(0, XS_WRITE, 0, "/local/domain/1/a|1");
    ask(0, XS_WRITE, 0, "/local/domain/1/a|2"); /* the same event waits already */
    event(1);
    event(1);
    cr_expect_str_eq(event(1), "(none)");

    /* Removing tells who watches what was below. */
    ask(1, XS_WATCH, 0, "a/c/d|deep|");
    event(1);
    ask(1, XS_RM, 0, "a/c|");
    cr_expect_str_eq(event(1), "a/c|mine|");
    cr_expect_str_eq(event(1), "/local/domain/1/a/c|absolute|");
    cr_expect_str_eq(event(1), "a/c/d|deep|");
    cr_expect_str_eq(ask(1, XS_UNWATCH, 0, "a|mine|"), "OK|");
    cr_expect_str_eq(ask(1, XS_UNWATCH, 0, "a|mine|"), "!ENOENT|");
    cr_expect_str_eq(ask(1, XS_RESET_WATCHES, 0, "|"), "OK|");
    ask(0, XS_WRITE, 0, "/local/domain/1/a|3");
    cr_expect_str_eq(event(1), "(none)");
    cr_expect_eq(client[1]->watch_count, 0);
}

/* The identifier in the reply to XS_TRANSACTION_START. */
Test(work_store, transactions)
{
    uint32_t t, u;

    ask(0, XS_WRITE, 0, "/n|1");
    ask(0, XS_WATCH, 0, "/|w|");
    event(0);
    t = begin(0);
    cr_expect_neq(t, 0);
    cr_expect_str_eq(ask(0, XS_TRANSACTION_START, t, "|"), "!EBUSY|");
    ask(0, XS_WRITE, t, "/n|2");
    ask(0, XS_WRITE, t, "/new/one|x");
    cr_expect_str_eq(ask(0, XS_READ, t, "/n|"), "2"); /* inside */
    cr_expect_str_eq(ask(0, XS_READ, 0, "/n|"), "1"); /* outside */
    cr_expect_str_eq(ask(0, XS_READ, 0, "/new/one|"), "!ENOENT|");
    cr_expect_str_eq(event(0), "(none)");
    cr_expect_str_eq(ask(0, XS_TRANSACTION_END, t, "X|"), "!EINVAL|");
    cr_expect_str_eq(ask(0, XS_TRANSACTION_END, t, "T|"), "OK|");
    cr_expect_str_eq(event(0), "/n|w|");
    cr_expect_str_eq(event(0), "/new/one|w|");
    cr_expect_str_eq(ask(0, XS_READ, 0, "/new/one|"), "x");
    cr_expect_str_eq(ask(0, XS_TRANSACTION_END, t, "T|"), "!ENOENT|");
    ask(0, XS_UNWATCH, 0, "/|w|");

    t = begin(0); /* given up */
    ask(0, XS_WRITE, t, "/n|3");
    cr_expect_str_eq(ask(0, XS_TRANSACTION_END, t, "F|"), "OK|");
    cr_expect_str_eq(ask(0, XS_READ, 0, "/n|"), "2");

    t = begin(0); /* somebody changes what it has read */
    ask(0, XS_READ, t, "/n|");
    ask(0, XS_WRITE, t, "/other|");
    ask(0, XS_WRITE, 0, "/n|4");
    cr_expect_str_eq(ask(0, XS_READ, t, "/n|"), "2"); /* it sees its own time */
    cr_expect_str_eq(ask(0, XS_TRANSACTION_END, t, "T|"), "!EAGAIN|");
    cr_expect_str_eq(ask(0, XS_READ, 0, "/other|"), "!ENOENT|");

    t = begin(0); /* or makes what was not there */
    ask(0, XS_READ, t, "/late|");
    ask(0, XS_WRITE, 0, "/late|");
    cr_expect_str_eq(ask(0, XS_TRANSACTION_END, t, "T|"), "!EAGAIN|");

    t = begin(0); /* or changes a list that it has read */
    ask(0, XS_DIRECTORY, t, "/new|");
    ask(0, XS_WRITE, 0, "/new/two|");
    cr_expect_str_eq(ask(0, XS_TRANSACTION_END, t, "T|"), "!EAGAIN|");

    t = begin(0); /* two that do not meet, in one folder */
    u = begin(0);
    ask(0, XS_WRITE, t, "/new/t|");
    ask(0, XS_WRITE, u, "/new/u|");
    cr_expect_str_eq(ask(0, XS_TRANSACTION_END, u, "T|"), "OK|");
    cr_expect_str_eq(ask(0, XS_TRANSACTION_END, t, "T|"), "OK|");
    cr_expect_str_eq(ask(0, XS_DIRECTORY, 0, "/new|"), "one|two|u|t|");

    t = begin(0); /* made and removed again: nothing */
    ask(0, XS_WRITE, t, "/gone/too|");
    ask(0, XS_RM, t, "/gone|");
    cr_expect_str_eq(ask(0, XS_TRANSACTION_END, t, "T|"), "OK|");
    cr_expect_str_eq(ask(0, XS_READ, 0, "/gone|"), "!ENOENT|");
}

/* Another's right that was taken away meanwhile does not come back with the commit. */
Test(work_store, a_commit_is_under_the_rights_of_its_time)
{
    uint32_t t;

    ask(0, XS_WRITE, 0, "/d|");
    ask(0, XS_SET_PERMS, 0, "/d|n0|b1|");
    t = begin(1);
    cr_expect_str_eq(ask(1, XS_WRITE, t, "/d/x|"), "OK|");
    ask(0, XS_SET_PERMS, 0, "/d|n0|r1|");
    cr_expect_str_eq(ask(1, XS_TRANSACTION_END, t, "T|"), "!EACCES|");
    cr_expect_str_eq(ask(0, XS_READ, 0, "/d/x|"), "!ENOENT|");
}
