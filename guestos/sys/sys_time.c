/* SPDX-License-Identifier: GPL-2.0-only */
/* sys_time.c - system calls about time */
#include "guestos/fs/permission.h"
#include "guestos/kernel/lib.h"
#include "guestos/process/process.h"
#include "guestos/sys/syscall.h"
#include "guestos/time/time.h"
#include "guestos/sys/user.h"

enum { CLOCK_REALTIME = 0, CLOCK_MONOTONIC = 1, CLOCK_PROCESS = 2, CLOCK_THREAD = 3 };

/*
 * A negative clock is somebody's: the complement of a process's or thread's number, shifted over
 * three bits that say of which kind (linux/posix-timers.h; clock_getcpuclockid(3)).
 */
#define CLOCK_OF_THREAD 4u
#define CLOCK_KIND      3u
enum { KIND_ALL, KIND_USER, KIND_SCHEDULED };

struct timespec32 {
    int32_t seconds, nanoseconds;
};

struct timespec64 {
    int64_t seconds;
    int32_t nanoseconds, pad;
};

static uint64_t own_wall_clock; /* at boot, once this domain has set its own; 0: it has not */

uint64_t time_wall(void)
{
    return (own_wall_clock ? own_wall_clock : arch_wall_clock()) + arch_clock();
}

int time_set_wall(uint64_t now)
{
    uint64_t passed = arch_clock();

    if (now <= passed)
        return -EINVAL;
    if (!arch_set_wall_clock(now - passed))
        own_wall_clock = now - passed;
    return 0;
}

static bool is_somebodys(uint32_t clock)
{
    return (int32_t)clock < 0;
}

/* Any process's may be read; a thread's by its own process. */
static bool read_somebodys(uint32_t clock, uint64_t *value)
{
    uint32_t number = ~(uint32_t)((int32_t)clock >> 3), kind = clock & CLOCK_KIND;
    const struct thread *thread = number ? thread_find(number) : current_thread();
    uint64_t ticks;

    if (!thread || kind > KIND_SCHEDULED)
        return false;
    const struct process *process = thread->process;
    scheduler_charge_all();
    if (clock & CLOCK_OF_THREAD) {
        if (process != current_process())
            return false;
        ticks = thread->ticks_user + (kind == KIND_USER ? 0 : thread->ticks_kernel);
    } else {
        if (number && process->pid != number)
            return false;
        ticks = process->all_user + (kind == KIND_USER ? 0 : process->all_kernel);
    }
    *value = ticks * (NANOSECONDS / TICK_HZ);
    return true;
}

bool clock_read(uint32_t clock, uint64_t *value)
{
    const struct thread *me = current_thread();

    if (is_somebodys(clock))
        return read_somebodys(clock, value);
    if (!clock_waits(clock))
        scheduler_charge();
    switch (clock) {
    case CLOCK_REALTIME:
    case 5:  /* CLOCK_REALTIME_COARSE */
    case 8:  /* CLOCK_REALTIME_ALARM */
    case 11: /* CLOCK_TAI: nobody has told by how many seconds it is ahead */
        *value = time_wall();
        return true;
    case CLOCK_MONOTONIC:
    case 4: /* CLOCK_MONOTONIC_RAW */
    case 6: /* CLOCK_MONOTONIC_COARSE */
    case 7: /* CLOCK_BOOTTIME */
    case 9: /* CLOCK_BOOTTIME_ALARM */
        *value = arch_clock();
        return true;
    case CLOCK_PROCESS:
        *value = (me->process->all_user + me->process->all_kernel) * (NANOSECONDS / TICK_HZ);
        return true;
    case CLOCK_THREAD:
        *value = (me->ticks_user + me->ticks_kernel) * (NANOSECONDS / TICK_HZ);
        return true;
    default:
        return false;
    }
}

bool clock_waits(uint32_t clock)
{
    return !is_somebodys(clock) && clock != CLOCK_PROCESS && clock != CLOCK_THREAD;
}

uint64_t clock_deadline(uint32_t clock, uint64_t value, bool absolute)
{
    uint64_t now = arch_clock(), reading;

    if (!absolute)
        return now + value;
    clock_read(clock, &reading);
    return value > reading ? now + (value - reading) : now;
}

static struct timespec64 split(uint64_t value)
{
    uint32_t rest;
    struct timespec64 t = {.seconds = (int64_t)divide(value, NANOSECONDS, &rest)};

    t.nanoseconds = (int32_t)rest;
    return t;
}

int give_time(uint32_t address, uint64_t value, bool wide)
{
    struct timespec64 t = split(value);
    struct timespec32 narrow = {(int32_t)t.seconds, t.nanoseconds};

    return wide ? give_user(address, t) : give_user(address, narrow);
}

int time_from_user(uint64_t *value, uint32_t address, bool wide)
{
    struct timespec64 t;
    struct timespec32 narrow;

    if (wide ? take_user(t, address) : take_user(narrow, address))
        return -EFAULT;
    if (!wide)
        t = (struct timespec64){.seconds = narrow.seconds, .nanoseconds = narrow.nanoseconds};
    if (t.seconds < 0 || t.nanoseconds < 0 || t.nanoseconds >= (int32_t)NANOSECONDS)
        return -EINVAL;
    /* 2^32 seconds are enough for ever and keep the sum in range. */
    *value = (uint64_t)MIN(t.seconds, 0xffffffffll) * NANOSECONDS + (uint32_t)t.nanoseconds;
    return 0;
}

