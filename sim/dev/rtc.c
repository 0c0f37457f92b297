/* SPDX-License-Identifier: GPL-2.0-only */
#include "sim/dev/rtc.h"

#include <time.h>

enum {
    SECONDS = 0,
    MINUTES = 2,
    HOURS = 4,
    WEEKDAY = 6,
    DAY = 7,
    MONTH = 8,
    YEAR = 9,
    STATUS_A = 10,
    STATUS_B = 11,
    STATUS_C = 12,
    STATUS_D = 13,
    BASE_MEMORY = 0x15,     /* kB, two bytes */
    EXTENDED_MEMORY = 0x17, /* kB above 1 MB, at most 63 MB, two bytes, again at 0x30 */
    HIGH_MEMORY = 0x34,     /* 64 kB units above 16 MB, two bytes */
    CENTURY = 0x32,
};

#define B_24_HOURS 0x02
#define B_BINARY   0x04
#define B_ENABLES  0x70
#define D_VALID    0x80

static uint8_t bcd(int value)
{
    return (uint8_t)(value / 10 << 4 | value % 10);
}

static uint8_t clock_byte(const struct rtc *rtc, uint64_t now)
{
    time_t seconds = (time_t)(rtc->start + (int64_t)(now / rtc->world.hz));
    struct tm tm;
    int value;

    gmtime_r(&seconds, &tm);
    switch (rtc->index) {
    case SECONDS:
        value = tm.tm_sec;
        break;
    case MINUTES:
        value = tm.tm_min;
        break;
    case HOURS:
        value = tm.tm_hour;
        break;
    case WEEKDAY:
        value = tm.tm_wday + 1;
        break;
    case DAY:
        value = tm.tm_mday;
        break;
    case MONTH:
        value = tm.tm_mon + 1;
        break;
    case YEAR:
        value = tm.tm_year % 100;
        break;
    default:
        value = 19 + tm.tm_year / 100;
    }
    return rtc->memory[STATUS_B] & B_BINARY ? (uint8_t)value : bcd(value);
}

uint32_t rtc_read(void *device, const struct access *access)
{
    struct rtc *rtc = device;

    if (access->offset == 0)
        return 0xff; /* the index cannot be read */
    switch (rtc->index) {
    case SECONDS:
    case MINUTES:
    case HOURS:
    case WEEKDAY:
    case DAY:
    case MONTH:
    case YEAR:
    case CENTURY:
        return clock_byte(rtc, access->now);
    default:
        return rtc->memory[rtc->index];
    }
}

void rtc_write(void *device, const struct access *access, uint32_t value)
{
    struct rtc *rtc = device;

    if (access->offset == 0) {
        rtc->index = value & 0x7f;
        return;
    }
    if (rtc->index == STATUS_B && value & B_ENABLES)
        device_refuse(&rtc->world, "interrupts of the real-time clock are not implemented");
    if (rtc->index == STATUS_C || rtc->index == STATUS_D)
        return;
    rtc->memory[rtc->index] = (uint8_t)value;
}

static void put_16(struct rtc *rtc, unsigned index, uint32_t value)
{
    rtc->memory[index] = (uint8_t)value;
    rtc->memory[index + 1] = (uint8_t)(value >> 8);
}

void rtc_open(struct rtc *rtc)
{
    uint32_t kilobytes = rtc->ram_bytes >> 10;
    uint32_t extended = kilobytes < 1024 ? 0 : kilobytes - 1024;

    rtc->memory[STATUS_A] = 0x26;
    rtc->memory[STATUS_B] = B_24_HOURS;
    rtc->memory[STATUS_D] = D_VALID;
    put_16(rtc, BASE_MEMORY, 639);
    put_16(rtc, EXTENDED_MEMORY, extended > 0xfc00 ? 0xfc00 : extended);
    put_16(rtc, 0x30, extended > 0xfc00 ? 0xfc00 : extended);
    put_16(rtc, HIGH_MEMORY, kilobytes > 16384 ? (kilobytes - 16384) >> 6 : 0);
}
