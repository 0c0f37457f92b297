/* SPDX-License-Identifier: GPL-2.0-only */
/* sys_signal.c - system calls about signals */
#include "guestos/kernel/lib.h"
#include "guestos/kernel/process.h"
#include "guestos/kernel/syscall.h"
#include "guestos/kernel/user.h"

enum { SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK };

int sys_kill(u32 pid_argument, u32 signal)
{
    int pid = (int)pid_argument, sent = -ESRCH;
    struct process *me = current_process();
    if (signal > SIGNALS)
        return -EINVAL;
    for (struct process *p = all_processes; p; p = p->next) {
        bool wanted = pid > 0     ? p->pid == (u32)pid
                      : pid == 0  ? p->group == me->group
                      : pid == -1 ? p != me && p != init_process
                                  : p->group == (u32)-pid;
        if (!wanted)
            continue;
        sent = 0;
        if (signal)
            signal_send(p, signal);
    }
    return sent;
}

int sys_pause(void)
{
    while (wait_in(NULL, NO_DEADLINE) != -EINTR)
        ;
    return -EINTR;
}

int sys_tkill(u32 tid, u32 signal)
{
    return (int)tid > 0 ? sys_kill(tid, signal) : -EINVAL;
}

int sys_tgkill(u32 group, u32 tid, u32 signal)
{
    return group == tid ? sys_tkill(tid, signal) : -ESRCH;
}

int sys_rt_sigaction(u32 signal, u32 new_action, u32 old_action, u32 set_bytes)
{
    struct process *me = current_process();
    struct signal_action action;
    if (!signal || signal > SIGNALS || set_bytes != 8 ||
        (new_action && (signal == SIGKILL || signal == SIGSTOP)))
        return -EINVAL;
    if (new_action && take_user(action, new_action))
        return -EFAULT;
    if (old_action && give_user(old_action, me->signals.action[signal - 1]))
        return -EFAULT;
    if (new_action)
        me->signals.action[signal - 1] = action;
    return 0;
}

int sys_rt_sigprocmask(u32 how, u32 new_set, u32 old_set, u32 set_bytes)
{
    struct signals *signals = &current_process()->signals;
    u64 set, old = signals->blocked;
    if (set_bytes != sizeof set)
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

int sys_rt_sigpending(u32 set, u32 set_bytes)
{
    const struct signals *signals = &current_process()->signals;
    u64 pending = signals->pending & signals->blocked;
    if (set_bytes != sizeof pending)
        return -EINVAL;
    return give_user(set, pending);
}
