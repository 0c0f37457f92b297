/* SPDX-License-Identifier: GPL-2.0-only */
/* asked.c - clocks, policies and counts that servers, rt-tests and strace ask for */
#include "tests/guestos/events/events.h"

#include <pthread.h>
#include <sys/syscall.h>

static double seconds(clockid_t clock)
{
    struct timespec t = {0, 0};

    return clock_gettime(clock, &t) ? -1 : (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void spin(double until)
{
    for (double begun = now(); now() - begun < until;)
        ;
}

const char *test_process_clocks(void)
{
    clockid_t mine, thread, theirs;
    pid_t child = fork();

    if (!child) {
        spin(0.1);
        pause();
    }
    spin(0.05);
    if (clock_getcpuclockid(0, &mine) || pthread_getcpuclockid(pthread_self(), &thread))
        return "no clocks of one's own";
    if (seconds(mine) < 0.03 || seconds(thread) < 0.03)
        return "they do not go";
    if (clock_getcpuclockid(child, &theirs))
        return "no clock of another process";
    for (double begun = now(); seconds(theirs) < 0.05;)
        if (now() - begun > 5)
            return "a child's clock does not go";
    struct timespec none = {0, 0};
    if (clock_settime(mine, &none) != -1)
        return "it can be set";
    kill(child, SIGKILL);
    wait_for(child);
    return clock_getcpuclockid(child, &theirs) != ESRCH ? "the clock of nobody" : NULL;
}

static uint64_t faults(int who)
{
    struct rusage usage;

    return getrusage(who, &usage) ? 0 : (uint64_t)usage.ru_minflt;
}

static bool touch(unsigned pages)
{
    char *memory =
        mmap(NULL, pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED)
        return false;
    for (unsigned i = 0; i < pages; i++)
        memory[i * 4096] = 1;
    return !munmap(memory, pages * 4096);
}

const char *test_fault_count(void)
{
    uint64_t before = faults(RUSAGE_SELF), of_children = faults(RUSAGE_CHILDREN);

    if (!touch(50) || faults(RUSAGE_SELF) - before < 50 || faults(RUSAGE_SELF) - before > 60)
        return "50 pages are not 50 faults";
    pid_t child = fork();
    if (!child)
        _exit(!touch(200));
    return wait_for(child) || faults(RUSAGE_CHILDREN) - of_children < 200 ? "a child's" : NULL;
}

static bool set_policy(pid_t pid, int policy, int priority)
{
    struct sched_param parameter = {.sched_priority = priority};

    return !sched_setscheduler(pid, policy, &parameter);
}

static bool nobody_is_refused(void)
{
    return !set_policy(0, SCHED_FIFO, 1) && errno == EPERM && set_policy(0, SCHED_BATCH, 0);
}

/* A child on processor 0 that waits for a byte and then says its letter. */
static pid_t contender(int start, int result, char letter, int policy, int priority)
{
    pid_t pid = fork();

    if (pid)
        return pid;
    char c;
    if (!set_policy(0, policy, priority) || write(result, "r", 1) != 1 || read(start, &c, 1) != 1)
        _exit(1);
    spin(0.03);
    _exit(write(result, &letter, 1) != 1);
}

/* Who is released while nothing else can run goes by priority, and then by who came first. */
static const char *run_in_order(void)
{
    static const struct {
        char letter;
        int policy, priority;
    } all[] = {{'e', SCHED_OTHER, 0},
               {'c', SCHED_FIFO, 10},
               {'d', SCHED_FIFO, 10},
               {'a', SCHED_RR, 40},
               {'b', SCHED_FIFO, 20}};
    int start[5][2], result[2];
    char said[16];

    if (pipe(result))
        return "pipe";
    for (unsigned i = 0; i < 5; i++) {
        if (pipe(start[i]) ||
            contender(start[i][0], result[1], all[i].letter, all[i].policy, all[i].priority) < 0 ||
            read(result[0], said, 1) != 1)
            return "a contender does not start";
    }
    pass_time(0.05);
    for (unsigned i = 0; i < 5; i++)
        if (write(start[i][1], "x", 1) != 1)
            return "start";
    for (unsigned i = 0; i < 5; i++)
        if (read(result[0], said + i, 1) != 1 || wait(NULL) < 0)
            return "a contender does not end";
    return memcmp(said, "abcde", 5) ? "another order" : NULL;
}

const char *test_real_time(void)
{
    struct sched_param parameter;
    struct timespec share;
    cpu_set_t all, first;

    if (set_policy(0, SCHED_FIFO, 0) || set_policy(0, SCHED_FIFO, 100) ||
        set_policy(0, SCHED_OTHER, 1))
        return "a priority that there is not";
    if (!as_nobody(nobody_is_refused))
        return "somebody without the right";
    if (!set_policy(0, SCHED_RR | SCHED_RESET_ON_FORK, 50) ||
        sched_getscheduler(0) != (SCHED_RR | SCHED_RESET_ON_FORK) ||
        sched_getparam(0, &parameter) || parameter.sched_priority != 50 ||
        sched_rr_get_interval(0, &share) || !share.tv_nsec)
        return "it is not what was set";
    pid_t child = fork();
    if (!child)
        _exit(sched_getscheduler(0) != SCHED_OTHER);
    if (wait_for(child))
        return "a child has its parent's in spite of SCHED_RESET_ON_FORK";
    sched_getaffinity(0, sizeof(all), &all);
    CPU_ZERO(&first);
    CPU_SET(0, &first);
    sched_setaffinity(0, sizeof(first), &first);
    set_policy(0, SCHED_FIFO, 90);
    const char *wrong = run_in_order();
    set_policy(0, SCHED_OTHER, 0);
    sched_setaffinity(0, sizeof(all), &all);
    return wrong;
}

static volatile sig_atomic_t handled;

static void handler(int signal)
{
    (void)signal;
    handled++;
}

/* signal(2) itself: the C library's is made of sigaction(). */
const char *test_old_signal(void)
{
    if (syscall(SYS_signal, SIGKILL, handler) != -1 || errno != EINVAL)
        return "SIGKILL can be handled";
    if (syscall(SYS_signal, SIGUSR2, handler))
        return "there was a handler";
    raise(SIGUSR2);
    if (handled != 1)
        return "it is not called";
    return (void *)syscall(SYS_signal, SIGUSR2, SIG_IGN) != (void *)SIG_DFL
               ? "it stays after one signal"
           : signal(SIGUSR2, SIG_DFL) != SIG_IGN ? "the former one"
                                                 : NULL;
}
