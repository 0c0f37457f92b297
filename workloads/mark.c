/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mark.c - mark begin|end|unit [NAME]: a region or a unit of work, from a script
 *
 * What runs between `mark begin NAME` and `mark end NAME` is counted by that name in the result
 * (include/xenolith/announce.h): the domain in which it stands, or the whole of a bare machine. On
 * other machines it does nothing. NAME is "main" if it is not given. There is no C library in it:
 * every root image carries it.
 */
#include "include/xenolith/announce.h"
#include "workloads/start.h"

static const char usage[] = "usage: mark begin|end|unit [NAME]\n";
static const char *const words[] = {[ANNOUNCE_REGION_BEGIN] = "begin",
                                    [ANNOUNCE_REGION_END] = "end",
                                    [ANNOUNCE_REGION_UNIT] = "unit"};

static int same(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

static int mark(int argc, char *const argv[])
{
    for (unsigned what = 0; (argc == 2 || argc == 3) && what < 3; what++)
        if (same(argv[1], words[what])) {
            announce_region(what | ANNOUNCE_REGION_SHARED, argc > 2 ? argv[2] : "main");
            return 0;
        }
    call(SYS_write, 2, (long)usage, sizeof(usage) - 1);
    return 2;
}

PROGRAM(mark)
