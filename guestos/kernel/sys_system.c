/* SPDX-License-Identifier: GPL-2.0-only */
/* sys_system.c - system calls about identity, limits and the system as a whole */
#include "guestos/kernel/lib.h"
#include "guestos/kernel/process.h"
#include "guestos/kernel/random.h"
#include "guestos/kernel/syscall.h"
#include "guestos/kernel/time.h"
#include "guestos/kernel/user.h"
#include "guestos/mm/pages.h"
#include "guestos/mm/space.h"
#include "guestos/fs/file.h"

/* There is one user, root. */
int sys_getuid16(void)
{
    return 0;
}

int sys_getgid16(void)
{
    return 0;
}

int sys_geteuid16(void)
{
    return 0;
}

int sys_getegid16(void)
{
    return 0;
}

int sys_getuid32(void)
{
    return 0;
}

int sys_getgid32(void)
{
    return 0;
}

int sys_geteuid32(void)
{
    return 0;
}

int sys_getegid32(void)
{
    return 0;
}

/* No supplementary groups. */
int sys_getgroups32(u32 size, u32 list)
{
    (void)size, (void)list;
    return 0;
}

struct utsname { /* linux/utsname.h */
    char system[65], node[65], release[65], version[65], machine[65], domain[65];
};

int sys_uname(u32 address)
{
    /* A release that C libraries accept: they refuse kernels older than they were built for. */
    static const struct utsname name = {.system = "Linux",
                                        .node = "xenolith",
                                        .release = "4.19.0-xenolith",
                                        .version = "#1 guestos",
                                        .machine = "i686",
                                        .domain = "(none)"};
    return give_user(address, name);
}

/* ---- limits: what the kernel's structures have room for; nothing else is limited --------------------- */

#define INFINITE 0xffffffffu
enum { LIMIT_STACK = 3, LIMIT_FILES = 7, LIMITS = 16 };

static u32 limit(u32 resource)
{
    return resource == LIMIT_STACK ? STACK_LIMIT : resource == LIMIT_FILES ? DESCRIPTORS : INFINITE;
}

int sys_ugetrlimit(u32 resource, u32 address)
{
    if (resource >= LIMITS)
        return -EINVAL;
    u32 pair[2] = {limit(resource), limit(resource)};
    return give_user(address, pair);
}

int sys_getrlimit(u32 resource, u32 address)
{
    if (resource >= LIMITS)
        return -EINVAL;
    u32 value = MIN(limit(resource), 0x7fffffffu), pair[2] = {value, value};
    return give_user(address, pair);
}

int sys_setrlimit(u32 resource, u32 address)
{
    (void)address;
    return resource < LIMITS ? -EPERM : -EINVAL;
}

int sys_prlimit64(u32 pid, u32 resource, u32 new_limit, u32 old_limit)
{
    if (pid && !process_find(pid))
        return -ESRCH;
    if (resource >= LIMITS)
        return -EINVAL;
    if (new_limit)
        return -EPERM;
    u64 value = limit(resource) == INFINITE ? ~0ull : limit(resource), pair[2] = {value, value};
    return old_limit ? give_user(old_limit, pair) : 0;
}

struct usage usage_of(u64 ticks_user, u64 ticks_kernel)
{
    const s32 tick_us = 1000000 / TICK_HZ;
    struct usage usage = {0};
    u32 rest;
    usage.user[0] = (s32)divide(ticks_user, TICK_HZ, &rest);
    usage.user[1] = (s32)rest * tick_us;
    usage.system[0] = (s32)divide(ticks_kernel, TICK_HZ, &rest);
    usage.system[1] = (s32)rest * tick_us;
    return usage;
}

int sys_getrusage(u32 who, u32 address)
{
    const struct process *me = current_process(), *leader = me->leader;
    struct usage usage;
    switch ((s32)who) { /* linux/resource.h */
    case 0:
        usage = usage_of(leader->all_user, leader->all_kernel);
        break;
    case 1: /* RUSAGE_THREAD */
        usage = usage_of(me->ticks_user, me->ticks_kernel);
        break;
    case -1: /* RUSAGE_CHILDREN */
        usage = usage_of(leader->children_user, leader->children_kernel);
        break;
    default:
        return -EINVAL;
    }
    return give_user(address, usage);
}

struct sysinfo { /* linux/sysinfo.h, i386 */
    u32 uptime, load[3], total, free, shared, buffer, total_swap, free_swap;
    u16 processes, pad;
    u32 total_high, free_high, unit;
    u8 pad2[8];
};

int sys_sysinfo(u32 address)
{
    struct sysinfo info = {.uptime = (u32)divide(arch_clock(), NANOSECONDS, NULL),
                           .total = pages_total() * PAGE_SIZE,
                           .free = pages_free() * PAGE_SIZE,
                           .unit = 1};
    for (const struct process *p = all_processes; p; p = p->next)
        info.processes += (u16)MAX(p->alive, 1u); /* threads, and zombies */
    return give_user(address, info);
}

int sys_getrandom(u32 buffer, u32 bytes, u32 flags)
{
    (void)flags;
    return random_to_user((void *)buffer, MIN(bytes, 0x7fffffffu));
}
