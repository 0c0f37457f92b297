/* SPDX-License-Identifier: GPL-2.0-only */
/* sys_process.c - system calls about processes */
#include "guestos/fs/filesystem.h"
#include "guestos/fs/permission.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/sys/syscall.h"
#include "guestos/sys/user.h"
#include "guestos/trace/trace.h"
#include "guestos/mm/heap.h"

#define REBOOT_MAGIC1   0xfee1deadu /* linux/reboot.h */
#define REBOOT_RESTART  0x01234567u
#define REBOOT_HALT     0xcdef0123u
#define REBOOT_POWEROFF 0x4321fedcu

enum { /* linux/prctl.h */
       PR_SET_DEATH_SIGNAL = 1,
       PR_GET_DEATH_SIGNAL,
       PR_GET_DUMPABLE,
       PR_SET_DUMPABLE,
       PR_SET_NAME = 15,
       PR_GET_NAME,
       PR_GET_TIMER_SLACK = 30,
       PR_SET_NO_NEW_RIGHTS = 38,
       PR_GET_NO_NEW_RIGHTS
};

int sys_execve(struct trap_frame *frame)
{
    char *path = take_path(frame->ebx);

    if (IS_ERR(path))
        return PTR_ERR(path);
    uint32_t tid = current_thread()->tid; /* exec makes it the leader */
    int error =
        process_exec(frame, path, (char *const *)frame->ecx, (char *const *)frame->edx, true);
    heap_free(path);
    if (!error && current_thread()->trace)
        trace_exec(tid);
    return error;
}

int sys_wait4(uint32_t pid, uint32_t status, uint32_t options, uint32_t usage)
{
    struct wait_result result;

    if (options &
        ~(WAIT_NO_HANG | WAIT_STOPPED | WAIT_CONTINUED | WAIT_NO_THREAD | WAIT_ALL | WAIT_CLONE))
        return -EINVAL;
    int ended = process_wait((int)pid, &result, options | WAIT_EXITED);
    if (ended > 0 && status && give_user(status, result.status))
        return -EFAULT;
    struct usage used = usage_of(result.ticks_user, result.ticks_kernel, result.faults);
    return ended > 0 && usage && give_user(usage, used) ? -EFAULT : ended;
}

static struct signal_info what_happened(int pid, int status)
{
    struct signal_info info = {
        .signal = SIGCHLD, .code = CODE_CHILD_EXITED, .data = {(uint32_t)pid}};

    info.data[2] = (uint32_t)status >> 8 & 0xff;
    if (status == 0xffff) {
        info.code = CODE_CHILD_CONTINUED;
        info.data[2] = SIGCONT;
    } else if ((status & 0xff) == 0x7f) {
        info.code = CODE_CHILD_STOPPED;
    } else if (status & 0x7f) {
        info.code = CODE_CHILD_KILLED;
        info.data[2] = (uint32_t)status & 0x7f;
    }
    return info;
}

int sys_waitid(uint32_t kind, uint32_t id, uint32_t info_address, uint32_t options, uint32_t usage)
{
    enum { ALL, PROCESS, GROUP };
    const uint32_t events = WAIT_STOPPED | WAIT_EXITED | WAIT_CONTINUED;
    struct wait_result result;

    if (options &
            ~(events | WAIT_NO_HANG | WAIT_ONLY_LOOK | WAIT_NO_THREAD | WAIT_ALL | WAIT_CLONE) ||
        !(options & events) || kind > GROUP || (kind == PROCESS && (int32_t)id <= 0) ||
        (kind == GROUP && (int32_t)id < 0))
        return -EINVAL;
    int pid = process_wait(kind == ALL       ? -1
                           : kind == PROCESS ? (int)id
                                             : -(int)id,
                           &result, options);
    if (pid < 0)
        return pid;
    struct signal_info info = {0};
    if (pid)
        info = what_happened(pid, result.status);
    struct usage used = usage_of(result.ticks_user, result.ticks_kernel, result.faults);
    if ((info_address && give_user(info_address, info)) || (pid && usage && give_user(usage, used)))
        return -EFAULT;
    return 0;
}

