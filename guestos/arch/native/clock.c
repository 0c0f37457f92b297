/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * clock.c - time from the TSC
 *
 * Counter 2 of the 8254, clocked at 1.193182 MHz, measures 10 ms; in that time the TSC's and the
 * APIC timer's counts are taken. Nanoseconds are TSC * mult / 2^22, in two halves to stay within 64
 * bits.
 */
#include "guestos/arch/native/native.h"
#include "guestos/kernel/lib.h"
#include "guestos/time/time.h"

#define PIT_HZ       1193182u
#define PIT_COUNT    (PIT_HZ / TICK_HZ) /* 10 ms */
#define PIT_CHANNEL2 0x42
#define PIT_COMMAND  0x43
#define PORT_B       0x61 /* bit 0: gate of counter 2, bit 1: speaker, bit 5: output of counter 2 */
#define SHIFT        22

static uint32_t multiplier; /* nanoseconds * 2^22 a TSC count */
static uint64_t tsc_at_boot, wall_at_boot;

static uint64_t to_nanoseconds(uint64_t tsc)
{
    return (((uint64_t)(uint32_t)tsc * multiplier) >> SHIFT) +
           ((uint64_t)(uint32_t)(tsc >> 32) * multiplier << (32 - SHIFT));
}

uint64_t arch_clock(void)
{
    /* The processors' TSCs start together but need not be equal to the count. */
    static uint64_t last;
    uint64_t now = to_nanoseconds(read_tsc() - tsc_at_boot);

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

void clock_delay(uint32_t microseconds)
{
    uint64_t end = read_tsc() + divide((uint64_t)microseconds * 1000 << SHIFT, multiplier, NULL);

    while (read_tsc() < end)
        arch_relax();
}

void arch_timer_request(uint64_t deadline)
{
    (void)deadline; /* the APIC timer ticks TICK_HZ times a second in any case */
}

static void calibrate(void)
{
    out8(PORT_B, (uint8_t)((in8(PORT_B) & ~2u) | 1u)); /* gate on, speaker off */
    out8(PIT_COMMAND, 0xb0);                           /* counter 2, both bytes, mode 0 */
    out8(PIT_CHANNEL2, PIT_COUNT & 0xff);
    uint32_t apic = apic_timer_count();
    out8(PIT_CHANNEL2, PIT_COUNT >> 8); /* starts */
    uint64_t tsc = read_tsc();
    while (!(in8(PORT_B) & 0x20))
        arch_relax();
    uint64_t tsc_counts = read_tsc() - tsc;
    uint32_t apic_counts = apic - apic_timer_count();
    if (!(uint32_t)tsc_counts || tsc_counts >> 32 || !apic_counts)
        panic("cannot calibrate the clocks: TSC %llu, APIC timer %u counts in 10 ms", tsc_counts,
              apic_counts);
    multiplier =
        (uint32_t)divide((uint64_t)(NANOSECONDS / TICK_HZ) << SHIFT, (uint32_t)tsc_counts, NULL);
    apic_timer_rate(apic_counts);
    kprintf("clock: %u kHz, APIC timer %u counts a tick\n", (uint32_t)tsc_counts / 10, apic_counts);
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
