/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sys_sched.c - system calls about who runs: priorities, policies, processors
 *
 * Time sharing, SCHED_FIFO and SCHED_RR are sched.c's. SCHED_BATCH and SCHED_IDLE are remembered
 * and mean the same as time sharing.
 */
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/sys/syscall.h"
#include "guestos/time/time.h"
#include "guestos/sys/user.h"

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

/* Root may anything, others to their threads what the limit lets them, and back to time sharing. */
static int may_set_policy(const struct thread *thread, uint32_t policy, uint32_t priority)
{
    const struct identity *it = &thread->process->identity;
    uint32_t me = current_process()->identity.user[1];

    if (!me)
        return 0;
    if (me != it->user[0] && me != it->user[1])
        return -EPERM;
    bool lower = policy == thread->policy && priority <= thread->priority;
    return policy_is_real_time(policy) && !lower &&
                   priority > thread->process->limits[LIMIT_REAL_TIME].now
               ? -EPERM
               : 0;
}

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
    bool reset = policy == ~0u ? thread->reset_on_fork : policy & RESET_ON_FORK;
    policy = policy == ~0u ? thread->policy : policy & ~RESET_ON_FORK;
    int least = sys_sched_get_priority_min(policy), most = sys_sched_get_priority_max(policy);
    if (least < 0 || priority < least || priority > most)
        return -EINVAL;
    int error = may_set_policy(thread, policy, (uint32_t)priority);
    if (error)
        return error;
    if (thread->reset_on_fork && !reset && current_process()->identity.user[1])
        return -EPERM;
    thread->reset_on_fork = reset;
    scheduler_set_policy(thread, policy, (uint32_t)priority);
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

    if ((int32_t)tid < 0 || !thread)
        return (int32_t)tid < 0 ? -EINVAL : -ESRCH;
    return thread->policy | (thread->reset_on_fork ? (int)RESET_ON_FORK : 0);
}

int sys_sched_getparam(uint32_t tid, uint32_t parameter)
{
    if (!parameter || (int32_t)tid < 0)
        return -EINVAL;
    const struct thread *thread = thread_or_me(tid);
    if (!thread)
        return -ESRCH;
    const int32_t priority = thread->priority;
    return give_user(parameter, priority);
}

int sys_sched_get_priority_max(uint32_t policy)
{
    if (policy_is_real_time(policy))
        return 99;
    return policy == POLICY_OTHER || policy == POLICY_BATCH || policy == POLICY_IDLE ? 0 : -EINVAL;
}

int sys_sched_get_priority_min(uint32_t policy)
{
    int most = sys_sched_get_priority_max(policy);

    return most > 0 ? 1 : most;
}

/* A full share of a round (sched.c); SCHED_FIFO has none. */
static int give_share(uint32_t tid, uint32_t address, bool wide)
{
    if ((int32_t)tid < 0)
        return -EINVAL;
    const struct thread *thread = thread_or_me(tid);
    if (!thread)
        return -ESRCH;
    uint32_t ticks = thread->policy == POLICY_FIFO ? 0 : thread->nice_ticks;
    return give_time(address, (uint64_t)ticks * (NANOSECONDS / TICK_HZ), wide);
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
