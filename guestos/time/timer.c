/* SPDX-License-Identifier: GPL-2.0-only */
/* timer.c - the list of timers, earliest first */
#include "guestos/time/timer.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"

static struct timer *first;
/*
 * While timers are run: none can be set for a time that is over, or its fire() might keep the
 * kernel here.
 */
static uint64_t running;

static void enter(struct timer *timer, uint64_t at)
{
    struct timer **link = &first;

    at = MAX(at, running + 1);
    timer->at = at;
    if (at == NO_DEADLINE)
        return;
    while (*link && (*link)->at <= at)
        link = &(*link)->next;
    timer->next = *link;
    *link = timer;
}

static void leave(struct timer *timer)
{
    struct timer **link = &first;

    if (timer->at == NO_DEADLINE)
        return;
    while (*link != timer)
        link = &(*link)->next;
    *link = timer->next;
    timer->at = NO_DEADLINE;
}

void timer_set(struct timer *timer, uint64_t at)
{
    leave(timer);
    enter(timer, at);
    if (first == timer)
        scheduler_request_timer();
}

uint64_t timer_again(struct timer *timer, uint64_t interval, uint64_t now)
{
    uint64_t times = 1, late = now - timer->due;

    if (!interval)
        return times;
    /* A short interval, and a processor that came late: the times between are counted, not run. */
    while (interval <= late) {
        unsigned shift = 0;

        while (interval << (shift + 1) <= late && shift < 40)
            shift++;
        late -= interval << shift;
        times += 1ull << shift;
    }
    enter(timer, now - late + interval);
    return times;
}

uint64_t timer_left(const struct timer *timer)
{
    uint64_t now = arch_clock();

    return timer->at == NO_DEADLINE ? 0 : timer->at > now ? timer->at - now : 1;
}

uint64_t timers_first(void)
{
    return first ? first->at : NO_DEADLINE;
}

void timers_run(uint64_t now)
{
    running = now;
    while (first && first->at <= now) {
        struct timer *timer = first;

        timer->due = timer->at;
        leave(timer);
        timer->fire(timer, now);
    }
    running = 0;
}
