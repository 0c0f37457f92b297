/* SPDX-License-Identifier: GPL-2.0-only */
/* clock_timer.c - see clock_timer.h */
#include "guestos/time/clock_timer.h"
#include "guestos/process/process.h"
#include "guestos/time/time.h"
#include "guestos/sys/user.h"

/* The second half of struct itimerspec. */
static uint32_t value_at(uint32_t address, bool wide)
{
    return address + (wide ? 16 : 8);
}

int take_timer_setting(struct timer_setting *setting, uint32_t address, bool wide)
{
    int error = time_from_user(&setting->interval, address, wide);

    return error ? error : time_from_user(&setting->value, value_at(address, wide), wide);
}

int clock_timer_give(const struct clock_timer *timer, uint32_t address, bool wide)
{
    int error = give_time(address, timer->interval, wide);

    return error ? error : give_time(value_at(address, wide), timer_left(&timer->timer), wide);
}

void clock_timer_set(struct clock_timer *timer, const struct timer_setting *setting, bool absolute)
{
    timer->interval = setting->interval;
    timer_set(&timer->timer, setting->value ? clock_deadline(timer->clock, setting->value, absolute)
                                            : NO_DEADLINE);
}
