/* SPDX-License-Identifier: GPL-2.0-only */
/* sys_system.c - system calls about limits and the system as a whole */
#include "guestos/fs/permission.h"
#include "guestos/kernel/lib.h"
#include "guestos/kernel/log.h"
#include "guestos/kernel/load.h"
#include "guestos/process/process.h"
#include "guestos/kernel/random.h"
#include "guestos/sys/syscall.h"
#include "guestos/time/time.h"
#include "guestos/sys/user.h"
#include "guestos/mm/pages.h"
#include "guestos/mm/space.h"
#include "guestos/fs/file.h"

struct utsname { /* linux/utsname.h */
    char system[65], node[65], release[65], version[65], machine[65], domain[65];
};

int sys_uname(uint32_t address)
{
    static const struct utsname name = {.system = SYSTEM_NAME,
                                        .node = SYSTEM_NODE,
                                        .release = SYSTEM_RELEASE,
                                        .version = SYSTEM_VERSION,
                                        .machine = "i686",
                                        .domain = SYSTEM_DOMAIN};

    return give_user(address, name);
}

/* ---- limits ---------------------------------------------------------------------------------- */

/*
 * Those on processor time, processes, sizes of files, data, stacks, address spaces, descriptors and
 * message queues hold; others are kept for who asks. The kernel's structures have room for so many
 * descriptors and stacks of such a size and no more.
 */
#define MESSAGES_LIMIT 819200u /* uapi/linux/mqueue.h: MQ_BYTES_MAX */

void limits_reset(struct limit limits[LIMITS])
{
    for (uint32_t i = 0; i < LIMITS; i++)
        limits[i] = (struct limit){UNLIMITED, UNLIMITED};
    limits[LIMIT_STACK].now = STACK_LIMIT;
    limits[LIMIT_MESSAGES] = (struct limit){MESSAGES_LIMIT, MESSAGES_LIMIT};
    limits[LIMIT_REAL_TIME] = (struct limit){0, 0};
    limits[LIMIT_FILES] = (struct limit){DESCRIPTORS / 4, DESCRIPTORS};
}

uint32_t limit_of(uint32_t resource)
{
    return current_process()->limits[resource].now;
}

static int set_limit(struct process *process, uint32_t resource, struct limit updated)
{
    struct limit *limit = &process->limits[resource];

    if (updated.now > updated.most)
        return -EINVAL;
    if ((updated.most > limit->most && current_process()->identity.user[1]) ||
        (resource == LIMIT_FILES && updated.most > DESCRIPTORS))
        return -EPERM;
    *limit = updated;
    return 0;
}

int sys_ugetrlimit(uint32_t resource, uint32_t address)
{
    return resource < LIMITS ? give_user(address, current_process()->limits[resource]) : -EINVAL;
}

/* History: "unlimited" is a positive number. */
int sys_getrlimit(uint32_t resource, uint32_t address)
{
    if (resource >= LIMITS)
        return -EINVAL;
    struct limit limit = current_process()->limits[resource];
    limit.now = MIN(limit.now, 0x7fffffffu);
    limit.most = MIN(limit.most, 0x7fffffffu);
    return give_user(address, limit);
}

int sys_setrlimit(uint32_t resource, uint32_t address)
{
    struct limit updated;

    if (resource >= LIMITS)
        return -EINVAL;
    if (take_user(updated, address))
        return -EFAULT;
    return set_limit(current_process(), resource, updated);
}

static uint64_t wide_limit(uint32_t value)
{
    return value == UNLIMITED ? ~0ull : value;
}

int sys_prlimit64(uint32_t pid, uint32_t resource, uint32_t new_limit, uint32_t old_limit)
{
    struct process *process = pid ? process_find(pid) : current_process();
    uint64_t pair[2] = {0, 0};

    if (resource >= LIMITS)
        return -EINVAL;
    if (new_limit && take_user(pair, new_limit))
        return -EFAULT;
    if (!process)
        return -ESRCH;
    const struct limit updated = {(uint32_t)MIN(pair[0], UNLIMITED),
                                  (uint32_t)MIN(pair[1], UNLIMITED)};
    pair[0] = wide_limit(process->limits[resource].now);
    pair[1] = wide_limit(process->limits[resource].most);
    int error = new_limit ? set_limit(process, resource, updated) : 0;
    if (error)
        return error;
    return old_limit ? give_user(old_limit, pair) : 0;
}

struct usage usage_of(uint64_t ticks_user, uint64_t ticks_kernel, uint32_t faults)
{
    const int32_t tick_us = 1000000 / TICK_HZ;
    struct usage usage = {.faults = faults};
    uint32_t rest;

    usage.user[0] = (int32_t)divide(ticks_user, TICK_HZ, &rest);
    usage.user[1] = (int32_t)rest * tick_us;
    usage.system[0] = (int32_t)divide(ticks_kernel, TICK_HZ, &rest);
    usage.system[1] = (int32_t)rest * tick_us;
    return usage;
}

