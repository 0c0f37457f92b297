/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rtc.h - the MC146818 clock and its CMOS memory, ports 0x70 and 0x71
 *
 * Its time is the date given at the start plus the simulated time since. Absent, and refused when
 * enabled: periodic, alarm and update interrupts.
 */
#ifndef XENOLITH_SIM_RTC_H
#define XENOLITH_SIM_RTC_H

#include "sim/dev/device.h"

/* 2003-10-19 00:00:00 UTC, in seconds since 1970: the day the paper was presented. */
#define RTC_DEFAULT_START INT64_C(1066521600)

struct rtc {
    struct device_world world;
    int64_t start; /* seconds since 1970 at cycle 0 */
    uint32_t ram_bytes;
    uint8_t index;
    uint8_t memory[128];
};

/*
 * CMOS memory as firmware leaves it, with the size of memory; the caller has set world, start and
 * ram_bytes.
 */
void rtc_open(struct rtc *rtc);
/* Ports 0x70 (index) and 0x71 (data). */
uint32_t rtc_read(void *rtc, const struct access *access);
void rtc_write(void *rtc, const struct access *access, uint32_t value);

#endif
