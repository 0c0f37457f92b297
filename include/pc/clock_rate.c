/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * clock_rate.c - see clock_rate.h
 *
 * The 8254's 1.193182 MHz are the PC's one fixed number. One tick of it in 10 ms is 84 parts in a
 * million, and an access to a port takes longer than that. So no single reading is trusted:
 *
 *     |  readings  |   nobody reads   |  as many readings  |
 *     0          3.3 ms             6.7 ms               10 ms
 *
 * Each reading is the TSC and then the counter, in a loop whose turns take equal time. What lies
 * between the two is the same in both groups and falls out of their difference. Turns fall anywhere
 * within a tick, so the sums over a thousand of them err by far less than a tick.
 *
 * Whatever delays us meanwhile (a host's other programs, system management mode) makes the rate
 * look wrong. Two measurements that agree within a hundredth are believed; else the lowest. After a
 * delay of more than 50 ms the counter has begun again, and a measurement may be void: an emulator
 * in a browser's page has such delays.
 */
#include "include/pc/clock_rate.h"
#include "include/freestanding/divide.h"

#define PIT_HZ       1193182u
#define PIT_COUNTER  0x42
#define PIT_COMMAND  0x43
#define SET_COUNTER  0xb0 /* counter 2, both bytes, mode 0 */
#define LATCH        0x80 /* counter 2 */
#define SPEAKER      0x61
#define SPEAKER_GATE 0x01
#define SPEAKER_DATA 0x02
#define HIGHEST      0xffffu
#define THIRD        3977u  /* ticks of 3.3 ms */
#define MOST         65536u /* readings of a group */
#define TRIES        20u

struct sums {
    uint64_t tsc, ticks;
};

/* Ticks since the counter was set. */
static uint32_t ticks_now(const struct clock_access *a)
{
    uint32_t low;

    a->pc->out(PIT_COMMAND, LATCH, 1);
    low = a->pc->in(PIT_COUNTER, 1) & 0xff;
    return HIGHEST - (low | (a->pc->in(PIT_COUNTER, 1) & 0xff) << 8);
}

/* Takes readings until that many ticks, at most `most`; returns how many. */
static unsigned gather(const struct clock_access *a, uint64_t begin, uint32_t until, unsigned most,
                       struct sums *sums)
{
    unsigned n = 0;

    for (uint32_t ticks = 0; n < most && ticks < until; n++) {
        sums->tsc += a->tsc() - begin;
        ticks = ticks_now(a);
        sums->ticks += ticks;
    }
    return n;
}

/* False: the measurement is void; *counts says whether the counter moved at all. */
static bool measure(const struct clock_access *a, struct clock_rates *rates, bool *counts)
{
    uint32_t speaker = a->pc->in(SPEAKER, 1) & ~(uint32_t)SPEAKER_DATA, timer, ticks;
    struct sums first = {0, 0}, last = {0, 0};
    uint64_t begin, tsc;
    unsigned n;

    a->pc->out(SPEAKER, speaker | SPEAKER_GATE, 1);
    a->pc->out(PIT_COMMAND, SET_COUNTER, 1);
    a->pc->out(PIT_COUNTER, HIGHEST & 0xff, 1);
    a->pc->out(PIT_COUNTER, HIGHEST >> 8, 1);
    /* The count is loaded with the next tick (8254's data sheet, mode 0); before it, whatever. */
    for (unsigned wait = 0; ticks_now(a) >= THIRD && wait < MOST; wait++)
        ;
    begin = a->tsc();
    timer = a->timer_left();
    n = gather(a, begin, THIRD, MOST, &first);
    *counts = n < MOST;
    for (unsigned wait = 0; ticks_now(a) < 2 * THIRD && wait < 4 * MOST; wait++)
        ;
    gather(a, begin, HIGHEST, n, &last);
    tsc = a->tsc() - begin;
    timer -= a->timer_left();
    a->pc->out(SPEAKER, speaker, 1);

    ticks = (uint32_t)(last.ticks - first.ticks);
    if (last.ticks <= first.ticks || last.ticks - first.ticks != ticks || !tsc || tsc >> 32 ||
        last.tsc - first.tsc > ~0ull / PIT_HZ)
        return false;
    rates->tsc_hz = divide((last.tsc - first.tsc) * PIT_HZ, ticks, NULL);
    rates->timer_hz = (uint32_t)divide(timer * rates->tsc_hz, (uint32_t)tsc, NULL);
    return rates->tsc_hz > 0 && rates->timer_hz > 0;
}

bool clock_rates_measure(const struct clock_access *access, struct clock_rates *rates)
{
    unsigned tries = TRIES;
    bool counts = false;

    while (!measure(access, rates, &counts))
        if (!counts || --tries == 0)
            return false;
    while (--tries > 0) {
        struct clock_rates before = *rates, again;

        if (!measure(access, &again, &counts))
            continue;
        uint64_t lower = again.tsc_hz < before.tsc_hz ? again.tsc_hz : before.tsc_hz;
        uint64_t apart = again.tsc_hz + before.tsc_hz - 2 * lower;

        if (apart < divide(lower, 100, NULL)) {
            rates->tsc_hz = (again.tsc_hz + before.tsc_hz) / 2;
            rates->timer_hz = again.timer_hz / 2 + before.timer_hz / 2;
            return true;
        }
        if (again.tsc_hz < before.tsc_hz)
            *rates = again;
    }
    return true;
}

struct clock_scale clock_scale_of(uint64_t hz)
{
    struct clock_scale scale = {0, 0};
    uint64_t numerator = 1000000000ull << 32, mul;

    while (hz >> 32) { /* what is divided by has 32 bits */
        hz >>= 1;
        scale.shift--;
    }
    mul = divide(numerator, (uint32_t)hz, NULL);
    while (mul >> 32) {
        mul >>= 1;
        scale.shift++;
    }
    while (!(mul >> 31)) {
        /* One more bit of precision for each: the numerator has room for two. */
        numerator <<= 1;
        scale.shift--;
        mul = divide(numerator, (uint32_t)hz, NULL);
    }
    scale.mul = (uint32_t)mul;
    return scale;
}