int sys_time(uint32_t address)
{
    uint32_t now = (uint32_t)divide(time_wall(), NANOSECONDS, NULL);

    return address && give_user(address, now) ? -EFAULT : (int)now;
}

int sys_gettimeofday(uint32_t time, uint32_t zone)
{
    struct timespec64 now = split(time_wall());
    struct timespec32 t = {(int32_t)now.seconds, now.nanoseconds / 1000}, none = {0, 0};

    if (time && give_user(time, t))
        return -EFAULT;
    return zone ? give_user(zone, none) : 0;
}

int sys_times(uint32_t address)
{
    const struct process *me = current_process();

    scheduler_charge();
    uint32_t ticks[4] = {(uint32_t)me->all_user, (uint32_t)me->all_kernel,
                         (uint32_t)me->children_user, (uint32_t)me->children_kernel};
    if (address && give_user(address, ticks))
        return -EFAULT;
    return (int)(divide(arch_clock(), NANOSECONDS / TICK_HZ, NULL) & 0x7fffffff);
}

static int get_clock(uint32_t clock, uint32_t address, bool wide)
{
    uint64_t value;

    return clock_read(clock, &value) ? give_time(address, value, wide) : -EINVAL;
}

int sys_clock_gettime(uint32_t clock, uint32_t address)
{
    return get_clock(clock, address, false);
}

int sys_clock_gettime64(uint32_t clock, uint32_t address)
{
    return get_clock(clock, address, true);
}

static int set_clock(uint32_t clock, uint32_t address, bool wide)
{
    uint64_t value;
    int error = clock == CLOCK_REALTIME ? time_from_user(&value, address, wide) : -EINVAL;

    if (error)
        return error;
    if (!is_privileged())
        return -EPERM;
    return time_set_wall(value);
}

int sys_clock_settime(uint32_t clock, uint32_t address)
{
    return set_clock(clock, address, false);
}

int sys_clock_settime64(uint32_t clock, uint32_t address)
{
    return set_clock(clock, address, true);
}

int sys_settimeofday(uint32_t time, uint32_t zone)
{
    struct timespec32 t, none;

    if ((time && take_user(t, time)) || (zone && take_user(none, zone)))
        return -EFAULT;
    if (!is_privileged())
        return -EPERM;
    if (!time)
        return 0; /* the zone is not kept: gettimeofday() says UTC */
    if (t.seconds < 0 || (uint32_t)t.nanoseconds >= 1000000)
        return -EINVAL;
    return time_set_wall((uint64_t)(uint32_t)t.seconds * NANOSECONDS +
                         (uint32_t)t.nanoseconds * 1000);
}

int sys_stime(uint32_t address)
{
    int32_t seconds;

    if (!is_privileged())
        return -EPERM;
    if (take_user(seconds, address))
        return -EFAULT;
    return time_set_wall((uint64_t)(uint32_t)seconds * NANOSECONDS);
}

static int get_resolution(uint32_t clock, uint32_t address, bool wide)
{
    uint64_t value;

    if (!clock_read(clock, &value))
        return -EINVAL;
    return address ? give_time(address, clock_waits(clock) ? 1 : NANOSECONDS / TICK_HZ, wide) : 0;
}

int sys_clock_getres(uint32_t clock, uint32_t address)
{
    return get_resolution(clock, address, false);
}

int sys_clock_getres_time64(uint32_t clock, uint32_t address)
{
    return get_resolution(clock, address, true);
}

static int sleep_on(uint32_t clock, uint32_t flags, uint32_t request, uint32_t remaining, bool wide)
{
    uint64_t amount, reading;
    int error = time_from_user(&amount, request, wide);

    if (error)
        return error;
    if (!clock_read(clock, &reading) || !clock_waits(clock))
        return -EINVAL;
    uint64_t deadline = wait_deadline(clock_deadline(clock, amount, flags & TIMER_ABSOLUTE)), now;
    while ((error = wait_in(NULL, deadline)) == 0)
        ;
    if (error == -EAGAIN)
        return 0;
    now = arch_clock();
    if (remaining && !(flags & TIMER_ABSOLUTE) &&
        give_time(remaining, deadline > now ? deadline - now : 0, wide))
        return -EFAULT;
    return -EINTR;
}

int sys_nanosleep(uint32_t request, uint32_t remaining)
{
    return sleep_on(CLOCK_MONOTONIC, 0, request, remaining, false);
}

int sys_clock_nanosleep(uint32_t clock, uint32_t flags, uint32_t request, uint32_t remaining)
{
    return sleep_on(clock, flags, request, remaining, false);
}

int sys_clock_nanosleep_time64(uint32_t clock, uint32_t flags, uint32_t request, uint32_t remaining)
{
    return sleep_on(clock, flags, request, remaining, true);
}
