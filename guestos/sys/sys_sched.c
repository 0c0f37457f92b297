/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sys_sched.c - system calls about who runs: priorities, policies, processors
 *
 * Time sharing is the one policy (sched.c). SCHED_BATCH and SCHED_IDLE are remembered and mean the
 * same here; the real-time ones are refused like to somebody without the right.
 */
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/sys/syscall.h"
#include "guestos/time/time.h"
#include "guestos/sys/user.h"

enum { OTHER, FIFO, ROUND_ROBIN, BATCH, IDLE = 5 }; /* linux/sched.h: SCHED_* */
#define RESET_ON_FORK 0x40000000u

enum { OF_PROCESS, OF_GROUP, OF_USER }; /* linux/resource.h: PRIO_* */

static struct thread *thread_or_me(uint32_t tid)
{
    return tid ? thread_find(tid) : current_thread();
}

int sys_sched_yield(void)
{
    yield();
    return 0;
}

/* ---- nice ------------------------------------------------------------------------------------ */

static bool concerns(const struct process *process, uint32_t which, uint32_t who)
{
    switch (which) {
    case OF_GROUP:
        return process->group == (who ? who : current_process()->group);
    case OF_USER:
        return process->identity.user[0] == (who ? who : current_process()->identity.user[0]);
    default:
        return false;
    }
}

int sys_getpriority(uint32_t which, uint32_t who)
{
    int best = -ESRCH;

    if (which > OF_USER)
        return -EINVAL;
    if (which == OF_PROCESS) {
        const struct thread *thread = thread_or_me(who);

        return thread ? 20 - thread->nice : -ESRCH;
    }
    for (const struct process *p = all_processes; p; p = p->next)
        if (concerns(p, which, who))
            best = MAX(best, 20 - p->threads->nice);
    return best;
}

/* A process of one's own may become nicer; only root's may become less nice. */
static int set_nice(struct thread *thread, int nice)
{
    const struct identity *it = &thread->process->identity;
    uint32_t me = current_process()->identity.user[1];

    if (me && me != it->user[0] && me != it->user[1])
        return -EPERM;
    if (me && nice < thread->nice)
        return -EACCES;
    scheduler_set_nice(thread, nice);
    return 0;
}

int sys_setpriority(uint32_t which, uint32_t who, uint32_t nice)
{
    int found = -ESRCH, value = MAX(MIN((int32_t)nice, 19), -20);

    if (which > OF_USER)
        return -EINVAL;
    if (which == OF_PROCESS) {
        struct thread *thread = thread_or_me(who);

        return thread ? set_nice(thread, value) : -ESRCH;
    }
    for (struct process *p = all_processes; p; p = p->next)
        if (concerns(p, which, who)) {
            int error = 0;

            FOR_EACH_THREAD (t, p)
                error = set_nice(t, value);
            found = found == -ESRCH || error ? error : found;
        }
    return found;
}

int sys_nice(uint32_t more)
{
    int add = MAX(MIN((int32_t)more, 40), -40);
    int error = sys_setpriority(OF_PROCESS, 0, (uint32_t)(current_thread()->nice + add));

    return error == -EACCES ? -EPERM : error;
}

/* ---- policies -------------------------------------------------------------------------------- */

static int set_policy(uint32_t tid, uint32_t policy, uint32_t parameter)
{
    int32_t priority;

    if (!parameter || (int32_t)tid < 0)
        return -EINVAL;
    if (take_user(priority, parameter))
        return -EFAULT;
    struct thread *thread = thread_or_me(tid);
    if (!thread)
        return -ESRCH;
    policy = policy == ~0u ? thread->policy : policy & ~RESET_ON_FORK;
    if (policy == FIFO || policy == ROUND_ROBIN)
        return priority < 1 || priority > 99 ? -EINVAL : -EPERM;
    if ((policy != OTHER && policy != BATCH && policy != IDLE) || priority)
        return -EINVAL;
    thread->policy = (uint8_t)policy;
    return 0;
}

int sys_sched_setscheduler(uint32_t tid, uint32_t policy, uint32_t parameter)
{
    return (int32_t)policy < 0 ? -EINVAL : set_policy(tid, policy, parameter);
}

int sys_sched_setparam(uint32_t tid, uint32_t parameter)
{
    return set_policy(tid, ~0u, parameter);
}

int sys_sched_getscheduler(uint32_t tid)
{
    const struct thread *thread = thread_or_me(tid);

    return (int32_t)tid < 0 ? -EINVAL : thread ? thread->policy : -ESRCH;
}

int sys_sched_getparam(uint32_t tid, uint32_t parameter)
{
    const int32_t priority = 0;

    if (!parameter || (int32_t)tid < 0)
        return -EINVAL;
    return thread_or_me(tid) ? give_user(parameter, priority) : -ESRCH;
}

int sys_sched_get_priority_max(uint32_t policy)
{
    if (policy == FIFO || policy == ROUND_ROBIN)
        return 99;
    return policy == OTHER || policy == BATCH || policy == IDLE ? 0 : -EINVAL;
}

int sys_sched_get_priority_min(uint32_t policy)
{
    int most = sys_sched_get_priority_max(policy);

    return most > 0 ? 1 : most;
}

/* A full share of a round (sched.c). */
static int give_share(uint32_t tid, uint32_t address, bool wide)
{
    if ((int32_t)tid < 0)
        return -EINVAL;
    const struct thread *thread = thread_or_me(tid);
    return thread ? give_time(address, (uint64_t)thread->nice_ticks * (NANOSECONDS / TICK_HZ), wide)
                  : -ESRCH;
}

int sys_sched_rr_get_interval(uint32_t tid, uint32_t address)
{
    return give_share(tid, address, false);
}

int sys_sched_rr_get_interval_time64(uint32_t tid, uint32_t address)
{
    return give_share(tid, address, true);
}

/* ---- processors ------------------------------------------------------------------------------ */

int sys_sched_getaffinity(uint32_t tid, uint32_t bytes, uint32_t mask)
{
    const struct thread *thread = thread_or_me(tid);

    if (bytes < sizeof(uint32_t) || bytes & 3)
        return -EINVAL;
    if (!thread)
        return -ESRCH;
    uint32_t all = (1u << arch_processors()) - 1, allowed = thread->processors & all;
    return give_user(mask, allowed) ? -EFAULT : (int)sizeof(allowed);
}

int sys_sched_setaffinity(uint32_t tid, uint32_t bytes, uint32_t mask)
{
    uint32_t wanted = 0, all = (1u << arch_processors()) - 1;

    if (copy_from_user(&wanted, (void *)mask, MIN(bytes, sizeof(wanted))))
        return -EFAULT;
    struct thread *thread = thread_or_me(tid);
    if (!thread)
        return -ESRCH;
    if (!(wanted & all))
        return -EINVAL;
    scheduler_set_processors(thread, wanted);
    return 0;
}

int sys_getcpu(uint32_t processor, uint32_t node, uint32_t unused)
{
    (void)unused;
    uint32_t here = arch_this_processor(), zero = 0;
    return (processor && give_user(processor, here)) || (node && give_user(node, zero)) ? -EFAULT
                                                                                        : 0;
}
