/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * load.c - averages of the number of runnable threads
 *
 * Every five seconds the number flows into three averages that forget by the factor e in one, five
 * and fifteen minutes. Nobody asks for a tick to do that: the scheduler calls whenever it looks at
 * the clock, and samples that have become due since its last look were of what was runnable all
 * that time.
 */
#include "guestos/kernel/load.h"
#include "guestos/kernel/lib.h"

#define SAMPLE_NANOSECONDS 5000000000ull
#define ONE                65536u

static u64 next_sample = SAMPLE_NANOSECONDS;
static u32 averages[LOADS];

/* e^(-5 s / 1, 5, 15 min) in 65536ths */
static const u32 keep[LOADS] = {60296, 64453, 65173};

static void flow_in(u32 active)
{
    for (int i = 0; i < LOADS; i++)
        averages[i] =
            (u32)(((u64)averages[i] * keep[i] + (u64)active * ONE * (ONE - keep[i]) + ONE / 2) >>
                  16);
}

void load_sample(u64 now, u32 active)
{
    while (now >= next_sample) {
        next_sample += SAMPLE_NANOSECONDS;
        flow_in(active);
    }
}

void load_averages(u32 average[LOADS])
{
    memcpy(average, averages, sizeof averages);
}