int sys_waitpid(uint32_t pid, uint32_t status, uint32_t options)
{
    return sys_wait4(pid, status, options, 0);
}

int sys_getppid(void)
{
    const struct process *parent = current_process()->parent;

    return parent ? (int)parent->pid : 0;
}

static struct process *self_or(uint32_t pid)
{
    return pid ? process_find(pid) : current_process();
}

int sys_getpgid(uint32_t pid)
{
    const struct process *process = self_or(pid);

    return process ? (int)process->group : -ESRCH;
}

int sys_getpgrp(void)
{
    return (int)current_process()->group;
}

static bool group_in_session(uint32_t group, uint32_t session)
{
    for (const struct process *p = all_processes; p; p = p->next)
        if (p->group == group && p->session == session)
            return true;
    return false;
}

int sys_setpgid(uint32_t pid, uint32_t group)
{
    struct process *process = self_or(pid), *me = current_process();

    if ((int32_t)group < 0)
        return -EINVAL;
    if (!process || (process != me && process->parent != me))
        return -ESRCH;
    group = group ? group : process->pid;
    if (process->pid == process->session || process->session != me->session ||
        (group != process->pid && !group_in_session(group, me->session)))
        return -EPERM;
    process->group = group;
    return 0;
}

int sys_getsid(uint32_t pid)
{
    const struct process *process = self_or(pid);

    return process ? (int)process->session : -ESRCH;
}

int sys_setsid(void)
{
    struct process *me = current_process();

    for (const struct process *p = all_processes; p; p = p->next)
        if (p->group == me->pid)
            return -EPERM;
    me->group = me->session = me->pid;
    return (int)me->pid;
}

static int set_name(struct thread *me, uint32_t address)
{
    char name[sizeof(me->name)] = "";
    int length = copy_string_from_user(name, (const char *)address, sizeof(name));

    if (length == -EFAULT)
        return -EFAULT;
    name[sizeof(name) - 1] = '\0';
    memcpy(me->name, name, sizeof(name));
    return 0;
}

int sys_prctl(uint32_t option, uint32_t argument, uint32_t b, uint32_t c, uint32_t d)
{
    struct thread *me = current_thread();
    const uint32_t slack = 50000; /* nanoseconds: what Linux begins with */

    switch (option) {
    case PR_SET_NAME:
        return set_name(me, argument);
    case PR_GET_NAME:
        return give_user(argument, me->name);
    case PR_SET_DEATH_SIGNAL:
        if (argument > SIGNALS)
            return -EINVAL;
        me->process->parent_death_signal = argument;
        return 0;
    case PR_GET_DEATH_SIGNAL:
        return give_user(argument, me->process->parent_death_signal);
    case PR_GET_DUMPABLE:
        return !me->process->identity.hidden;
    case PR_SET_DUMPABLE:
        if (argument > 1)
            return -EINVAL;
        me->process->identity.hidden = !argument;
        return 0;
    case PR_GET_TIMER_SLACK:
        return (int)slack;
    case PR_SET_NO_NEW_RIGHTS:
        if (argument != 1 || b || c || d)
            return -EINVAL;
        me->process->identity.no_new_rights = true;
        return 0;
    case PR_GET_NO_NEW_RIGHTS:
        return argument || b || c || d ? -EINVAL : me->process->identity.no_new_rights;
    default:
        return -EINVAL;
    }
}

int sys_reboot(uint32_t magic1, uint32_t magic2, uint32_t command, uint32_t argument)
{
    (void)magic2, (void)argument;
    if (!is_privileged())
        return -EPERM;
    if (magic1 != REBOOT_MAGIC1)
        return -EINVAL;
    switch (command) {
    case REBOOT_POWEROFF:
    case REBOOT_HALT:
        mounts_stop();
        arch_power_off(POWER_OFF);
    case REBOOT_RESTART:
        mounts_stop();
        arch_power_off(POWER_REBOOT);
    default:
        return -EINVAL;
    }
}
