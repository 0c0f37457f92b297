/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * verdict.h - running a program's tests and saying what came of them
 *
 * A program is an ordinary static one with Debian's C library, and runs as init, so that its end
 * ends the machine. It says one line a test, `PASS name` or `FAIL name: reason (error)`, and in the
 * end whether all passed, which is what `run-battery` looks for.
 */
#ifndef GUESTOS_TESTS_VERDICT_H
#define GUESTOS_TESTS_VERDICT_H

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct test {
    const char *name;
    const char *(*function)(void); /* NULL: passed; otherwise what was wrong */
};

/* Says one verdict; 1: failed. */
static inline int verdict(const char *where, const char *name, const char *wrong)
{
    if (wrong)
        printf("FAIL %s%s: %s (%s)\n", where, name, wrong, strerror(errno));
    else
        printf("PASS %s%s\n", where, name);
    fflush(stdout);
    return wrong != NULL;
}

/* All tests, or with `only` those whose names contain it; how many failed. */
static inline int run_tests(const struct test *tests, unsigned count, const char *only)
{
    int failed = 0;

    for (unsigned i = 0; i < count; i++)
        if (!only || strstr(tests[i].name, only))
            failed += verdict("", tests[i].name, tests[i].function());
    return failed;
}

/* The last line; main()'s result. */
static inline int conclude(const char *program, int failed)
{
    printf("%s: %s\n", program, failed ? "FAILED" : "all passed");
    fflush(stdout);
    return failed != 0;
}

#endif
