/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * timerfd.c - a timer whose expirations are read from a descriptor (timerfd_create(2))
 *
 * A timer of CLOCK_REALTIME keeps the moment that it was set for when the wall clock is set later,
 * and TFD_TIMER_CANCEL_ON_SET is accepted and cancels nothing.
 */
#include "guestos/event/event.h"
#include "guestos/time/clock_timer.h"
#include "guestos/kernel/lib.h"
#include "guestos/sys/poll.h"
#include "guestos/process/process.h"
#include "guestos/sys/syscall.h"
#include "guestos/time/time.h"
#include "guestos/sys/user.h"
#include "guestos/mm/heap.h"

#define CANCEL_ON_SET 2u /* linux/timerfd.h: TFD_TIMER_* */

struct timer_file {
    struct clock_timer timer; /* first: what fire() gets */
    uint64_t expired;         /* how often since the last read */
    uint32_t changes;
};

static const struct file_ops timer_file_ops;

static void fire(struct timer *timer, uint64_t now)
{
    struct timer_file *t = (struct timer_file *)timer;

    t->expired += clock_timer_again(&t->timer, now);
    poll_changed(&t->changes);
}

static int timer_file_read(struct file *file, void *to, uint32_t bytes, uint32_t *position)
{
    (void)position;
    struct timer_file *t = file->data;
    if (bytes < sizeof(t->expired))
        return -EINVAL;
    while (!t->expired) {
        int error = event_wait(file);

        if (error)
            return error;
    }
    uint64_t expired = t->expired;
    if (give_user((uint32_t)to, expired))
        return -EFAULT;
    t->expired = 0;
    return sizeof(expired);
}

static uint32_t timer_file_poll(struct file *file)
{
    return ((struct timer_file *)file->data)->expired ? POLLIN : 0;
}

static uint32_t *timer_file_changes(struct file *file)
{
    return &((struct timer_file *)file->data)->changes;
}

static void timer_file_close(struct file *file)
{
    struct timer_file *t = file->data;

    timer_set(&t->timer.timer, NO_DEADLINE);
    heap_free(t);
}

static const struct file_ops timer_file_ops = {
    .read = timer_file_read,
    .poll = timer_file_poll,
    .changes = timer_file_changes,
    .close = timer_file_close,
    .stream = true,
    .name = "[timerfd]",
};

int sys_timerfd_create(uint32_t clock, uint32_t flags)
{
    uint64_t now;

    if (flags & ~(OPEN_CLOEXEC | OPEN_NONBLOCK) || !clock_waits(clock) || !clock_read(clock, &now))
        return -EINVAL;
    struct timer_file *t = heap_allocate(sizeof(*t));
    if (t)
        t->timer = (struct clock_timer){{.at = NO_DEADLINE, .fire = fire}, .clock = clock};
    return event_install(&timer_file_ops, t, flags);
}

static struct timer_file *find(uint32_t descriptor)
{
    const struct file *file = files_get((int)descriptor);

    if (!file)
        return ERR_PTR(-EBADF);
    return file->ops == &timer_file_ops ? file->data : ERR_PTR(-EINVAL);
}

static int get(uint32_t descriptor, uint32_t address, bool wide)
{
    const struct timer_file *t = find(descriptor);

    return IS_ERR(t) ? PTR_ERR(t) : clock_timer_give(&t->timer, address, wide);
}

static int set(uint32_t descriptor, uint32_t flags, uint32_t new_setting, uint32_t old_setting,
               bool wide)
{
    struct timer_setting setting;
    int error = take_timer_setting(&setting, new_setting, wide);

    if (error || flags & ~(TIMER_ABSOLUTE | CANCEL_ON_SET))
        return error ? error : -EINVAL;
    struct timer_file *t = find(descriptor);
    if (IS_ERR(t))
        return PTR_ERR(t);
    if (old_setting && clock_timer_give(&t->timer, old_setting, wide))
        return -EFAULT;
    t->expired = 0;
    clock_timer_set(&t->timer, &setting, flags & TIMER_ABSOLUTE);
    return 0;
}

int sys_timerfd_gettime(uint32_t descriptor, uint32_t address)
{
    return get(descriptor, address, false);
}

int sys_timerfd_gettime64(uint32_t descriptor, uint32_t address)
{
    return get(descriptor, address, true);
}

int sys_timerfd_settime(uint32_t descriptor, uint32_t flags, uint32_t new_setting,
                        uint32_t old_setting)
{
    return set(descriptor, flags, new_setting, old_setting, false);
}

int sys_timerfd_settime64(uint32_t descriptor, uint32_t flags, uint32_t new_setting,
                          uint32_t old_setting)
{
    return set(descriptor, flags, new_setting, old_setting, true);
}
