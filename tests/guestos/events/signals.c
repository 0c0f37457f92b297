/* SPDX-License-Identifier: GPL-2.0-only */
/* signals.c - who sent a signal, with what, when, and to whom */
#include "tests/guestos/events/events.h"

static volatile int taken;
static siginfo_t told[8];

static void take(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)context;
    if (taken < 8)
        told[taken] = *info;
    taken++;
}

static void handle(int signal, int flags)
{
    struct sigaction action = {.sa_sigaction = take, .sa_flags = SA_SIGINFO | flags};

    sigaction(signal, &action, NULL);
    taken = 0;
    memset(told, 0, sizeof(told));
}

const char *test_sender(void)
{
    handle(SIGUSR1, 0);
    kill(getpid(), SIGUSR1);
    if (taken != 1 || told[0].si_code != SI_USER || told[0].si_pid != getpid())
        return "kill() does not say who";
    raise(SIGUSR1);
    if (taken != 2 || told[1].si_code != SI_TKILL)
        return "raise() is not by tgkill()";
    pid_t pid = fork();
    if (!pid)
        _exit(kill(getppid(), SIGUSR1));
    wait_for(pid);
    return taken != 3 || told[2].si_pid != pid ? "a child's signal is not its own" : NULL;
}

const char *test_queued(void)
{
    sigset_t set, old;

    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN + 1);
    sigaddset(&set, SIGUSR2);
    handle(SIGRTMIN + 1, 0);
    sigprocmask(SIG_BLOCK, &set, &old);
    for (int i = 0; i < 3; i++) {
        sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 40 + i});
        sigqueue(getpid(), SIGUSR2, (union sigval){.sival_int = 50 + i});
    }
    siginfo_t info;
    struct timespec none = {0, 0};
    sigset_t user;
    sigemptyset(&user);
    sigaddset(&user, SIGUSR2);
    if (sigtimedwait(&user, &info, &none) != SIGUSR2 || info.si_int != 50 ||
        info.si_code != SI_QUEUE || sigtimedwait(&user, &info, &none) != -1 || errno != EAGAIN)
        return "a signal below 32 does not wait once, with its first value";
    sigprocmask(SIG_SETMASK, &old, NULL);
    if (taken != 3)
        return "those from 32 on do not all come";
    for (int i = 0; i < 3; i++)
        if (told[i].si_int != 40 + i || told[i].si_pid != getpid())
            return "they come out of order";
    return NULL;
}

const char *test_child_told(void)
{
    handle(SIGCHLD, SA_RESTART);
    pid_t pid = fork();
    if (!pid)
        _exit(23);
    int status = wait_for(pid);
    if (WEXITSTATUS(status) != 23 || taken != 1 || told[0].si_code != CLD_EXITED ||
        told[0].si_pid != pid || told[0].si_status != 23)
        return "an exit is not told";
    taken = 0;
    pid = fork();
    if (!pid)
        for (;;)
            pause();
    kill(pid, SIGSTOP);
    waitpid(pid, &status, WUNTRACED);
    if (!WIFSTOPPED(status) || told[0].si_code != CLD_STOPPED || told[0].si_status != SIGSTOP)
        return "a stop is not told";
    siginfo_t info;
    kill(pid, SIGCONT);
    if (waitid(P_PID, (id_t)pid, &info, WCONTINUED) || info.si_code != CLD_CONTINUED)
        return "waitid() does not tell of going on";
    kill(pid, SIGKILL);
    if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) || info.si_code != CLD_KILLED ||
        info.si_status != SIGKILL || waitid(P_ALL, 0, &info, WEXITED) || info.si_pid != pid)
        return "waitid() does not look and then take";
    signal(SIGCHLD, SIG_DFL);
    return waitid(P_ALL, 0, &info, WEXITED) != -1 || errno != ECHILD ? "a child is left" : NULL;
}

static void skip_fault(int signal, siginfo_t *info, void *context)
{
    static const int load_bytes = 2; /* movl (%eax), %eax */

    take(signal, info, context);
    ((ucontext_t *)context)->uc_mcontext.gregs[REG_EIP] += load_bytes;
}

static void load(void *address)
{
    __asm__ volatile("movl (%%eax), %%eax" : "+a"(address) : : "memory");
}

const char *test_fault_told(void)
{
    struct sigaction action = {.sa_sigaction = skip_fault, .sa_flags = SA_SIGINFO};
    void *closed = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    taken = 0;
    sigaction(SIGSEGV, &action, NULL);
    load((void *)16);
    load((char *)closed + 8);
    signal(SIGSEGV, SIG_DFL);
    munmap(closed, 4096);
    if (taken != 2 || told[0].si_code != SEGV_MAPERR || told[0].si_addr != (void *)16)
        return "nothing there";
    return told[1].si_code != SEGV_ACCERR || told[1].si_addr != (char *)closed + 8 ? "no right"
                                                                                   : NULL;
}

