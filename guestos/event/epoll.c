/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * epoll.c - sets of files to wait for, kept between waits (epoll(7))
 *
 * A set is a list of watches. Who waits looks at all of them whenever any file's readiness may have
 * changed, as poll does; what a set saves is the copying. A watch that has been reported goes to
 * the end of the list, so that with few events asked for each one has its turn.
 *
 * Edges. A watch with EPOLLET is reported if its file is ready and something has happened to it
 * since the last report: poll_changes() tells. That can be once too often, when what happened
 * concerned the other direction or when nobody counts for this kind of file; it is never too
 * seldom, and who asks for edges has to be ready to find nothing.
 *
 * A watch does not hold its file: it goes with the file's last reference (forget()), as on Linux.
 * A set may be watched by another, to a depth, and never in a ring.
 */
#include "guestos/event/event.h"
#include "guestos/kernel/hooks.h"
#include "guestos/kernel/lib.h"
#include "guestos/sys/poll.h"
#include "guestos/process/process.h"
#include "guestos/sys/syscall.h"
#include "guestos/time/time.h"
#include "guestos/sys/user.h"
#include "guestos/mm/heap.h"

enum { ADD = 1, DELETE, MODIFY }; /* linux/eventpoll.h: EPOLL_CTL_* */

#define EXCLUSIVE (1u << 28)
#define WAKE_UP   (1u << 29)
#define ONE_SHOT  (1u << 30)
#define EDGE      (1u << 31)
#define MODIFIERS (EXCLUSIVE | WAKE_UP | ONE_SHOT | EDGE)

#define DEPTH_LIMIT  5
#define STEPS_LIMIT  1000u /* watches that are looked at to find how deep sets lie in each other */
#define EVENTS_LIMIT (0x7fffffffu / sizeof(struct event))

struct event { /* struct epoll_event */
    uint32_t events;
    uint64_t data;
} __attribute__((packed));

struct watch {
    struct watch *next;
    struct file *file;
    int descriptor;
    struct event event;
    uint32_t reported; /* poll_changes() at the last report */
    bool fresh;        /* added or modified since: an edge in any case */
};

struct set {
    struct set *next; /* of all sets */
    struct watch *first, **last;
    uint32_t changes;
};

static struct set *sets;
static const struct file_ops set_ops;

static void unlink_watch(struct set *set, struct watch **link)
{
    struct watch *watch = *link;

    *link = watch->next;
    if (set->last == &watch->next)
        set->last = link;
    watch->next = NULL;
}

static void append(struct set *set, struct watch *watch)
{
    *set->last = watch;
    set->last = &watch->next;
}

static void drop(struct set *set, struct watch **link)
{
    struct watch *watch = *link;

    unlink_watch(set, link);
    watch->file->watches--;
    heap_free(watch);
}

/* The last reference to a file goes. */
static void forget(const struct file *file)
{
    for (struct set *set = sets; set && file->watches; set = set->next)
        for (struct watch **link = &set->first; *link;)
            if ((*link)->file == file)
                drop(set, link);
            else
                link = &(*link)->next;
}
HOOK(file_closes, forget);

/* ---- the set as a file ----------------------------------------------------------------------- */

/* What is to be reported of a watch now. */
static uint32_t ready(const struct watch *watch)
{
    uint32_t wanted = watch->event.events;

    if (!(wanted & ~MODIFIERS)) /* a one-shot watch that has been reported: not even errors */
        return 0;
    if (wanted & EDGE && !watch->fresh && poll_changes(watch->file) == watch->reported)
        return 0;
    return poll_ready(watch->file) & wanted;
}

static uint32_t set_poll(struct file *file)
{
    const struct set *set = file->data;

    for (const struct watch *watch = set->first; watch; watch = watch->next)
        if (ready(watch))
            return POLLIN;
    return 0;
}

static void set_close(struct file *file)
{
    struct set *set = file->data, **link = &sets;

    while (set->first)
        drop(set, &set->first);
    while (*link && *link != set) /* it is not there yet if there was no descriptor for it */
        link = &(*link)->next;
    if (*link)
        *link = set->next;
    heap_free(set);
}

static const struct file_ops set_ops = {
    .poll = set_poll,
    .close = set_close,
    .stream = true,
    .name = "[eventpoll]",
};

int sys_epoll_create1(uint32_t flags)
{
    if (flags & ~OPEN_CLOEXEC)
        return -EINVAL;
    struct set *set = heap_allocate(sizeof(*set));
    if (set)
        set->last = &set->first;
    int descriptor = event_install(&set_ops, set, flags);
    if (descriptor < 0)
        return descriptor;
    set->next = sets;
    sets = set;
    return descriptor;
}

int sys_epoll_create(uint32_t size)
{
    return (int32_t)size > 0 ? sys_epoll_create1(0) : -EINVAL;
}

/* ---- what is watched ------------------------------------------------------------------------- */

static const struct set *set_of(const struct file *file)
{
    return file->ops == &set_ops ? file->data : NULL;
}

/*
 * How deep sets lie in a set, itself included: more than the limit if `outer` is among them, or if
 * that takes more than *steps to find out.
 */
static uint32_t depth_below(const struct set *set, const struct set *outer, uint32_t *steps)
{
    uint32_t deepest = 0;

    if (!set)
        return 0;
    if (set == outer)
        return DEPTH_LIMIT + 1;
    for (const struct watch *watch = set->first; watch; watch = watch->next) {
        if (!*steps)
            return DEPTH_LIMIT + 1;
        --*steps;
        deepest = MAX(deepest, depth_below(set_of(watch->file), outer, steps));
    }
    return deepest + 1;
}

