/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sys_ioprio.c - priorities for devices (ioprio_set(2)): kept and inherited
 *
 * The queues of disks sort by place and time and not by whom a request is for: so they mean
 * nothing.
 */
#include "guestos/fs/permission.h"
#include "guestos/kernel/errno.h"
#include "guestos/process/process.h"
#include "guestos/sys/syscall.h"

enum { OF_THREAD = 1, OF_GROUP, OF_USER }; /* linux/ioprio.h: IOPRIO_WHO_* */
enum { CLASS_NONE, CLASS_REAL_TIME, CLASS_BEST_EFFORT, CLASS_IDLE };
#define CLASS_SHIFT 13u
#define LEVELS      8u
#define UNSET       4u /* what Linux says of who has set none: no class, the middle level */

static bool concerns(const struct process *p, uint32_t which, uint32_t who)
{
    if (which == OF_GROUP)
        return p->group == (who ? who : current_process()->group);
    return p->identity.user[0] == (who ? who : current_process()->identity.user[0]);
}

static int check(uint32_t priority)
{
    uint32_t class = priority >> CLASS_SHIFT, level = priority & ((1u << CLASS_SHIFT) - 1);

    switch (class) {
    case CLASS_REAL_TIME:
        if (!is_privileged())
            return -EPERM;
        return level < LEVELS ? 0 : -EINVAL;
    case CLASS_BEST_EFFORT:
        return level < LEVELS ? 0 : -EINVAL;
    case CLASS_IDLE:
        return 0;
    case CLASS_NONE:
        return level ? -EINVAL : 0;
    default:
        return -EINVAL;
    }
}

static int set(struct thread *thread, uint32_t priority)
{
    const struct identity *it = &thread->process->identity;
    const struct identity *me = &current_process()->identity;

    if (me->user[1] && it->user[0] != me->user[1] && it->user[0] != me->user[0])
        return -EPERM;
    thread->io_priority = (uint16_t)priority;
    return 0;
}

int sys_ioprio_set(uint32_t which, uint32_t who, uint32_t priority)
{
    int result = check(priority);

    if (result)
        return result;
    if (which == OF_THREAD) {
        struct thread *thread = who ? thread_find(who) : current_thread();

        return thread ? set(thread, priority) : -ESRCH;
    }
    if (which != OF_GROUP && which != OF_USER)
        return -EINVAL;
    result = -ESRCH;
    for (struct process *p = all_processes; p; p = p->next)
        if (concerns(p, which, who))
            FOR_EACH_THREAD (t, p) {
                result = set(t, priority);
                if (result)
                    return result;
            }
    return result;
}

/* The better of two: a lower number of those that are set. */
static int better(int a, const struct thread *thread)
{
    int b = thread->io_priority ? thread->io_priority : (int)UNSET;

    return a < 0 || b < a ? b : a;
}

int sys_ioprio_get(uint32_t which, uint32_t who)
{
    int result = -ESRCH;

    if (which == OF_THREAD) {
        const struct thread *thread = who ? thread_find(who) : current_thread();

        return thread ? better(result, thread) : -ESRCH;
    }
    if (which != OF_GROUP && which != OF_USER)
        return -EINVAL;
    for (const struct process *p = all_processes; p; p = p->next)
        if (concerns(p, which, who))
            FOR_EACH_THREAD (t, p)
                result = better(result, t);
    return result;
}
