/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mark.c - mark begin|end|unit [NAME], mark work COUNT: regions and units of work, from a script
 *
 * What runs between `mark begin NAME` and `mark end NAME` is counted by that name in the result
 * (include/xenolith/announce.h): the domain in which it stands, or the whole of a bare machine.
 * `mark work` adds to the units of work of who says it. On other machines it does nothing. NAME is
 * "main" if it is not given. There is no C library in it: every root image carries it.
 */
#include "include/xenolith/announce.h"
#include "workloads/start.h"

static const char usage[] = "usage: mark begin|end|unit [NAME] | work COUNT\n";
static const char *const words[] = {[ANNOUNCE_REGION_BEGIN] = "begin",
                                    [ANNOUNCE_REGION_END] = "end",
                                    [ANNOUNCE_REGION_UNIT] = "unit"};

static int same(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

/* A decimal number below 2^32; false: it is none. */
static int number(const char *text, unsigned *value)
{
    unsigned long long sum = 0;

    for (*value = 0; *text >= '0' && *text <= '9' && sum >> 32 == 0; text++)
        sum = sum * 10 + (unsigned)(*text - '0');
    *value = (unsigned)sum;
    return !*text && sum >> 32 == 0;
}

static int mark(int argc, char *const argv[])
{
    unsigned units;

    if (argc == 3 && same(argv[1], "work") && number(argv[2], &units)) {
        announce_done(units);
        return 0;
    }
    for (unsigned what = 0; (argc == 2 || argc == 3) && what < 3; what++)
        if (same(argv[1], words[what])) {
            announce_region(what | ANNOUNCE_REGION_SHARED, argc > 2 ? argv[2] : "main");
            return 0;
        }
    call(SYS_write, 2, (long)usage, sizeof(usage) - 1);
    return 2;
}

PROGRAM(mark)
