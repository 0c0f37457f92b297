/* SPDX-License-Identifier: GPL-2.0-only */
/* clock_rate.h - how fast a PC's clocks run, and nanoseconds of them */
#ifndef XENOLITH_PC_CLOCK_RATE_H
#define XENOLITH_PC_CLOCK_RATE_H

#include "include/pc/access.h"

struct clock_access {
    const struct pc_access *pc;
    uint64_t (*tsc)(void);
    uint32_t (*timer_left)(void); /* of the local APIC's timer, which counts down */
};

struct clock_rates {
    uint64_t tsc_hz;
    uint32_t timer_hz;
};

/*
 * Measures both against counter 2 of the 8254, in 20 ms or a few times that. The timer must have
 * been set to its highest count, and nobody else use the counter or its gate. False: something does
 * not count.
 */
bool clock_rates_measure(const struct clock_access *access, struct clock_rates *rates);

/* Nanoseconds are (count << shift) * mul / 2^32; a negative shift is one to the right. */
struct clock_scale {
    uint32_t mul; /* at least 2^31 */
    int8_t shift;
};

/* The scale of a clock; hz is not 0 and at most 10^12. */
struct clock_scale clock_scale_of(uint64_t hz);

/* Of a count of at most 2^63, unless its time passes 2^64 ns. */
static inline uint64_t clock_nanoseconds(const struct clock_scale *scale, uint64_t count)
{
    count = scale->shift >= 0 ? count << scale->shift : count >> -scale->shift;
    return (count >> 32) * scale->mul + ((uint64_t)(uint32_t)count * scale->mul >> 32);
}

#endif
