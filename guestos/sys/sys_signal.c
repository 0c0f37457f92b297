/* SPDX-License-Identifier: GPL-2.0-only */
/* sys_signal.c - system calls about signals */
#include "guestos/kernel/errno.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/sys/syscall.h"
#include "guestos/time/time.h"
#include "guestos/sys/user.h"

enum { SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK };

/* Root may send to anybody, others to processes of the same user; SIGCONT within a session. */
static bool may_signal(const struct process *to, uint32_t signal)
{
    const struct identity *me = &current_process()->identity, *it = &to->identity;

    return !me->user[1] || me->user[1] == it->user[0] || me->user[1] == it->user[2] ||
           me->user[0] == it->user[0] || me->user[0] == it->user[2] ||
           (signal == SIGCONT && to->session == current_process()->session);
}

int sys_kill(uint32_t pid_argument, uint32_t signal)
{
    int pid = (int)pid_argument, sent = -ESRCH;
    const struct signal_info info = signal_from_me(signal, CODE_USER);
    struct process *me = current_process();

    if (signal > SIGNALS)
        return -EINVAL;
    if (pid_argument == 0x80000000u)
        return -ESRCH;
    for (struct process *p = all_processes; p; p = p->next) {
        bool wanted = pid > 0     ? p->pid == (uint32_t)pid
                      : pid == 0  ? p->group == me->group
                      : pid == -1 ? p != me && p != init_process
                                  : p->group == (uint32_t)-pid;

        if (!wanted)
            continue;
        if (!may_signal(p, signal)) {
            sent = sent ? -EPERM : 0;
            continue;
        }
        sent = 0;
        if (signal)
            signal_send_info(p, &info);
    }
    return sent;
}

int sys_pause(void)
{
    while (wait_in(NULL, NO_DEADLINE) != -EINTR)
        ;
    return -EINTR;
}

static int signal_one_thread(struct thread *thread, uint32_t signal)
{
    if (signal > SIGNALS)
        return -EINVAL;
    if (!thread)
        return -ESRCH;
    if (!may_signal(thread->process, signal))
        return -EPERM;
    const struct signal_info info = signal_from_me(signal, CODE_THREAD);
    return signal ? signal_send_thread(thread, &info) : 0;
}

int sys_tkill(uint32_t tid, uint32_t signal)
{
    return (int32_t)tid > 0 ? signal_one_thread(thread_find(tid), signal) : -EINVAL;
}

int sys_tgkill(uint32_t process, uint32_t tid, uint32_t signal)
{
    if ((int32_t)process <= 0 || (int32_t)tid <= 0)
        return -EINVAL;
    struct thread *thread = thread_find(tid);
    return signal_one_thread(thread && thread->process->pid == process ? thread : NULL, signal);
}

int sys_rt_sigaction(uint32_t signal, uint32_t new_action, uint32_t old_action, uint32_t set_bytes)
{
    struct signal_action *kept = current_process()->actions->action, action;

    if (!signal || signal > SIGNALS || set_bytes != 8 ||
        (new_action && (signal == SIGKILL || signal == SIGSTOP)))
        return -EINVAL;
    if (new_action && take_user(action, new_action))
        return -EFAULT;
    if (old_action && give_user(old_action, kept[signal - 1]))
        return -EFAULT;
    if (new_action)
        kept[signal - 1] = action;
    return 0;
}

int sys_rt_sigprocmask(uint32_t how, uint32_t new_set, uint32_t old_set, uint32_t set_bytes)
{
    struct signals *signals = &current_thread()->signals;
    uint64_t set, old = signals->blocked;

    if (set_bytes != sizeof(set))
        return -EINVAL;
    if (new_set && take_user(set, new_set))
        return -EFAULT;
    if (old_set && give_user(old_set, old))
        return -EFAULT;
    if (!new_set)
        return 0;
    switch (how) {
    case SIG_BLOCK:
        signals->blocked = old | set;
        return 0;
    case SIG_UNBLOCK:
        signals->blocked = old & ~set;
        return 0;
    case SIG_SETMASK:
        signals->blocked = set;
        return 0;
    default:
        return -EINVAL;
    }
}

int sys_rt_sigpending(uint32_t set, uint32_t set_bytes)
{
    const struct signals *signals = &current_thread()->signals;
    uint64_t pending = signal_pending(current_thread()) & signals->blocked;

    if (set_bytes != sizeof(pending))
        return -EINVAL;
    return give_user(set, pending);
}

/* The older forms have masks of 32 bits and another order. */
struct old_action {
    uint32_t handler, mask, flags, restorer;
};

int sys_sigaction(uint32_t signal, uint32_t new_action, uint32_t old_action)
{
    if (!signal || signal > 32 || (new_action && (signal == SIGKILL || signal == SIGSTOP)))
        return -EINVAL;
    struct signal_action *kept = &current_process()->actions->action[signal - 1];
    struct old_action updated,
        old = {kept->handler, (uint32_t)kept->mask, kept->flags, kept->restorer};
    if (new_action && take_user(updated, new_action))
        return -EFAULT;
    if (old_action && give_user(old_action, old))
        return -EFAULT;
    if (new_action)
        *kept =
            (struct signal_action){updated.handler, updated.flags, updated.restorer, updated.mask};
    return 0;
}

