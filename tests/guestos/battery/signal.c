/* SPDX-License-Identifier: GPL-2.0-only */
/* signal.c - signals */
#include "tests/guestos/battery/battery.h"

static void raise_kill(void)
{
    kill(getpid(), SIGKILL);
}

const char *test_kill(void)
{
    int raised = run_and_reap(raise_kill);

    if (!WIFSIGNALED(raised) || WTERMSIG(raised) != SIGKILL)
        return "SIGKILL to oneself";
    pid_t pid = fork();
    if (!pid)
        for (;;)
            pause();
    struct timespec t = {0, 20000000};
    nanosleep(&t, NULL);
    kill(pid, SIGTERM);
    int status = wait_for(pid);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM ? NULL
                                                              : "SIGTERM does not end a sleeper";
}

static volatile sig_atomic_t caught, caught_address;

static void catch_plain(int signal)
{
    caught = signal;
}

static void catch_info(int signal, siginfo_t *info, void *context)
{
    (void)context;
    caught = signal;
    caught_address = (int)(intptr_t)info->si_addr;
    mprotect((void *)((intptr_t)info->si_addr & -PAGE), PAGE, PROT_READ | PROT_WRITE);
}

const char *test_signals(void)
{
    struct sigaction action = {.sa_handler = catch_plain};
    volatile double x = 1.5;

    sigaction(SIGUSR1, &action, NULL);
    kill(getpid(), SIGUSR1);
    if (caught != SIGUSR1 || x * 2 != 3.0)
        return "a handler did not run, or broke the FPU";
    sigset_t set, old;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, &old);
    caught = 0;
    raise(SIGUSR1);
    if (caught)
        return "a blocked signal arrives";
    sigprocmask(SIG_SETMASK, &old, NULL);
    if (caught != SIGUSR1)
        return "an unblocked signal does not arrive";
    struct sigaction info = {.sa_sigaction = catch_info, .sa_flags = SA_SIGINFO};
    sigaction(SIGSEGV, &info, NULL);
    volatile char *p = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    p[100] = 1;
    signal(SIGSEGV, SIG_DFL);
    if (caught != SIGSEGV || caught_address != (int)(intptr_t)&p[100])
        return "a fault's handler does not get its address";
    /*
     * A sleeping read is restarted after the handler of an alarm, and interrupted without
     * SA_RESTART.
     */
    int end[2];
    char c;
    if (pipe(end))
        return "pipe";
    action.sa_flags = SA_RESTART;
    sigaction(SIGALRM, &action, NULL);
    pid_t pid = fork();
    if (!pid) {
        struct timespec t = {0, 1300000000 - 1000000000};

        sleep(1);
        nanosleep(&t, NULL);
        _exit(write(end[1], "x", 1) != 1);
    }
    alarm(1);
    if (read(end[0], &c, 1) != 1 || caught != SIGALRM)
        return "a read is not restarted";
    wait_for(pid);
    action.sa_flags = 0;
    sigaction(SIGALRM, &action, NULL);
    alarm(1);
    if (read(end[0], &c, 1) != -1 || errno != EINTR)
        return "a read is not interrupted";
    close(end[0]);
    close(end[1]);
    return NULL;
}

const char *test_stop(void)
{
    pid_t pid = fork();

    if (!pid)
        for (;;)
            pause();
    int status;
    kill(pid, SIGSTOP);
    if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status) ||
        WSTOPSIG(status) != SIGSTOP)
        return "a stop is not reported";
    kill(pid, SIGTERM);
    struct timespec t = {0, 20000000};
    nanosleep(&t, NULL);
    if (waitpid(pid, &status, WNOHANG) != 0)
        return "a stopped process acts on a signal";
    kill(pid, SIGCONT);
    status = wait_for(pid);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM ? NULL : "it does not go on";
}

const char *test_sigwait(void)
{
    sigset_t set, old;
    siginfo_t info;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, &old);
    struct timespec soon = {0, 20000000};
    if (sigtimedwait(&set, &info, &soon) != -1 || errno != EAGAIN)
        return "a wait for nothing does not time out";
    kill(getpid(), SIGUSR1);
    if (sigwaitinfo(&set, &info) != SIGUSR1 || info.si_signo != SIGUSR1)
        return "a pending signal is not taken";
    pid_t pid = fork();
    if (!pid)
        _exit(0);
    int taken = sigwaitinfo(&set, NULL); /* ignored by default, but waited for */
    wait_for(pid);
    sigprocmask(SIG_SETMASK, &old, NULL);
    return taken == SIGCHLD ? NULL : "the child's end is not seen";
}

/* Nobody ends or stops process 1 by a signal that it has not asked for, not even itself. */
const char *test_init_stays(void)
{
    static const int fatal[] = {SIGTERM, SIGKILL, SIGSTOP, SIGTRAP, SIGHUP, SIGSEGV};

    if (getpid() != 1)
        return NULL;
    for (unsigned i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++) {
        pid_t pid = fork();

        if (!pid)
            _exit(kill(1, fatal[i]) != 0);
        if (wait_for(pid) || kill(1, fatal[i]))
            return "it cannot even be sent";
    }
    sigset_t term, old;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, &old);
    kill(1, SIGTERM);
    sigprocmask(SIG_SETMASK, &old, NULL); /* where it would arrive now */
    return NULL;
}
