/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * posix_timer.c - timers that send signals (timer_create(2))
 *
 * A timer's signal waits at most once. Expirations while it waits are its overrun: told with the
 * signal when it is taken at last, and by timer_getoverrun(). Processes' clocks are counted in
 * ticks and do not have timers of this kind (setitimer() has them).
 */
#include "guestos/time/posix_timer.h"
#include "guestos/time/clock_timer.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/sys/syscall.h"
#include "guestos/time/time.h"
#include "guestos/sys/user.h"
#include "guestos/mm/heap.h"

#define TIMERS_LIMIT  64u /* of a process */
#define OVERRUN_LIMIT 0x7fffffffu

struct posix_timer {
    struct clock_timer timer; /* first: what fire() gets */
    struct posix_timer *next;
    struct process *process;
    uint32_t number, notify, signal, value, thread;
    uint32_t overrun; /* since the signal that waits, or waited last, was sent */
};

static struct thread *target(const struct posix_timer *t)
{
    if (t->notify != NOTIFY_THREAD_ID)
        return NULL;
    FOR_EACH_THREAD (thread, t->process)
        if (thread->tid == t->thread)
            return thread;
    return NULL;
}

static void fire(struct timer *timer, uint64_t now)
{
    struct posix_timer *t = (struct posix_timer *)timer;
    uint64_t times = clock_timer_again(&t->timer, now);

    if (t->notify == NOTIFY_NONE)
        return;
    struct thread *thread = target(t);
    struct signal_queue *queue = thread ? &thread->signals.pending : &t->process->signals_pending;
    if (t->notify == NOTIFY_THREAD_ID && !thread)
        return;
    if (signal_queue_has_timer(queue, t->signal, t->number)) {
        t->overrun = (uint32_t)MIN(t->overrun + times, OVERRUN_LIMIT);
        return;
    }
    t->overrun = (uint32_t)MIN(times - 1, OVERRUN_LIMIT);
    const struct signal_info info = {.signal = (int32_t)t->signal,
                                     .code = CODE_TIMER,
                                     .data = {t->number, t->overrun, t->value}};
    if (thread)
        signal_send_thread(thread, &info);
    else
        signal_send_info(t->process, &info);
}

static struct posix_timer *find(uint32_t number)
{
    struct posix_timer *t = current_process()->timers;

    while (t && t->number != number)
        t = t->next;
    return t;
}

static void drop(struct posix_timer **link)
{
    struct posix_timer *t = *link;

    *link = t->next;
    timer_set(&t->timer.timer, NO_DEADLINE);
    heap_free(t);
}

void posix_timers_drop(struct process *process)
{
    while (process->timers)
        drop(&process->timers);
}

static int check(const struct signal_event *event)
{
    switch (event->notify) {
    case NOTIFY_NONE:
        return 0;
    case NOTIFY_THREAD_ID: {
        const struct thread *thread = thread_find(event->thread);

        if (!thread || thread->process != current_process())
            return -EINVAL;
    } /* fall through */
    case NOTIFY_SIGNAL:
        return event->signal > 0 && event->signal <= SIGNALS ? 0 : -EINVAL;
    default:
        return -EINVAL;
    }
}

int sys_timer_create(uint32_t clock, uint32_t event_address, uint32_t number_address)
{
    struct process *process = current_process();
    struct signal_event event = {.signal = SIGALRM};
    uint64_t now;
    uint32_t number = 0;

    if (!clock_waits(clock) || !clock_read(clock, &now))
        return -EINVAL;
    if (event_address && take_user(event, event_address))
        return -EFAULT;
    int error = check(&event);
    if (error)
        return error;
    while (find(number))
        number++;
    if (number == TIMERS_LIMIT)
        return -EAGAIN;
    struct posix_timer *t = heap_allocate(sizeof(*t));
    if (!t)
        return -EAGAIN;
    if (give_user(number_address, number)) {
        heap_free(t);
        return -EFAULT;
    }
    *t = (struct posix_timer){.timer = {{.at = NO_DEADLINE, .fire = fire}, .clock = clock},
                              .next = process->timers,
                              .process = process,
                              .number = number,
                              .notify = (uint32_t)event.notify,
                              .signal = (uint32_t)event.signal,
                              .value = event_address ? event.value : number,
                              .thread = event.thread};
    process->timers = t;
    return 0;
}

int sys_timer_delete(uint32_t number)
{
    struct posix_timer **link = &current_process()->timers;

    while (*link && (*link)->number != number)
        link = &(*link)->next;
    if (!*link)
        return -EINVAL;
    drop(link);
    return 0;
}

int sys_timer_getoverrun(uint32_t number)
{
    const struct posix_timer *t = find(number);

    return t ? (int)t->overrun : -EINVAL;
}

static int get(uint32_t number, uint32_t address, bool wide)
{
    const struct posix_timer *t = find(number);

    return t ? clock_timer_give(&t->timer, address, wide) : -EINVAL;
}

static int set(uint32_t number, uint32_t flags, uint32_t new_setting, uint32_t old_setting,
               bool wide)
{
    struct timer_setting setting;

    if (!new_setting)
        return -EINVAL;
    int error = take_timer_setting(&setting, new_setting, wide);
    if (error)
        return error;
    struct posix_timer *t = find(number);
    if (!t)
        return -EINVAL;
    if (old_setting && (error = get(number, old_setting, wide)))
        return error;
    t->overrun = 0;
    clock_timer_set(&t->timer, &setting, flags & TIMER_ABSOLUTE);
    return 0;
}

int sys_timer_gettime(uint32_t number, uint32_t address)
{
    return get(number, address, false);
}

int sys_timer_gettime64(uint32_t number, uint32_t address)
{
    return get(number, address, true);
}

int sys_timer_settime(uint32_t number, uint32_t flags, uint32_t new_setting, uint32_t old_setting)
{
    return set(number, flags, new_setting, old_setting, false);
}

int sys_timer_settime64(uint32_t number, uint32_t flags, uint32_t new_setting, uint32_t old_setting)
{
    return set(number, flags, new_setting, old_setting, true);
}