/* System V's: the handler is for one signal, which is not blocked meanwhile. The former handler. */
int sys_signal(uint32_t signal, uint32_t handler)
{
    if (!signal || signal > SIGNALS || signal == SIGKILL || signal == SIGSTOP)
        return -EINVAL;
    struct signal_action *kept = &current_process()->actions->action[signal - 1];
    uint32_t old = kept->handler;
    *kept = (struct signal_action){.handler = handler, .flags = ACTION_RESET | ACTION_NO_DEFER};
    return (int)old;
}

int sys_sigprocmask(uint32_t how, uint32_t new_set, uint32_t old_set)
{
    struct signals *signals = &current_thread()->signals;
    uint32_t set, old = (uint32_t)signals->blocked;

    if (new_set && take_user(set, new_set))
        return -EFAULT;
    if (old_set && give_user(old_set, old))
        return -EFAULT;
    if (!new_set)
        return 0;
    if (how > SIG_SETMASK)
        return -EINVAL;
    uint32_t changed = how == SIG_BLOCK ? old | set : how == SIG_UNBLOCK ? old & ~set : set;
    signals->blocked = (signals->blocked & ~0xffffffffull) | changed;
    return 0;
}

static int suspend(uint64_t mask)
{
    struct signals *signals = &current_thread()->signals;

    signals->suspended = signals->blocked;
    signals->blocked = mask;
    signals->is_suspended = true;
    return sys_pause();
}

int sys_rt_sigsuspend(uint32_t set, uint32_t set_bytes)
{
    uint64_t mask;

    if (set_bytes != sizeof(mask))
        return -EINVAL;
    return take_user(mask, set) ? -EFAULT : suspend(mask);
}

int sys_sigsuspend(uint32_t a, uint32_t b, uint32_t mask)
{
    (void)a, (void)b; /* history of the interface */
    return suspend(mask);
}

int sys_sigreturn(struct trap_frame *frame)
{
    if (signal_leave_handler(frame, false))
        process_exit(SIGSEGV);
    return (int)frame->eax;
}

int sys_rt_sigreturn(struct trap_frame *frame)
{
    if (signal_leave_handler(frame, true))
        process_exit(SIGSEGV);
    return (int)frame->eax;
}

int sys_sigaltstack(struct trap_frame *frame)
{
    struct signal_stack *kept = &current_thread()->signals.stack, updated, old = *kept;
    bool on_it = kept->bytes && frame->esp - kept->address < kept->bytes;

    old.flags = !kept->bytes ? STACK_DISABLED : on_it ? STACK_ON_IT : 0;
    if (frame->ebx && take_user(updated, frame->ebx))
        return -EFAULT;
    if (frame->ecx && give_user(frame->ecx, old))
        return -EFAULT;
    if (!frame->ebx)
        return 0;
    if (on_it)
        return -EPERM;
    if (updated.flags & ~STACK_DISABLED)
        return -EINVAL;
    if (!(updated.flags & STACK_DISABLED) && updated.bytes < 2048)
        return -ENOMEM;
    *kept = updated.flags & STACK_DISABLED ? (struct signal_stack){0} : updated;
    return 0;
}

/* ---- waiting for a signal -------------------------------------------------------------------- */

struct siginfo {
    struct signal_info info;
    uint32_t rest[24];
};

/* Takes a signal of a set, which the caller blocks, without running a handler. */
static int wait_for_signal(uint32_t set_address, uint32_t info, uint32_t time, uint32_t set_bytes,
                           bool wide)
{
    struct thread *me = current_thread();
    uint64_t set, amount = 0, old = me->signals.blocked;

    if (set_bytes != sizeof(set))
        return -EINVAL;
    if (take_user(set, set_address))
        return -EFAULT;
    int error = time ? time_from_user(&amount, time, wide) : 0;
    if (error)
        return error;
    uint64_t deadline = time ? arch_clock() + amount : NO_DEADLINE;
    deadline = wait_deadline(deadline);
    unsigned signal;
    struct siginfo result = {0};
    me->signals.blocked &= ~set; /* so that its arrival ends the sleep */
    me->signals.waited = set;
    while (!(signal = signal_take(me, set, &result.info)) && !error)
        error = wait_in(NULL, deadline);
    me->signals.blocked = old;
    me->signals.waited = 0;
    if (!signal)
        return error;
    return info && give_user(info, result) ? -EFAULT : (int)signal;
}

int sys_rt_sigtimedwait(uint32_t set, uint32_t info, uint32_t time, uint32_t set_bytes)
{
    return wait_for_signal(set, info, time, set_bytes, false);
}

