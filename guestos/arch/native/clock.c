/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * clock.c - time from the TSC, whose rate and the APIC timer's are measured
 * (include/pc/clock_rate.h)
 */
#include "guestos/arch/native/native.h"
#include "guestos/kernel/lib.h"
#include "guestos/time/time.h"
#include "include/pc/clock_rate.h"

static struct clock_rates rates;
static struct clock_scale tsc_to_ns;
static uint64_t tsc_at_boot, wall_at_boot;

uint64_t arch_clock(void)
{
    /* The processors' TSCs start together but need not be equal to the count. */
    static uint64_t last;
    uint64_t now = clock_nanoseconds(&tsc_to_ns, read_tsc() - tsc_at_boot);

    if (now > last)
        last = now;
    return last;
}

uint64_t arch_stolen(unsigned processor)
{
    (void)processor;
    return 0;
}

uint64_t arch_wall_clock(void)
{
    return wall_at_boot;
}

bool arch_set_wall_clock(uint64_t at_boot)
{
    wall_at_boot = at_boot;
    return true;
}

void clock_delay(uint32_t microseconds)
{
    uint64_t end = read_tsc() + divide(microseconds * rates.tsc_hz, 1000000, NULL);

    while (read_tsc() < end)
        arch_relax();
}

void arch_timer_request(uint64_t deadline)
{
    (void)deadline; /* the APIC timer ticks TICK_HZ times a second in any case */
}

static void calibrate(void)
{
    const struct clock_access clocks = {pc_access(), read_tsc, apic_timer_count};

    if (!clock_rates_measure(&clocks, &rates))
        panic("cannot calibrate the clocks: the TSC, the APIC timer or the 8254 does not count");
    tsc_to_ns = clock_scale_of(rates.tsc_hz);
    apic_timer_rate((rates.timer_hz + TICK_HZ / 2) / TICK_HZ);
    kprintf("clock: %u kHz, APIC timer %u counts a tick\n",
            (uint32_t)divide(rates.tsc_hz + 500, 1000, NULL), rates.timer_hz / TICK_HZ);
}

/* ---- the battery clock ----------------------------------------------------------------------- */

static uint32_t cmos(uint8_t index)
{
    out8(0x70, index);
    uint8_t bcd = in8(0x71);
    return (uint32_t)(bcd >> 4) * 10 + (bcd & 15);
}

/*
 * Days since 1970 of a date (y, m, d), by counting March-based years (Howard Hinnant's
 * days_from_civil).
 */
static uint32_t days(uint32_t y, uint32_t m, uint32_t d)
{
    y -= m <= 2;
    uint32_t era = y / 400, of_era = y - era * 400,
             of_year = (153 * (m + (m > 2 ? -3u : 9u)) + 2) / 5 + d - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void read_wall_clock(void)
{
    uint32_t year = cmos(9), century = cmos(0x32);

    year += century >= 19 && century <= 21 ? century * 100 : 2000;
    uint32_t seconds =
        ((days(year, cmos(8), cmos(7)) * 24 + cmos(4)) * 60 + cmos(2)) * 60 + cmos(0);
    wall_at_boot = (uint64_t)seconds * NANOSECONDS;
}

void clock_init(void)
{
    tsc_at_boot = read_tsc();
    calibrate();
    read_wall_clock();
}
