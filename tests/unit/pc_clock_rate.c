/* SPDX-License-Identifier: GPL-2.0-only */
/* Rates as include/pc/clock_rate.h measures them, on machines whose rates are known. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "include/pc/clock_rate.h"

#define PIT_HZ 1193182.0

static struct {
    double seconds, tsc_hz, timer_hz, access; /* an access to a port takes so long */
    double set, stall_at, stall; /* the counter was set; the machine stands still once, so long */
    uint16_t latch;
    unsigned bytes;
    bool dead, coarse; /* it does not count; its time moves by 0.1 ms, as a browser tells it */
} m;

static void pass(double seconds)
{
    m.seconds += seconds;
    if (m.stall_at > 0 && m.seconds > m.stall_at) {
        m.stall_at = 0;
        m.seconds += m.stall;
    }
}

static uint32_t in(uint16_t port, unsigned bytes)
{
    (void)bytes;
    pass(m.access);
    return port == 0x42 ? (m.bytes++ % 2 ? m.latch >> 8 : m.latch & 0xff) : 0;
}

/* Ticks since it was set. Before the first one this machine shows 0, that is 65535 ticks. */
static uint64_t counted(void)
{
    uint64_t ticks = (uint64_t)((m.seconds - m.set) * PIT_HZ);

    if (m.coarse)
        ticks = (uint64_t)((floor(m.seconds * 1e4) - floor(m.set * 1e4)) * 1e-4 * PIT_HZ);
    return m.coarse && ticks == 0 ? 0xffff : ticks;
}

static void out(uint16_t port, uint32_t value, unsigned bytes)
{
    (void)bytes;
    pass(m.access);
    if (port == 0x43 && value == 0x80) {
        m.latch = m.dead ? 0xffff : (uint16_t)(0xffff - counted());
        m.bytes = 0;
    } else if (port == 0x42) {
        m.set = m.seconds;
    }
}

static uint64_t tsc(void)
{
    pass(20 / m.tsc_hz);
    return (uint64_t)(m.seconds * m.tsc_hz);
}

static uint32_t timer_left(void)
{
    return 0xffffffffu - (uint32_t)(m.seconds * m.timer_hz);
}

static const struct pc_access pc = {.in = in, .out = out};
static const struct clock_access clocks = {&pc, tsc, timer_left};

static double apart(double value, double right)
{
    return (value / right - 1) * 1e6;
}

Test(pc_clock_rate, rates_are_right_within_a_millionth)
{
    static const double hz[] = {2400e6, 4000e6, 5213.7e6, 1e9, 266.66e6, 99.9e6};
    static const double access[] = {1e-6, 0.7e-6, 1.3e-6, 30e-9};
    struct clock_rates rates;

    for (unsigned i = 0; i < 6; i++)
        for (unsigned k = 0; k < 4; k++) {
            m = (typeof(m)){.tsc_hz = hz[i], .timer_hz = 8.33e6, .access = access[k]};
            cr_assert(clock_rates_measure(&clocks, &rates));
            double off = apart((double)rates.tsc_hz, hz[i]);

            cr_expect(off > -1 && off < 1, "%g Hz, %g s: %g ppm", hz[i], access[k], off);
            off = apart(rates.timer_hz, 8.33e6);
            cr_expect(off > -100 && off < 100, "the timer: %g ppm", off);
        }
}

Test(pc_clock_rate, a_machine_that_stood_still_is_measured_again)
{
    struct clock_rates rates;

    /* The counter begins again after 55 ms, perhaps between the two groups of readings. */
    for (double stall = 0.0002; stall<0.06; stall += stall> 0.054 ? 5e-7 : 1e-3) {
        m = (typeof(m)){
            .tsc_hz = 2400e6, .timer_hz = 1e8, .access = 1e-6, .stall_at = 0.0001, .stall = stall};
        cr_assert(clock_rates_measure(&clocks, &rates), "%g s", stall);
        double off = apart((double)rates.tsc_hz, 2400e6);

        cr_expect(off < 5000 && off > -5000, "%g s: %g ppm", stall, off); /* half a hundredth */
    }
}

Test(pc_clock_rate, a_counter_that_is_loaded_late_and_moves_in_jumps)
{
    struct clock_rates rates;

    m = (typeof(m)){.tsc_hz = 1e9, .timer_hz = 1e8, .access = 1e-6, .coarse = true};
    cr_assert(clock_rates_measure(&clocks, &rates));
    double off = apart((double)rates.tsc_hz, 1e9);

    cr_expect(off < 10000 && off > -10000, "%g ppm", off);
}

Test(pc_clock_rate, what_does_not_count_is_said)
{
    struct clock_rates rates;

    m = (typeof(m)){.tsc_hz = 2400e6, .timer_hz = 1e8, .access = 1e-6, .dead = true};
    cr_expect_not(clock_rates_measure(&clocks, &rates));
    m = (typeof(m)){.tsc_hz = 2400e6, .timer_hz = 0, .access = 1e-6};
    cr_expect_not(clock_rates_measure(&clocks, &rates));
}

Test(pc_clock_rate, scales_are_exact_to_a_billionth)
{
    static const uint64_t hz[] = {1,          1000,        999999999,   1000000000,   1000000001,
                                  2400000000, 4294967296u, 5000000000u, 1000000000000};

    for (unsigned i = 0; i < 9; i++) {
        struct clock_scale scale = clock_scale_of(hz[i]);
        uint64_t count = hz[i] * 100 + 12345;
        double right = (double)count / (double)hz[i] * 1e9;
        double off = apart((double)clock_nanoseconds(&scale, count), right);

        cr_expect(scale.mul >> 31, "%lu Hz: mul %x", hz[i], scale.mul);
        cr_expect(off > -0.0021 && off < 0.0021, "%lu Hz: %g ppm", hz[i], off);
    }
}
