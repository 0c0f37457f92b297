/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Many small stores: bytes and words appended to 32 buffers in turn, and counters bumped. Unit:
 * rounds.
 */
#include "tests/bench/bench.h"

const char bench_name[] = "stores";

#define BUFFERS 32
#define ROOM    1024

static uint8_t bytes[BUFFERS][ROOM];
static uint16_t words[BUFFERS][ROOM / 2];
static uint32_t filled[BUFFERS], histogram[256];

void bench_prepare(void)
{
    paging_on();
}

static uint32_t one_round(uint32_t seed)
{
    for (unsigned i = 0; i < ROOM * 4; i++) {
        seed = seed * 1664525 + 1013904223;
        unsigned which = seed >> 27, at = filled[which]++ & (ROOM - 1);
        bytes[which][at] = seed >> 8;
        words[which][at / 2] = seed >> 4;
        histogram[seed >> 16 & 255]++;
    }
    return seed;
}

uint32_t bench_work(uint32_t scale)
{
    uint32_t seed = 1;

    while (scale--)
        seed = one_round(seed);
    for (unsigned i = 0; i < BUFFERS; i++)
        seed += bytes[i][i] + words[i][i];
    return seed + histogram[7];
}

uint32_t bench_units(uint32_t scale)
{
    return scale;
}