/* How many sets lie around a set, one in the other, itself included. */
static uint32_t depth_above(const struct set *set, uint32_t *steps)
{
    uint32_t deepest = 0;

    for (const struct set *around = sets; around; around = around->next)
        for (const struct watch *watch = around->first; watch; watch = watch->next) {
            if (set_of(watch->file) != set)
                continue;
            if (!*steps)
                return DEPTH_LIMIT + 1;
            --*steps;
            deepest = MAX(deepest, depth_above(around, steps));
        }
    return deepest + 1;
}

/* Looking at a set looks at those in it: that must end, and soon. */
static bool too_deep(const struct set *set, const struct file *file)
{
    uint32_t steps = STEPS_LIMIT;

    return set_of(file) &&
           depth_below(set_of(file), set, &steps) + depth_above(set, &steps) > DEPTH_LIMIT;
}

static int add(struct set *set, struct file *file, int descriptor, const struct event *event)
{
    if (too_deep(set, file))
        return -ELOOP;
    struct watch *watch = heap_allocate(sizeof(*watch));
    if (!watch)
        return -ENOMEM;
    *watch = (struct watch){.file = file, .descriptor = descriptor, .event = *event, .fresh = true};
    append(set, watch);
    file->watches++;
    return 0;
}

int sys_epoll_ctl(uint32_t epoll, uint32_t operation, uint32_t descriptor, uint32_t address)
{
    struct event event = {0};

    if (operation != DELETE && take_user(event, address))
        return -EFAULT;
    const struct file *epoll_file = files_get((int)epoll);
    struct file *file = files_get((int)descriptor);
    if (!epoll_file || !file)
        return -EBADF;
    if (!file->ops->poll)
        return -EPERM;
    if (epoll_file == file || epoll_file->ops != &set_ops)
        return -EINVAL;
    if (event.events & EXCLUSIVE && (operation == MODIFY || file->ops == &set_ops))
        return -EINVAL;
    struct set *set = epoll_file->data;
    struct watch **link = &set->first;
    event.events |= POLLERR | POLLHUP;
    while (*link && ((*link)->file != file || (*link)->descriptor != (int)descriptor))
        link = &(*link)->next;
    int error = 0;
    switch (operation) {
    case ADD:
        error = *link ? -EEXIST : add(set, file, (int)descriptor, &event);
        break;
    case MODIFY:
        if (!*link)
            return -ENOENT;
        (*link)->event = event;
        (*link)->fresh = true;
        break;
    case DELETE:
        if (!*link)
            return -ENOENT;
        drop(set, link);
        break;
    default:
        return -EINVAL;
    }
    poll_changed(NULL);
    return error;
}

/* ---- waiting --------------------------------------------------------------------------------- */

/*
 * Reports what is ready, each watch once; the number of events, or -EFAULT if the first cannot be
 * told.
 */
static int collect(struct set *set, uint32_t address, uint32_t limit)
{
    uint32_t count = 0, left = 0;

    for (const struct watch *watch = set->first; watch; watch = watch->next)
        left++;
    for (struct watch **link = &set->first; left && count < limit; left--) {
        struct watch *watch = *link;
        uint32_t changes = poll_changes(watch->file);
        struct event event = {ready(watch), watch->event.data};

        if (!event.events) {
            link = &watch->next;
            continue;
        }
        if (give_user(address + count * sizeof(event), event))
            return count ? (int)count : -EFAULT;
        count++;
        watch->reported = changes;
        watch->fresh = false;
        if (watch->event.events & ONE_SHOT)
            watch->event.events &= MODIFIERS;
        unlink_watch(set, link);
        append(set, watch);
    }
    return (int)count;
}

static int wait_for_events(uint32_t epoll, uint32_t address, uint32_t limit, uint64_t deadline)
{
    deadline = wait_deadline(deadline);
    const struct file *file = files_get((int)epoll);
    if ((int32_t)limit <= 0 || limit > EVENTS_LIMIT)
        return -EINVAL;
    if (!file)
        return -EBADF;
    if (file->ops != &set_ops)
        return -EINVAL;
    for (;;) {
        int count = collect(file->data, address, limit);

        if (count)
            return count;
        int error = poll_wait(deadline);
        if (error)
            return error == -EAGAIN ? 0 : error;
    }
}

static uint64_t deadline_of(uint32_t milliseconds)
{
    return (int32_t)milliseconds < 0 ? NO_DEADLINE
                                     : arch_clock() + (uint64_t)milliseconds * (NANOSECONDS / 1000);
}

int sys_epoll_wait(uint32_t epoll, uint32_t address, uint32_t limit, uint32_t milliseconds)
{
    return wait_for_events(epoll, address, limit, deadline_of(milliseconds));
}

static int wait_masked(uint32_t epoll, uint32_t address, uint32_t limit, uint64_t deadline,
                       uint32_t mask, uint32_t mask_bytes)
{
    if (mask && mask_bytes != sizeof(uint64_t))
        return -EINVAL;
    int error = poll_swap_mask(mask);
    return error ? error : poll_restore_mask(wait_for_events(epoll, address, limit, deadline));
}

int sys_epoll_pwait(uint32_t epoll, uint32_t address, uint32_t limit, uint32_t milliseconds,
                    uint32_t mask, uint32_t mask_bytes)
{
    return wait_masked(epoll, address, limit, deadline_of(milliseconds), mask, mask_bytes);
}

int sys_epoll_pwait2(uint32_t epoll, uint32_t address, uint32_t limit, uint32_t timeout,
                     uint32_t mask, uint32_t mask_bytes)
{
    uint64_t deadline;
    int error = poll_deadline(&deadline, timeout, true);

    return error ? error : wait_masked(epoll, address, limit, deadline, mask, mask_bytes);
}
