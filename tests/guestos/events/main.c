/* SPDX-License-Identifier: GPL-2.0-only */
/* main.c - see events.h; runs as init, or with an argument only the tests whose names contain it */
#include "tests/guestos/events/events.h"
#include "tests/guestos/verdict.h"

int wait_for(pid_t pid)
{
    int status = -1;
    pid_t ended;

    do
        ended = waitpid(pid, &status, 0);
    while (ended == -1 && errno == EINTR);
    return ended == pid ? status : -1;
}

/* In a child as another user: the verdict's exit status, 0 if all is well. */
bool as_nobody(bool (*body)(void))
{
    pid_t pid = fork();

    if (!pid)
        _exit(setgid(NOBODY) || setuid(NOBODY) || !body());
    return wait_for(pid) == 0;
}

double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void pass_time(double seconds)
{
    struct timespec t = {0, (long)(seconds * 1e9)};

    nanosleep(&t, NULL);
}

static const struct test tests[] = {
    {"epoll", test_epoll},
    {"epoll in epoll", test_epoll_nested},
    {"eventfd", test_eventfd},
    {"timerfd", test_timerfd},
    {"who sent a signal", test_sender},
    {"queued signals", test_queued},
    {"what is awaited and a signal", test_awaited_and_signal},
    {"what a child did", test_child_told},
    {"what a fault was", test_fault_told},
    {"signalfd", test_signalfd},
    {"timers", test_timer},
    {"a sleep with a stop", test_sleep_goes_on},
    {"timers of the processor", test_cpu_timers},
    {"locks", test_locks},
    {"deadlock", test_deadlock},
    {"vectors and descriptors", test_vectors},
    {"files that send signals", test_async},
    {"to whom they may", test_async_rights},
    {"ioctl() of every file", test_ioctl},
    {"users", test_users},
    {"looking into processes", test_looking},
    {"limits", test_limits},
    {"many processes", test_process_limit},
    {"many descriptors", test_many_descriptors},
    {"priorities", test_priority},
    {"clocks of processes", test_process_clocks},
    {"counts of page faults", test_fault_count},
    {"real-time policies", test_real_time},
    {"signal() as it was", test_old_signal},
    {"ptrace: system calls", test_trace_calls},
    {"ptrace: signals", test_trace_signals},
    {"ptrace: steps and breakpoints", test_trace_steps},
    {"ptrace: children", test_trace_children},
    {"ptrace: attaching", test_trace_attach},
};

int main(int argc, char **argv)
{
    if (argc > 1 && !strcmp(argv[1], "pause")) /* as a child's program */
        return pause();
    int failed = run_tests(tests, sizeof(tests) / sizeof(tests[0]), argc > 1 ? argv[1] : NULL);
    return conclude("events", failed);
}
