/* SPDX-License-Identifier: GPL-2.0-only */
/* sys_process.c - system calls about processes */
#include "guestos/kernel/lib.h"
#include "guestos/kernel/process.h"
#include "guestos/kernel/syscall.h"
#include "guestos/kernel/user.h"
#include "guestos/mm/heap.h"

#define CLONE_SIGNAL_MASK 0xffu
#define CLONE_VFORK_VM    0x4100u

#define REBOOT_MAGIC1   0xfee1deadu /* linux/reboot.h */
#define REBOOT_RESTART  0x01234567u
#define REBOOT_HALT     0xcdef0123u
#define REBOOT_POWEROFF 0x4321fedcu

#define PR_SET_NAME 15u
#define PR_GET_NAME 16u

int sys_exit(u32 status)
{
    process_exit((int)((status & 0xff) << 8));
}

int sys_exit_group(u32 status)
{
    process_exit((int)((status & 0xff) << 8));
}

int sys_fork(struct trap_frame *frame)
{
    return process_fork(frame, 0, 0, 0, 0, 0);
}

int sys_vfork(struct trap_frame *frame)
{
    return process_fork(frame, CLONE_VFORK_VM, 0, 0, 0, 0);
}

int sys_clone(struct trap_frame *frame)
{
    return process_fork(frame, frame->ebx & ~CLONE_SIGNAL_MASK, frame->ecx, frame->esi, frame->edi,
                        frame->edx);
}

int sys_execve(struct trap_frame *frame)
{
    char *path = take_path(frame->ebx);
    if (IS_ERR(path))
        return PTR_ERR(path);
    int error =
        process_exec(frame, path, (char *const *)frame->ecx, (char *const *)frame->edx, true);
    heap_free(path);
    return error;
}

int sys_wait4(u32 pid, u32 status, u32 options, u32 usage)
{
    int value = 0, ended = process_wait((int)pid, &value, options);
    if (ended > 0 && status && give_user(status, value))
        return -EFAULT;
    if (ended > 0 && usage && clear_user((void *)usage, 72))
        return -EFAULT;
    return ended;
}

int sys_waitpid(u32 pid, u32 status, u32 options)
{
    return sys_wait4(pid, status, options, 0);
}

int sys_getpid(void)
{
    return (int)current_process()->pid;
}

int sys_gettid(void)
{
    return (int)current_process()->pid;
}

int sys_getppid(void)
{
    const struct process *parent = current_process()->parent;
    return parent ? (int)parent->pid : 0;
}

static struct process *self_or(u32 pid)
{
    return pid ? process_find(pid) : current_process();
}

int sys_getpgid(u32 pid)
{
    const struct process *process = self_or(pid);
    return process ? (int)process->group : -ESRCH;
}

int sys_getpgrp(void)
{
    return (int)current_process()->group;
}

int sys_setpgid(u32 pid, u32 group)
{
    struct process *process = self_or(pid);
    if (!process || (process != current_process() && process->parent != current_process()))
        return -ESRCH;
    if (process->pid == process->session)
        return -EPERM;
    process->group = group ? group : process->pid;
    return 0;
}

int sys_getsid(u32 pid)
{
    const struct process *process = self_or(pid);
    return process ? (int)process->session : -ESRCH;
}

int sys_setsid(void)
{
    struct process *me = current_process();
    if (me->group == me->pid)
        return -EPERM;
    me->group = me->session = me->pid;
    return (int)me->pid;
}

int sys_sched_yield(void)
{
    yield();
    return 0;
}

int sys_sched_getaffinity(u32 pid, u32 bytes, u32 mask)
{
    u32 all = (1u << arch_processors()) - 1;
    if (!self_or(pid))
        return -ESRCH;
    if (bytes < sizeof all)
        return -EINVAL;
    return give_user(mask, all) ? -EFAULT : (int)sizeof all;
}

int sys_prctl(u32 option, u32 argument, u32 b, u32 c, u32 d)
{
    (void)b, (void)c, (void)d;
    struct process *me = current_process();
    if (option == PR_GET_NAME)
        return give_user(argument, me->name);
    if (option != PR_SET_NAME)
        return -EINVAL;
    char name[sizeof me->name] = "";
    int length = copy_string_from_user(name, (const char *)argument, sizeof name);
    if (length == -EFAULT)
        return -EFAULT;
    name[sizeof name - 1] = '\0';
    memcpy(me->name, name, sizeof name);
    return 0;
}

int sys_set_tid_address(u32 address)
{
    current_process()->clear_child_tid = address;
    return (int)current_process()->pid;
}

/* Only futexes would read the list, and there are none. */
int sys_set_robust_list(u32 list, u32 bytes)
{
    (void)list;
    return bytes == 12 ? 0 : -EINVAL;
}

int sys_reboot(u32 magic1, u32 magic2, u32 command, u32 argument)
{
    (void)magic2, (void)argument;
    if (magic1 != REBOOT_MAGIC1)
        return -EINVAL;
    switch (command) {
    case REBOOT_POWEROFF:
    case REBOOT_HALT:
        arch_power_off(POWER_OFF);
    case REBOOT_RESTART:
        arch_power_off(POWER_REBOOT);
    default:
        return -EINVAL;
    }
}

/* ---- thread-local storage --------------------------------------------------------------------- */

struct user_desc { /* asm/ldt.h */
    u32 entry, base, limit;
    u32 seg_32bit : 1, contents : 2, read_exec_only : 1, limit_in_pages : 1, seg_not_present : 1,
        useable : 1;
};

static u64 descriptor(const struct user_desc *u)
{
    u32 low = u->base << 16 | (u->limit & 0xffff);
    u32 access = 0xf0u /* present, ring 3, code or data */ | u->contents << 2 |
                 (u->read_exec_only ? 0 : 2u) | 1u /* accessed */;
    u32 high = (u->base & 0xff000000) | (u->limit & 0xf0000) | (u->base >> 16 & 0xff) |
               access << 8 | (u32)u->useable << 20 | (u32)u->seg_32bit << 22 |
               (u32)u->limit_in_pages << 23;
    return (u64)high << 32 | low;
}

int tls_set(struct thread *thread, u32 user_descriptor)
{
    struct user_desc u;
    if (take_user(u, user_descriptor))
        return -EFAULT;
    if (u.contents > 1) /* code and conforming segments: never through this call */
        return -EINVAL;
    bool empty = u.seg_not_present || (!u.base && !u.limit);
    if (u.entry == ~0u) {
        for (u.entry = 0; u.entry < TLS_ENTRIES && thread->tls[u.entry]; u.entry++)
            ;
        if (u.entry == TLS_ENTRIES)
            return -ESRCH;
        u.entry += TLS_FIRST;
        if (copy_to_user((void *)user_descriptor, &u.entry, sizeof u.entry))
            return -EFAULT;
    }
    if (u.entry < TLS_FIRST || u.entry >= TLS_FIRST + TLS_ENTRIES)
        return -EINVAL;
    thread->tls[u.entry - TLS_FIRST] = empty ? 0 : descriptor(&u);
    return 0;
}

int sys_set_thread_area(u32 address)
{
    struct thread *thread = &current_process()->thread;
    int error = tls_set(thread, address);
    if (!error)
        arch_load_tls(thread);
    return error;
}
