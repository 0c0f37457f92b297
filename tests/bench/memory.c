/* SPDX-License-Identifier: GPL-2.0-only */
/* Random reads and writes over 4 MB: every level of caches and TLBs misses. Unit: 4096 accesses. */
#include "tests/bench/bench.h"

const char bench_name[] = "memory";

#define BASE  ((uint32_t *)0x400000)
#define WORDS (1u << 20)

void bench_prepare(void)
{
    paging_on();
    for (uint32_t i = 0; i < WORDS; i++)
        BASE[i] = i * 2654435761u;
}

uint32_t bench_work(uint32_t scale)
{
    uint32_t at = 12345, check = 0;

    while (scale--)
        for (unsigned i = 0; i < 4096; i++) {
            at = at * 1664525 + 1013904223;
            uint32_t *word = BASE + (at >> 12);
            check += *word;
            if (at & 0x800)
                *word = check;
        }
    return check;
}

uint32_t bench_units(uint32_t scale)
{
    return scale;
}
