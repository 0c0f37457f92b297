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
#include "guestos/arch/clock.h"
#include "guestos/kernel/lib.h"

#define SAMPLE_NANOSECONDS 5000000000ull
#define TICK_NANOSECONDS   (1000000000u / TICK_HZ)
#define ONE                65536u

static uint64_t next_sample = SAMPLE_NANOSECONDS;
static uint32_t averages[LOADS];

/* e^(-5 s / 1, 5, 15 min) in 65536ths */
static const uint32_t keep[LOADS] = {60296, 64453, 65173};

static void flow_in(uint32_t active)
{
    for (int i = 0; i < LOADS; i++)
        averages[i] = (uint32_t)(((uint64_t)averages[i] * keep[i] +
                                  (uint64_t)active * ONE * (ONE - keep[i]) + ONE / 2) >>
                                 16);
}

void load_sample(uint64_t now, uint32_t active)
{
    while (now >= next_sample) {
        next_sample += SAMPLE_NANOSECONDS;
        flow_in(active);
    }
}

uint32_t load_stolen(uint64_t stolen_ns, uint32_t ticks, struct processor_time *time)
{
    uint64_t since = stolen_ns - time->stolen * TICK_NANOSECONDS;
    uint32_t stolen = MIN(ticks, (uint32_t)divide(since, TICK_NANOSECONDS, NULL));

    time->stolen += stolen;
    return ticks - stolen;
}

void load_averages(uint32_t average[LOADS])
{
    memcpy(average, averages, sizeof(averages));
}