int sys_getrusage(uint32_t who, uint32_t address)
{
    const struct thread *me = current_thread();
    const struct process *process = me->process;
    struct usage usage;

    scheduler_charge();
    switch ((int32_t)who) { /* linux/resource.h */
    case 0:
        usage = usage_of(process->all_user, process->all_kernel, process->all_faults);
        break;
    case 1: /* RUSAGE_THREAD */
        usage = usage_of(me->ticks_user, me->ticks_kernel, me->faults);
        break;
    case -1: /* RUSAGE_CHILDREN */
        usage =
            usage_of(process->children_user, process->children_kernel, process->children_faults);
        break;
    default:
        return -EINVAL;
    }
    return give_user(address, usage);
}

struct sysinfo { /* linux/sysinfo.h, i386 */
    uint32_t uptime, load[3], total, free, shared, buffer, total_swap, free_swap;
    uint16_t processes, pad;
    uint32_t total_high, free_high, unit;
    uint8_t pad2[8];
};

int sys_sysinfo(uint32_t address)
{
    struct sysinfo info = {.uptime = (uint32_t)divide(arch_clock(), NANOSECONDS, NULL),
                           .total = pages_total() * PAGE_SIZE,
                           .free = pages_free() * PAGE_SIZE,
                           .shared = file_pages.memory * PAGE_SIZE,
                           .unit = 1};

    for (const struct process *p = all_processes; p; p = p->next)
        info.processes += (uint16_t)MAX(p->alive, 1u); /* threads, and zombies */
    scheduler_charge_all();
    load_averages(info.load);
    return give_user(address, info);
}

int sys_getrandom(uint32_t buffer, uint32_t bytes, uint32_t flags)
{
    if (flags & ~7u ||
        (flags & 6u) == 6u) /* linux/random.h: GRND_*; random or insecure, not both */
        return -EINVAL;
    return random_to_user((void *)buffer, MIN(bytes, 0x7fffffffu));
}

/* ---- what the kernel has said (syslog(2), klogctl(3)) ---------------------------------------- */

enum {
    LOG_CLOSE,
    LOG_OPEN,
    LOG_READ,
    LOG_READ_ALL,
    LOG_READ_CLEAR,
    LOG_CLEAR,
    LOG_CONSOLE_OFF,
    LOG_CONSOLE_ON,
    LOG_CONSOLE_LEVEL,
    LOG_UNREAD,
    LOG_SIZE
};

static int give_log(uint32_t back, uint32_t buffer, uint32_t bytes)
{
    char piece[128];
    uint32_t done = 0;

    while (done < MIN(back, bytes)) {
        uint32_t n = log_read(back - done, piece, MIN(sizeof(piece), bytes - done));

        if (copy_to_user((void *)(buffer + done), piece, n))
            return -EFAULT;
        done += n;
    }
    return (int)done;
}

/* What LOG_READ has not had yet; it looks again each second, as who prints may hold no lock. */
static int read_log(uint32_t buffer, uint32_t bytes)
{
    static struct wait_queue waiting;

    while (!log_unread()) {
        int error = wait_in(&waiting, arch_clock() + NANOSECONDS);

        if (error)
            return error;
    }
    int done = give_log(log_unread(), buffer, bytes);
    if (done > 0)
        log_take((uint32_t)done);
    return done;
}

int sys_syslog(uint32_t action, uint32_t buffer, uint32_t bytes)
{
    bool reads = action >= LOG_READ && action <= LOG_READ_CLEAR;

    if (action > LOG_SIZE)
        return -EINVAL;
    if (action != LOG_READ_ALL && action != LOG_SIZE && !is_privileged())
        return -EPERM;
    if (reads && (!buffer || (int32_t)bytes < 0))
        return -EINVAL;
    if (reads && !bytes)
        return 0;
    uint32_t kept = log_kept();
    int result = 0;
    if (action == LOG_READ)
        return read_log(buffer, bytes);
    if (reads)
        result = give_log(MIN(kept, bytes), buffer, bytes);
    if ((action == LOG_READ_CLEAR || action == LOG_CLEAR) && result >= 0)
        log_clear();
    if (action == LOG_CONSOLE_LEVEL && (bytes < 1 || bytes > 8))
        return -EINVAL;
    return action == LOG_UNREAD ? (int)log_unread() : action == LOG_SIZE ? (int)LOG_BYTES : result;
}

#define PERSONALITY_ASK 0xffffffffu

/*
 * Kept and inherited. There is one way to run programs, Linux's own; bits that would change
 * something in it (random addresses, other systems' calls) do not.
 */
int sys_personality(uint32_t wanted)
{
    uint32_t *kept = &current_process()->identity.personality, old = *kept;

    if (wanted != PERSONALITY_ASK)
        *kept = wanted;
    return (int)old;
}