const char *test_signalfd(void)
{
    sigset_t set, old;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, &old);
    int fd = signalfd(-1, &set, SFD_NONBLOCK), poll = epoll_create1(0);
    struct signalfd_siginfo info;
    if (fd < 0 || !watch(poll, EPOLL_CTL_ADD, fd, EPOLLIN) || ready(poll) != 0)
        return "it is ready at once";
    if (read(fd, &info, sizeof(info)) != -1 || errno != EAGAIN)
        return "something is read at once";
    pid_t pid = fork();
    if (!pid)
        _exit(kill(getppid(), SIGUSR1));
    struct epoll_event e;
    if (epoll_wait(poll, &e, 1, 5000) != 1 || read(fd, &info, sizeof(info)) != sizeof(info) ||
        info.ssi_signo != SIGUSR1 || info.ssi_pid != (uint32_t)pid)
        return "the signal is not read";
    wait_for(pid);
    close(fd);
    close(poll);
    sigprocmask(SIG_SETMASK, &old, NULL);
    return NULL;
}

const char *test_timer(void)
{
    struct sigevent event = {
        .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 77};
    struct itimerspec t = {{0, 20000000}, {0, 20000000}}, none = {{0, 0}, {0, 0}};
    timer_t timer;
    sigset_t set, old;

    handle(SIGRTMIN, 0);
    if (timer_create(CLOCK_MONOTONIC, &event, &timer) || timer_settime(timer, 0, &t, NULL))
        return "cannot set it";
    while (taken < 3)
        pause();
    if (told[0].si_code != SI_TIMER || told[0].si_int != 77)
        return "it does not say what it is";
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &set, &old);
    double end = now() + 0.2;
    while (now() < end)
        pass_time(0.01);
    taken = 0;
    timer_settime(timer, 0, &none, NULL);
    sigprocmask(SIG_SETMASK, &old, NULL);
    if (taken > 1)
        return "its signal waits more than once";
    return timer_delete(timer) || timer_delete(timer) != -1 || errno != EINVAL ? "it does not go"
                                                                               : NULL;
}

/* A stop in the middle does not make a sleep longer. */
const char *test_sleep_goes_on(void)
{
    double start = now();
    pid_t pid = fork();

    if (!pid) {
        pass_time(0.4);
        _exit(0);
    }
    pass_time(0.1);
    kill(pid, SIGSTOP);
    waitpid(pid, NULL, WUNTRACED);
    pass_time(0.1);
    kill(pid, SIGCONT);
    wait_for(pid);
    return now() - start < 0.4 ? "it is shorter" : now() - start > 0.48 ? "it begins anew" : NULL;
}

const char *test_cpu_timers(void)
{
    struct itimerval t = {{0, 0}, {0, 50000}};
    clock_t used = clock();

    for (double end = now() + 0.1; now() < end;)
        ;
    used = clock() - used;
    if (used < CLOCKS_PER_SEC / 20 || used > CLOCKS_PER_SEC / 5)
        return "what a process has used is wrong";
    handle(SIGVTALRM, 0);
    setitimer(ITIMER_VIRTUAL, &t, NULL);
    pass_time(0.2);
    if (taken)
        return "it runs while the process sleeps";
    double end = now() + 20;
    while (!taken && now() < end)
        ;
    return taken != 1 ? "it does not end" : NULL;
}

enum awaited { BYTES, LOCK, AWAITED };

/*
 * Waits for one thing, of which it hears together with a signal: that the signal does not take it
 * away.
 */
static bool has_awaited(enum awaited what, int pipe_end, int file)
{
    char c;

    handle(SIGUSR1, 0);
    return (what == BYTES ? read(pipe_end, &c, 1) == 1 : !flock(file, LOCK_EX)) && taken == 1;
}

/* What comes first, counts, be the signal there when the sleeper runs. */
const char *test_awaited_and_signal(void)
{
    static const char *const wrong[AWAITED] = {"bytes are not read", "a lock is not given"};
    cpu_set_t all, first;
    int end[2];

    CPU_ZERO(&first);
    CPU_SET(0, &first);
    sched_getaffinity(0, sizeof(all), &all);
    sched_setaffinity(0, sizeof(first), &first);
    for (enum awaited what = BYTES; what < AWAITED; what++) {
        int file = open("/tmp/awaited", O_RDWR | O_CREAT, 0600);

        if (pipe(end) || flock(file, LOCK_EX))
            return "cannot make it";
        pid_t pid = fork();
        if (!pid)
            _exit(!has_awaited(what, end[0], open("/tmp/awaited", O_RDWR)));
        pass_time(0.03);
        if (what == BYTES && write(end[1], "x", 1) != 1)
            return "write";
        if (what == LOCK)
            flock(file, LOCK_UN);
        kill(pid, SIGUSR1);
        if (wait_for(pid))
            return wrong[what];
        close(file);
        close(end[0]);
        close(end[1]);
    }
    sched_setaffinity(0, sizeof(all), &all);
    return NULL;
}