int sys_rt_sigtimedwait_time64(uint32_t set, uint32_t info, uint32_t time, uint32_t set_bytes)
{
    return wait_for_signal(set, info, time, set_bytes, true);
}

/* What is told may be anything that neither the kernel nor kill() would tell, but to oneself. */
static int take_info(struct siginfo *from, uint32_t address, uint32_t signal, uint32_t process)
{
    if (take_user(*from, address))
        return -EFAULT;
    from->info.signal = (int32_t)signal;
    if ((from->info.code >= 0 || from->info.code == CODE_THREAD) &&
        process != current_process()->pid)
        return -EPERM;
    return signal > SIGNALS ? -EINVAL : 0;
}

int sys_rt_sigqueueinfo(uint32_t pid, uint32_t signal, uint32_t address)
{
    struct siginfo from;
    int error = take_info(&from, address, signal, pid);

    if (error)
        return error;
    struct process *process = (int32_t)pid > 0 ? process_find(pid) : NULL;
    if (!process)
        return -ESRCH;
    if (!may_signal(process, signal))
        return -EPERM;
    return signal ? signal_send_info(process, &from.info) : 0;
}

int sys_rt_tgsigqueueinfo(uint32_t process, uint32_t tid, uint32_t signal, uint32_t address)
{
    struct siginfo from;

    if ((int32_t)process <= 0 || (int32_t)tid <= 0)
        return -EINVAL;
    int error = take_info(&from, address, signal, process);
    if (error)
        return error;
    struct thread *thread = thread_find(tid);
    if (!thread || thread->process->pid != process)
        return -ESRCH;
    if (!may_signal(thread->process, signal))
        return -EPERM;
    return signal ? signal_send_thread(thread, &from.info) : 0;
}

/* ---- timers ---------------------------------------------------------------------------------- */

struct timeval {
    int32_t seconds, microseconds;
};

static struct timeval to_timeval(uint64_t nanoseconds)
{
    uint32_t rest;
    struct timeval t = {.seconds = (int32_t)divide(nanoseconds, NANOSECONDS, &rest)};

    t.microseconds = (int32_t)(rest / 1000);
    return t;
}

static uint64_t remaining(const struct process *process)
{
    uint64_t now = arch_clock();

    return process->alarm_at == NO_DEADLINE ? 0
           : process->alarm_at > now        ? process->alarm_at - now
                                            : 1000;
}

int sys_alarm(uint32_t seconds)
{
    struct process *me = current_process();
    uint64_t left = remaining(me);

    me->alarm_interval = 0;
    scheduler_set_alarm(me, seconds ? arch_clock() + (uint64_t)seconds * NANOSECONDS : NO_DEADLINE);
    return (int)divide(left + NANOSECONDS - 1, NANOSECONDS, NULL);
}

int sys_getitimer(uint32_t which, uint32_t address)
{
    const struct process *me = current_process();
    struct timeval value[2] = {to_timeval(me->alarm_interval), to_timeval(remaining(me))};

    if (which > 2)
        return -EINVAL;
    if (which) {
        const uint64_t tick = NANOSECONDS / TICK_HZ;

        value[0] = to_timeval(me->cpu_alarm[which - 1].interval * tick);
        value[1] = to_timeval(me->cpu_alarm[which - 1].left * tick);
    }
    return give_user(address, value);
}

/* Rounded up; of the time that a program may set, what fits is enough for ever. */
static uint32_t to_ticks(uint64_t nanoseconds)
{
    const uint32_t tick = NANOSECONDS / TICK_HZ;

    return (uint32_t)MIN(divide(nanoseconds + tick - 1, tick, NULL), 0xffffffffull);
}

/* ITIMER_REAL, or one that only runs while the process does (in ring 3, or at all). */
int sys_setitimer(uint32_t which, uint32_t new_value, uint32_t old_value)
{
    struct process *me = current_process();
    struct timeval value[2] = {{0, 0}, {0, 0}};

    if (which > 2)
        return -EINVAL;
    if ((new_value && take_user(value, new_value)) ||
        (old_value && sys_getitimer(which, old_value)))
        return -EFAULT;
    for (int i = 0; i < 2; i++)
        if (value[i].seconds < 0 || value[i].microseconds < 0 || value[i].microseconds >= 1000000)
            return -EINVAL;
    uint64_t interval =
        (uint64_t)value[0].seconds * NANOSECONDS + (uint32_t)value[0].microseconds * 1000;
    uint64_t amount =
        (uint64_t)value[1].seconds * NANOSECONDS + (uint32_t)value[1].microseconds * 1000;
    if (which) {
        me->cpu_alarm[which - 1].interval = to_ticks(interval);
        me->cpu_alarm[which - 1].left = to_ticks(amount);
        scheduler_request_timer();
        return 0;
    }
    me->alarm_interval = interval;
    scheduler_set_alarm(me, amount ? arch_clock() + amount : NO_DEADLINE);
    return 0;
}
