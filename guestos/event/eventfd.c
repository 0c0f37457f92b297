/* SPDX-License-Identifier: GPL-2.0-only */
/* eventfd.c - a counter that threads and processes wake each other by (eventfd(2)) */
#include "guestos/event/event.h"
#include "guestos/kernel/lib.h"
#include "guestos/sys/poll.h"
#include "guestos/process/process.h"
#include "guestos/sys/syscall.h"
#include "guestos/sys/user.h"
#include "guestos/mm/heap.h"

#define SEMAPHORE     1u          /* linux/eventfd.h: EFD_*; the others are OPEN_* */
#define COUNT_LARGEST (~0ull - 1) /* so that every bit set can mean an overflow */

struct counter {
    uint64_t value;
    bool semaphore;
    uint32_t changes;
};

static int counter_read(struct file *file, void *to, uint32_t bytes, uint32_t *position)
{
    (void)position;
    struct counter *counter = file->data;
    if (bytes < sizeof(counter->value))
        return -EINVAL;
    while (!counter->value) {
        int error = event_wait(file);

        if (error)
            return error;
    }
    uint64_t taken = counter->semaphore ? 1 : counter->value;
    if (give_user((uint32_t)to, taken))
        return -EFAULT;
    counter->value -= taken;
    poll_changed(&counter->changes);
    return sizeof(taken);
}

static int counter_write(struct file *file, const void *from, uint32_t bytes, uint32_t *position)
{
    (void)position;
    struct counter *counter = file->data;
    uint64_t added;
    if (bytes < sizeof(added))
        return -EINVAL;
    if (take_user(added, (uint32_t)from))
        return -EFAULT;
    if (added == ~0ull)
        return -EINVAL;
    while (counter->value > COUNT_LARGEST - added) {
        int error = event_wait(file);

        if (error)
            return error;
    }
    counter->value += added;
    poll_changed(&counter->changes);
    return sizeof(added);
}

static uint32_t counter_poll(struct file *file)
{
    const struct counter *counter = file->data;

    return (counter->value ? POLLIN : 0) | (counter->value < COUNT_LARGEST ? POLLOUT : 0) |
           (counter->value == ~0ull ? POLLERR : 0);
}

static uint32_t *counter_changes(struct file *file)
{
    return &((struct counter *)file->data)->changes;
}

static void counter_close(struct file *file)
{
    heap_free(file->data);
}

static const struct file_ops counter_ops = {
    .read = counter_read,
    .write = counter_write,
    .poll = counter_poll,
    .changes = counter_changes,
    .close = counter_close,
    .stream = true,
    .name = "[eventfd]",
};

int sys_eventfd2(uint32_t value, uint32_t flags)
{
    if (flags & ~(SEMAPHORE | OPEN_CLOEXEC | OPEN_NONBLOCK))
        return -EINVAL;
    struct counter *counter = heap_allocate(sizeof(*counter));
    if (counter)
        *counter = (struct counter){.value = value, .semaphore = flags & SEMAPHORE};
    return event_install(&counter_ops, counter, flags);
}

int sys_eventfd(uint32_t value)
{
    return sys_eventfd2(value, 0);
}
