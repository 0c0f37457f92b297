/* SPDX-License-Identifier: GPL-2.0-only */
/* alarm.c - see alarm.h */
#include "guestos/time/alarm.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"

static uint64_t first_alarm = NO_DEADLINE;

/* Few processes have alarms: the earliest is found anew whenever one changes. */
static void find_first_alarm(void)
{
    first_alarm = NO_DEADLINE;
    for (const struct process *p = all_processes; p; p = p->next)
        first_alarm = MIN(first_alarm, p->alarm_at);
}

void scheduler_set_alarm(struct process *process, uint64_t at)
{
    if (process->alarm_at == at)
        return;
    process->alarm_at = at;
    find_first_alarm();
    scheduler_request_timer();
}

uint64_t alarms_first(void)
{
    return first_alarm;
}

void alarms_ring(uint64_t now)
{
    if (first_alarm > now)
        return;
    for (struct process *p = all_processes; p; p = p->next)
        if (p->alarm_at <= now) {
            p->alarm_at = p->alarm_interval ? now + p->alarm_interval : NO_DEADLINE;
            signal_send(p, SIGALRM);
        }
    find_first_alarm();
}

/* ---- processor time -------------------------------------------------------------------------- */

/* ITIMER_VIRTUAL counts ticks in ring 3, ITIMER_PROF all of a process's. */
static void count_cpu_alarms(struct process *process, uint32_t ticks, bool user)
{
    static const uint8_t signal[2] = {SIGVTALRM, SIGPROF};

    for (int i = user ? 0 : 1; i < 2; i++) {
        uint32_t left = process->cpu_alarm[i].left;

        if (!left)
            continue;
        process->cpu_alarm[i].left = left > ticks ? left - ticks : process->cpu_alarm[i].interval;
        if (left <= ticks)
            signal_send(process, signal[i]);
    }
}

/* Each second beyond the limit; at the second limit the process ends. */
static void check_cpu_limit(struct process *process, uint32_t ticks)
{
    struct limit limit = process->limits[LIMIT_CPU];
    uint32_t seconds, rest;

    if (limit.now == UNLIMITED)
        return;
    seconds = (uint32_t)divide(process->all_user + process->all_kernel, TICK_HZ, &rest);
    if (rest < ticks && seconds >= limit.now)
        signal_send(process, seconds >= limit.most ? SIGKILL : SIGXCPU);
}

void alarms_charge(struct process *process, uint32_t ticks, bool user)
{
    count_cpu_alarms(process, ticks, user);
    check_cpu_limit(process, ticks);
}
