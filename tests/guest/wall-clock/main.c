/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The wall clock has the century of the clock chip: run.sh lets the machine start on the last day
 * of 1999, which was taken for one of 2099. Elsewhere it is this century's.
 */
#include "tests/guest/kit/kit.h"

#define DAY       86400u
#define YEAR_1999 915148800u /* seconds from 1970 to its first day, and to that of 2090 */
#define YEAR_2090 3786912000u

void test(void)
{
    uint32_t seconds = shared->wc_sec;

    check(seconds >= YEAR_1999 && seconds < YEAR_2090, "%u seconds since 1970", seconds);
    if (seconds < YEAR_1999 + 365 * DAY)
        expect(seconds / DAY, YEAR_1999 / DAY + 364);
}
